package tech.tailor.secretmanager.integration.guard;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The constructors and methods that users of a type can call, and calling them. */
public final class PublicCalls {

  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait");
  private static final Set<String> OF_EVERY_ENUM = Set.of(
      "values",
      "valueOf",
      "name",
      "ordinal",
      "compareTo",
      "getDeclaringClass",
      "describeConstable");

  private PublicCalls() {}

  /**
   * The public constructors, factories and methods of the type, those from the library's supertypes
   * included, in a fixed order. What every object, enum and throwable has is left out.
   */
  public static List<Executable> of(Class<?> type) {
    Map<String, Executable> calls = new LinkedHashMap<>();
    if (!Modifier.isAbstract(type.getModifiers())) {
      Stream.of(type.getConstructors()).forEach(call -> calls.put(describe(call), call));
    }
    Stream.of(type.getMethods())
        .filter(method -> !method.isSynthetic() && !method.isBridge())
        .filter(method -> method.getDeclaringClass().getPackageName().startsWith("tech.tailor."))
        .filter(method -> !method.getName().equals("main")) // a program, which runs until stopped
        .filter(method -> !OF_EVERY_OBJECT.contains(method.getName()))
        .filter(method -> !(type.isEnum() && OF_EVERY_ENUM.contains(method.getName())))
        .sorted(Comparator.comparing(PublicCalls::describe))
        .forEach(method -> calls.putIfAbsent(describe(method), method));
    List<Executable> sorted = new ArrayList<>(calls.values());
    sorted.sort(Comparator.comparing(PublicCalls::describe));
    return sorted;
  }

  /** Such as {@code getSecret(String, String)}. */
  public static String describe(Executable call) {
    String name = call instanceof Constructor ? "new" : call.getName();
    return name
        + Stream.of(call.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Whether the call needs an instance. */
  public static boolean needsInstance(Executable call) {
    return call instanceof Method && !Modifier.isStatic(call.getModifiers());
  }

  /** Calls it, and throws what it throws. */
  public static Object call(Executable call, Object instance, Object... arguments)
      throws Throwable {
    try {
      call.setAccessible(true);
      return call instanceof Constructor<?> constructor
          ? constructor.newInstance(arguments)
          : ((Method) call).invoke(instance, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
