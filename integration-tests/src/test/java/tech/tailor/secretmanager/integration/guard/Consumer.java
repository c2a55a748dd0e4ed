package tech.tailor.secretmanager.integration.guard;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A user's program: compiled against the library with every warning an error, and run in a JVM of
 * its own.
 */
final class Consumer {

  /** What is on the test's class path for the tests' own sake, and not the library's. */
  private static final List<String> NOT_FOR_USERS = List.of(
      "jspecify",
      "junit-",
      "opentest4j",
      "apiguardian",
      "assertj",
      "byte-buddy",
      "archunit",
      "slf4j",
      "jackson-databind",
      "jackson-annotations",
      // The command line's, which is a program and no library.
      "jackson-dataformat-yaml",
      "picocli",
      "progressbar",
      "jline",
      "surefire",
      // etcd's, which are modules by their file names at best.
      "jetcd",
      "grpc-",
      "vertx-",
      "netty-",
      "guava",
      "listenablefuture",
      "failureaccess",
      "failsafe",
      "perfmark",
      "proto-google",
      "javax.annotation",
      "gson",
      "protobuf",
      "jazzer",
      "wiremock");

  private Consumer() {}

  /**
   * What a run of a program gave.
   *
   * @param exitCode 0 if it went well
   * @param output its standard output
   * @param errors its standard error
   */
  record Run(int exitCode, String output, String errors) {}

  /** The jars and directories that a user has: the modules, and what they need at run time. */
  static List<Path> libraryPath() {
    Stream<Path> modules = Stream.of(LibraryModule.values())
        .filter(module -> !Set.of(LibraryModule.TESTING, LibraryModule.CLI, LibraryModule.ETCD)
            .contains(module))
        .map(LibraryModule::location);
    Stream<Path> jars = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .filter(jar -> NOT_FOR_USERS.stream().noneMatch(jar.getFileName().toString()::startsWith))
        .filter(jar -> !jar.getFileName().toString().startsWith("secretmanager-"));
    return Stream.concat(modules, jars).distinct().toList();
  }

  static String join(List<Path> path) {
    return path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Runs {@code java} with the given arguments, without what the environment would add. */
  static Run java(Path directory, List<String> arguments) {
    try {
      Path output = Files.createTempFile(directory, "output", ".txt");
      Path errors = Files.createTempFile(directory, "errors", ".txt");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(directory.toFile())
          .redirectOutput(output.toFile())
          .redirectError(errors.toFile());
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.contains("JAVA") || name.contains("JDK"));
      Process process = builder.start();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IllegalStateException("The program did not end: " + command);
      }
      return new Run(process.exitValue(), Files.readString(output), Files.readString(errors));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
