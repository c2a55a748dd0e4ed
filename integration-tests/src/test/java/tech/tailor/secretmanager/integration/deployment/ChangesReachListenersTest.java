package tech.tailor.secretmanager.integration.deployment;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.JavaProcess;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** Who is told of a change that somebody else makes, while nobody reads. */
@Timeout(120)
class ChangesReachListenersTest {

  private static final SecretRef API_KEY = SecretRef.of("default", "api-key");

  private final BlockingQueue<SecretRef> changed = new LinkedBlockingQueue<>();

  @Test
  void changeInMemory() throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    assertTold(store, store, Duration.ofSeconds(1));
  }

  /** The watcher tells of it, long before the time to live is over. */
  @Test
  void changeOfAFile_byAnotherProcess(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("store");
    Path key = directory.resolve("key");
    try (FileSecretStore first = FileSecretStore.create(file, MasterKey.createFile(key))) {
      first.createVault("default");
      put(first, "old");
    }
    FileSecretStore read = FileSecretStore.open(file, MasterKey.fromFile(key));
    assertTold(read, Duration.ofHours(1), () -> {
      Process process = JavaProcess.start(List.of(), Writer.class, file, key);
      assertThat(process.waitFor()).isZero();
    });
  }

  /** Another process that changes the secret. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) {
      MasterKey key = MasterKey.fromFile(Path.of(arguments[1]));
      try (FileSecretStore store = FileSecretStore.open(Path.of(arguments[0]), key)) {
        put(store, "new");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void changeOnAServer(ReadMode mode) throws Exception {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore other = http(emulator, mode)) {
      assertTold(http(emulator, mode), other, Duration.ofSeconds(1));
    }
  }

  private static HttpSecretStore http(SecretManagerEmulator emulator, ReadMode mode) {
    return HttpSecretStore.builder()
        .endpoint(emulator.endpoint())
        .workspaceId(emulator.workspaceId())
        .accessToken(AccessTokenSource.of(emulator.adminToken()))
        .readMode(mode)
        .build();
  }

  private static void put(SecretStore store, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put(API_KEY.vault(), API_KEY.name(), value);
    }
  }

  private interface Change {
    void make() throws Exception;
  }

  private void assertTold(SecretStore read, SecretStore changing, Duration timeToLive)
      throws Exception {
    changing.createVault("default");
    put(changing, "old");
    assertTold(read, timeToLive, () -> put(changing, "new"));
  }

  private void assertTold(SecretStore read, Duration timeToLive, Change change) throws Exception {
    BlockingQueue<SecretRef> loaded = new LinkedBlockingQueue<>();
    try (SecretManager manager = SecretManagers.builder(read)
        .timeToLive(timeToLive)
        .keepWarm(API_KEY)
        .listener(new SecretListener() {
          @Override
          public void onLoaded(SecretRef ref, SecretMetadata current) {
            loaded.add(ref);
          }

          @Override
          public void onChanged(SecretRef ref) {
            changed.add(ref);
          }
        })
        .build()) {
      assertThat(loaded.poll(60, SECONDS)).isEqualTo(API_KEY);
      changed.clear(); // a watcher may tell of the first value, too
      change.make();

      assertThat(changed.poll(60, SECONDS)).isEqualTo(API_KEY);
      assertThat(manager.withSecret(API_KEY, SecretValue::revealString)).isEqualTo("new");
    }
  }
}
