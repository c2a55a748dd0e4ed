package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;

/** The store keeps one descriptor on its file and one on its lock, however often it reads. */
class DescriptorLeakTest {

  static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  @TempDir
  Path directory;

  @BeforeEach
  void needsLinux() {
    boolean linux = Files.isDirectory(DESCRIPTORS);
    if (!linux) {
      System.out.println("SKIPPED: descriptors can be counted on Linux only");
    }
    assumeTrue(linux, "SKIPPED: descriptors can be counted on Linux only");
  }

  @Test
  void manyReads_keepOneDescriptor() throws IOException {
    try (FileSecretStore writer = TestStore.create(directory)) {
      TestStore.put(writer, "default", "one", "start");
      long own = descriptors();
      try (FileSecretStore reader = TestStore.open(directory)) {
        for (int i = 0; i < 200; i++) {
          TestStore.put(writer, "default", "one", "value-" + i);
          assertThat(TestStore.read(reader, "default", "one")).isEqualTo("value-" + i);
        }
        assertThat(descriptors()).isEqualTo(own + 1);
      }
      assertThat(descriptors()).isLessThanOrEqualTo(own);
    }
    assertThat(descriptors()).isZero();
    System.out.println("descriptors: 200 re-reads, 1 kept open, 0 after closing");
  }

  /** One more channel on the lock would drop the lock of all when it is closed. */
  @Test
  void severalStores_haveOneDescriptorOnTheLock() throws IOException {
    try (FileSecretStore one = TestStore.create(directory);
        FileSecretStore two = TestStore.open(directory)) {
      TestStore.put(one, "default", "one", "start");
      TestStore.put(two, "default", "two", "start");
      assertThat(descriptors(directory.resolve("lock"))).isEqualTo(1);
    }
    assertThat(descriptors(directory.resolve("lock"))).isZero();
  }

  @Test
  void failedReads_keepNoDescriptor() throws IOException {
    TestStore.create(directory).close();
    byte[] changed = TestStore.bytes(TestStore.file(directory));
    changed[20] ^= 1;
    TestStore.replace(directory, changed);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> TestStore.open(directory))
          .isInstanceOf(SecretIntegrityException.class);
    }
    assertThat(descriptors()).isZero();
  }

  /** Those of this test's directory only: other tests and the JVM open and close their own. */
  private long descriptors() throws IOException {
    return descriptors(directory);
  }

  static long descriptors(Path directory) throws IOException {
    long count = 0;
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      for (Path each : all.toList()) {
        try {
          if (Files.readSymbolicLink(each).startsWith(directory.toRealPath())) {
            count++;
          }
        } catch (NoSuchFileException e) {
          continue; // the one that lists the others
        }
      }
    }
    return count;
  }
}
