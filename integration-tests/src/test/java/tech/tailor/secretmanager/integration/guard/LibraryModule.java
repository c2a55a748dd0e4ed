package tech.tailor.secretmanager.integration.guard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A module of the library as it lies on the class path, a directory of classes or a jar: what is in
 * it, and what of that is public.
 */
public enum LibraryModule {
  /** The promises. */
  API("secretmanager-api", "tech.tailor.secretmanager.SecretManager"),
  /** The manager, the store in memory, declarations. */
  CLIENT("secretmanager-client", "tech.tailor.secretmanager.client.SecretManagers"),
  /** What encrypted stores share. */
  ENVELOPE("secretmanager-envelope", "tech.tailor.secretmanager.envelope.Envelope"),
  /** The store in a file. */
  FILE("secretmanager-file", "tech.tailor.secretmanager.file.FileSecretStore"),
  /** The store at Tailor Platform. */
  HTTP("secretmanager-http", "tech.tailor.secretmanager.http.HttpSecretStore"),
  /** The command line. */
  CLI("secretmanager-cli", "tech.tailor.secretmanager.cli.Main"),
  /** Database logins. */
  JDBC("secretmanager-jdbc", "tech.tailor.secretmanager.jdbc.SecretDataSource"),
  /** Masking of logs. */
  LOGGING("secretmanager-logging", "tech.tailor.secretmanager.logging.SecretMask"),
  /** Metrics. */
  MICROMETER(
      "secretmanager-micrometer", "tech.tailor.secretmanager.micrometer.SecretManagerMetrics"),
  /** For MicroProfile Config. */
  SMALLRYE("secretmanager-smallrye-config", "tech.tailor.secretmanager.smallrye.TailorSecretKeys"),
  /** The store in PostgreSQL. */
  POSTGRESQL(
      "secretmanager-postgresql", "tech.tailor.secretmanager.postgresql.PostgresSecretStore"),
  /** The store in etcd. */
  ETCD("secretmanager-etcd", "tech.tailor.secretmanager.etcd.EtcdSecretStore"),
  /** For Spring Boot. */
  SPRING(
      "secretmanager-spring-boot-starter",
      "tech.tailor.secretmanager.spring.SecretManagerAutoConfiguration"),
  /** The test kit. */
  TESTING("secretmanager-testing", "tech.tailor.secretmanager.testing.FakeSecretManager");

  private final String artifact;
  private final String knownClass;

  LibraryModule(String artifact, String knownClass) {
    this.artifact = artifact;
    this.knownClass = knownClass;
  }

  /** The artifact's name. */
  public String artifact() {
    return artifact;
  }

  /** The modules that are on the class path: a module whose first class is yet to come is not. */
  public static Set<LibraryModule> present() {
    return Stream.of(values())
        .filter(LibraryModule::isPresent)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private boolean isPresent() {
    String resource = "/" + knownClass.replace('.', '/') + ".class";
    return LibraryModule.class.getResource(resource) != null;
  }

  /** The directory or jar that holds the module's classes. */
  public Path location() {
    try {
      return Path.of(
          load(knownClass).getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The public types in exported packages, by name. Nested types count if all around them are
   * public.
   */
  public List<Class<?>> publicTypes() {
    Set<String> packages = exportedPackages();
    return classNames().stream()
        .<Class<?>>map(LibraryModule::load)
        .filter(type -> packages.contains(type.getPackageName()) && isPublic(type))
        .toList();
  }

  /** The exported packages; all of them where the module has no descriptor of its own. */
  public Set<String> exportedPackages() {
    ModuleDescriptor descriptor = ModuleFinder.of(location()).findAll().stream()
        .map(reference -> reference.descriptor())
        .findFirst()
        .filter(found -> !found.isAutomatic())
        .orElse(null);
    if (descriptor != null) {
      return descriptor.exports().stream()
          .filter(export -> !export.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toUnmodifiableSet());
    }
    return classNames().stream()
        .map(name -> name.substring(0, name.lastIndexOf('.')))
        .collect(Collectors.toUnmodifiableSet());
  }

  private List<String> classNames() {
    Path location = location();
    if (Files.isDirectory(location)) {
      return classNames(location);
    }
    try (FileSystem jar = FileSystems.newFileSystem(location)) {
      return classNames(jar.getPath("/"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> classNames(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".class") && !file.startsWith("META-INF/"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .filter(name -> !name.equals("module-info") && !name.endsWith(".package-info"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
      return false;
    }
    Class<?> enclosing = type.getEnclosingClass();
    return (Modifier.isPublic(type.getModifiers()) || Modifier.isProtected(type.getModifiers()))
        && (enclosing == null || isPublic(enclosing));
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, LibraryModule.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name + " is not on the class path", e);
    }
  }
}
