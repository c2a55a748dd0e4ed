package tech.tailor.secretmanager.integration.published;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * A run of a program that has ended.
 *
 * @param exitCode 0 if all went well
 * @param output its standard output
 * @param errors its standard error
 */
record ApplicationRun(int exitCode, String output, String errors) {

  private static final String OVER_HTTP = "over http";

  /** What a run of {@link ReadsOneOfEach} gives that has read every secret. */
  static final ApplicationRun SUCCESS =
      new ApplicationRun(0, "from memory\nfrom a file\nover http\nover http\n", "");

  private static final long PATIENCE_MINUTES = 5;

  /**
   * Runs {@link ReadsOneOfEach} in a JVM of its own.
   *
   * @param javaHome the JDK
   * @param classPath what it has; the application's own class is added
   * @param server which it reads from over HTTP
   * @param directory for its files
   */
  static ApplicationRun on(
      Path javaHome, List<Path> classPath, SecretManagerEmulator server, Path directory)
      throws IOException {
    server.put(ReadsOneOfEach.VAULT, ReadsOneOfEach.NAME, OVER_HTTP);
    Path own = Files.createTempDirectory(directory, "run");
    return of(
        ReadsOneOfEach.class,
        javaHome,
        classPath,
        own,
        own.toString(),
        server.endpoint().toString(),
        server.workspaceId(),
        server.adminToken());
  }

  /**
   * Runs a program in a JVM of its own.
   *
   * @param program its main class
   * @param javaHome the JDK
   * @param classPath what it has; its own classes are added
   * @param directory an empty one, for its classes and what it prints
   */
  static ApplicationRun of(
      Class<?> program, Path javaHome, List<Path> classPath, Path directory, String... arguments)
      throws IOException {
    List<Path> withProgram = new ArrayList<>(classPath);
    withProgram.add(classesOf(program, directory));
    return of(program.getName(), javaHome, withProgram, directory, arguments);
  }

  /** Runs a program whose classes are on the class path. */
  static ApplicationRun of(
      String mainClass, Path javaHome, List<Path> classPath, Path directory, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("-cp", joined(classPath), mainClass));
    all.addAll(List.of(arguments));
    return of(javaHome, all, directory);
  }

  /**
   * Runs a JVM.
   *
   * @param arguments its options, the program and the program's arguments
   * @param directory for what it prints
   */
  static ApplicationRun of(Path javaHome, List<String> arguments, Path directory)
      throws IOException {
    Path output = directory.resolve("output.txt");
    Path errors = directory.resolve("errors.txt");
    List<String> command = new ArrayList<>(
        List.of(javaHome.resolve("bin/java").toString(), "-XX:TieredStopAtLevel=1"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.contains("JAVA") || name.contains("JDK"));
    Process process = builder.start();
    try {
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("The application did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
    return new ApplicationRun(
        process.exitValue(), Files.readString(output), Files.readString(errors));
  }

  /** A class path as an argument. */
  static String joined(List<Path> classPath) {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** A directory with the program's class and those in it, and nothing else of the tests'. */
  private static Path classesOf(Class<?> program, Path directory) throws IOException {
    Path classes = directory.resolve("classes");
    copyClasses(program, classes);
    return classes;
  }

  /** Copies the program's class, and those in it, below a directory. */
  static void copyClasses(Class<?> program, Path classes) throws IOException {
    List<Class<?>> all = new ArrayList<>(List.of(program));
    for (int i = 0; i < all.size(); i++) {
      all.addAll(List.of(all.get(i).getDeclaredClasses()));
    }
    for (Class<?> each : all) {
      String file = each.getName().replace('.', '/') + ".class";
      Path copy = classes.resolve(file);
      Files.createDirectories(copy.getParent());
      try (InputStream in = each.getResourceAsStream("/" + file)) {
        Files.copy(Objects.requireNonNull(in), copy);
      }
    }
  }
}
