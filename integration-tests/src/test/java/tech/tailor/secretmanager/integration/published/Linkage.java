package tech.tailor.secretmanager.integration.published;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.FieldAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The methods and fields of third parties that jars of the library use. It tells whether a class
 * path has them all, also where no run of an application passes.
 */
final class Linkage {

  /** Not a third party's, or of annotations. */
  private static final List<String> NOT_CHECKED =
      List.of("[", "java.", "javax.", "tech.tailor.", "org.jspecify.");

  /**
   * What some part of the library needs, and an application without that part need not have. Where
   * it is there, it is checked.
   */
  private static final List<String> OPTIONAL = List.of(
      "com.fasterxml.jackson.dataformat.yaml.",
      "com.github.tomakehurst.wiremock.",
      "com.google.protobuf.",
      "org.assertj.",
      "org.junit.",
      "org.opentest4j.",
      "org.springframework.");

  /** By the use, written as a linkage error would say it: one of the classes that use it. */
  private final Map<Use, String> users = new TreeMap<>();

  static {
    // By default it logs each class that it reads.
    ((Logger) LoggerFactory.getLogger("com.tngtech.archunit")).setLevel(Level.WARN);
  }

  private Linkage() {}

  /**
   * A method or a field, and the class by which it is used.
   *
   * @param member its name and the types of its parameters, or the name of a field
   * @param type what it returns, or what a field holds
   */
  private record Use(String owner, String member, String type) implements Comparable<Use> {

    static Use of(JavaAccess<?> access) {
      AccessTarget target = access.getTarget();
      String owner = target.getOwner().getName();
      if (target instanceof FieldAccessTarget field) {
        return new Use(owner, field.getName(), field.getRawType().getName());
      }
      CodeUnitAccessTarget call = (CodeUnitAccessTarget) target;
      Stream<String> parameters = call.getRawParameterTypes().stream().map(JavaClass::getName);
      return new Use(
          owner, method(call.getName(), parameters), call.getRawReturnType().getName());
    }

    private static String method(String name, Stream<String> parameters) {
      return name + parameters.collect(Collectors.joining(", ", "(", ")"));
    }

    private static String method(String name, Class<?>[] parameters) {
      return method(name, Arrays.stream(parameters).map(Class::getName));
    }

    /** In the type itself, or in one that it extends or implements. */
    boolean isIn(@Nullable Class<?> type) {
      return type != null
          && (isDeclaredBy(type)
              || isIn(type.getSuperclass())
              || Arrays.stream(type.getInterfaces()).anyMatch(this::isIn)
              || type.isInterface() && isDeclaredBy(Object.class));
    }

    private boolean isDeclaredBy(Class<?> declaring) {
      Stream<Use> members = Stream.of(
              Arrays.stream(declaring.getDeclaredFields())
                  .map(field -> new Use(owner, field.getName(), field.getType().getName())),
              Arrays.stream(declaring.getDeclaredConstructors())
                  .map(each -> new Use(owner, method("<init>", each.getParameterTypes()), "void")),
              Arrays.stream(declaring.getDeclaredMethods())
                  .map(each -> new Use(
                      owner,
                      method(each.getName(), each.getParameterTypes()),
                      each.getReturnType().getName())))
          .flatMap(each -> each);
      return members.anyMatch(this::equals);
    }

    @Override
    public int compareTo(Use other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return type + " " + owner + "." + member;
    }
  }

  /** What the library's jars on a class path use. */
  static Linkage ofLibrary(List<Path> classPath) {
    List<Location> locations = classPath.stream()
        .filter(jar -> jar.getFileName().toString().startsWith("secretmanager-"))
        .map(jar -> Location.of(URI.create("jar:" + jar.toUri() + "!/")))
        .toList();
    Linkage linkage = new Linkage();
    for (JavaClass type : new ClassFileImporter().importLocations(locations)) {
      type.getAccessesFromSelf().stream()
          .map(Use::of)
          .filter(use -> NOT_CHECKED.stream().noneMatch(use.owner()::startsWith))
          .forEach(use -> linkage.users.put(use, type.getName()));
    }
    return linkage;
  }

  /** The uses that would end in a {@link LinkageError} with a class path. */
  List<String> broken(List<Path> classPath) {
    URL[] urls = classPath.stream().map(Linkage::url).toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      return users.entrySet().stream()
          .filter(use -> !exists(use.getKey(), loader))
          .map(use -> use.getKey() + ", used by " + use.getValue())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean exists(Use use, ClassLoader loader) {
    try {
      return use.isIn(Class.forName(use.owner(), false, loader));
    } catch (ClassNotFoundException e) {
      return OPTIONAL.stream().anyMatch(use.owner()::startsWith);
    } catch (LinkageError e) {
      return false;
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
