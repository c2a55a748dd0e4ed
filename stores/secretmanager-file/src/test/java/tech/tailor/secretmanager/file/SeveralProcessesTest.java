package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.StoreFiles;

class SeveralProcessesTest {

  private static final int UPDATES = 40;

  @TempDir
  Path directory;

  @Test
  void twoProcessesThatWrite_loseNothing() throws Exception {
    Process child = null;
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "counter", "start");
      child = TestStore.start(Writer.class, directory);
      BufferedReader output = child.inputReader(US_ASCII);
      assertThat(output.readLine()).isEqualTo("ready");
      go(child);
      List<Long> ours = update(store);
      List<Long> theirs = new ArrayList<>();
      for (int i = 0; i < UPDATES; i++) {
        theirs.add(Long.parseLong(output.readLine()));
      }
      assertThat(child.waitFor()).isZero();

      TreeSet<Long> all = new TreeSet<>(ours);
      all.addAll(theirs);
      assertThat(all).hasSize(2 * UPDATES);
      assertThat(all.first()).isEqualTo(2);
      assertThat(all.last()).isEqualTo(1 + 2 * UPDATES);
      assertThat(ours).isSorted();
      assertThat(theirs).isSorted();
      assertThat(store.describeSecret("default", "counter").orElseThrow().version())
          .isEqualTo(1 + 2 * UPDATES);
      System.out.println("two processes: " + 2 * UPDATES + " updates, 0 lost, the other one's were "
          + theirs.get(0) + " to " + theirs.get(UPDATES - 1));
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  @Test
  void lockOfAKilledProcess_isFreeAgain() throws Exception {
    Process child = null;
    try (FileSecretStore store = FileSecretStore.create(
        directory, TestStore.key(1), TestStore.CLOCK, StoreFiles.local(), Duration.ofMillis(200))) {
      child = TestStore.start(LockHolder.class, directory);
      assertThat(child.inputReader(US_ASCII).readLine()).isEqualTo("locked");
      assertThatThrownBy(() -> store.createVault("default"))
          .isInstanceOf(SecretTimeoutException.class);
      assertThat(store.listVaults()).isEmpty();
      child.destroyForcibly().waitFor();
      store.createVault("default");
      assertThat(store.listVaults()).hasSize(1);
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
    }
  }

  private static void go(Process child) throws IOException {
    OutputStream input = child.getOutputStream();
    input.write('\n');
    input.flush();
  }

  private static List<Long> update(FileSecretStore store) {
    List<Long> versions = new ArrayList<>();
    for (int i = 0; i < UPDATES; i++) {
      try (SecretValue value = SecretValue.of("update-" + i)) {
        versions.add(store.updateSecret("default", "counter", value).version());
      }
    }
    return versions;
  }

  /** The other process: updates the counter when it is told to, and prints the versions it made. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      try (FileSecretStore store = TestStore.open(Path.of(args[0]))) {
        System.out.println("ready");
        if (System.in.read() >= 0) {
          update(store).forEach(System.out::println);
        }
      }
    }
  }

  /** Locks the store as a writer does, and never lets go. */
  static final class LockHolder {
    public static void main(String[] args) throws IOException {
      Path lock = Path.of(args[0]).resolve("lock");
      try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        System.out.println(held.isValid() ? "locked" : "not locked");
        int read = System.in.read();
        System.out.println("ended by " + read);
      }
    }
  }
}
