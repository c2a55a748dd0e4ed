package tech.tailor.secretmanager.integration.published;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Maven that runs this build, for a run of its own. Where the build doesn't say which Maven
 * that is, as in an IDE, it is the {@code mvn} on the path with its usual local repository.
 */
final class Maven {

  private static final boolean WINDOWS = File.separatorChar == '\\';

  /** The first run of a suite may download a few thousand small files. */
  private static final long PATIENCE_MINUTES = 60;

  private Maven() {}

  static Path localRepository() {
    String local = System.getProperty("maven.localRepository");
    return local != null
        ? Path.of(local)
        : Path.of(System.getProperty("user.home"), ".m2/repository");
  }

  /** Runs Maven in a directory, on the JDK of this test, and returns all that it printed. */
  static String run(Path directory, List<String> arguments) {
    try {
      Path log = Files.createTempFile(directory, "maven", ".log");
      List<String> command = new ArrayList<>(
          List.of(executable(), "-B", "-ntp", "-Dmaven.repo.local=" + localRepository()));
      String settings = System.getProperty("maven.userSettings", "");
      if (Files.isRegularFile(Path.of(settings))) {
        command.addAll(List.of("-s", settings));
      }
      command.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(directory.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      builder.environment().remove("MAVEN_DEBUG_OPTS"); // which would make it wait for a debugger
      Process process = builder.start();
      try {
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
          throw new IllegalStateException("Maven did not end: " + Files.readString(log));
        }
      } finally {
        process.destroyForcibly();
      }
      return Files.readString(log);
    } catch (IOException e) {
      throw new IllegalStateException("Maven can't be run: put `mvn` on the path", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String executable() {
    String mvn = WINDOWS ? "mvn.cmd" : "mvn";
    String home = System.getProperty("maven.home");
    return home == null ? mvn : Path.of(home, "bin", mvn).toString();
  }
}
