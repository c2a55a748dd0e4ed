package tech.tailor.secretmanager.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file system in memory that {@code edit} needs. */
final class EditorMemory {

  static final Path DIRECTORY = Path.of("/dev/shm");

  private EditorMemory() {}

  /** Skips the test where there is none and it is needed. */
  static void assume(boolean isNeeded) throws IOException {
    boolean isThere =
        Files.isDirectory(DIRECTORY) && Files.getFileStore(DIRECTORY).type().equals("tmpfs");
    if (isNeeded && !isThere) {
      System.out.println("SKIPPED: there is no file system in memory at " + DIRECTORY);
    }
    assumeTrue(isThere || !isNeeded);
  }
}
