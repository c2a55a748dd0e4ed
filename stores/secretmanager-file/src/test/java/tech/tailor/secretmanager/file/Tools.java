package tech.tailor.secretmanager.file;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this machine offers to a test that needs more than the JDK. */
final class Tools {

  private Tools() {}

  static boolean has(String program) {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)),
            Stream.of("/usr/sbin", "/sbin"))
        .filter(directory -> !directory.isEmpty())
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  static boolean isRoot() {
    try {
      Path self = Path.of("/proc/self");
      return Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0);
    } catch (IOException e) {
      return false;
    }
  }

  /** Skips the test, and says so, unless the condition holds. */
  static void require(boolean condition, String what, String reason) {
    if (!condition) {
      System.out.println("SKIPPED: " + what + ": " + reason);
    }
    assumeTrue(condition, "SKIPPED: " + reason);
  }
}
