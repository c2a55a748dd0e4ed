package tech.tailor.secretmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** What a user of {@link MyVersionedStore} relies on, in addition to the contract. */
class MyVersionedStoreTest {

  private static final int THREADS = 8;

  private final MyVersionedStore store = new MyVersionedStore();

  @BeforeEach
  void createCounter() {
    store.createVault("default");
    put(store, "counter", "0");
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void updatesThatExpectAVersion_loseNothing() throws Exception {
    int updates = 500;
    AtomicInteger conflicts = new AtomicInteger();
    inThreads(() -> {
      for (int done = 0; done < updates; ) {
        try (SecretValue read = counter()) {
          raise(read, read.version());
          done++;
        } catch (SecretConflictException e) {
          conflicts.incrementAndGet(); // another thread was faster: read again
        }
      }
      return true;
    });

    try (SecretValue counter = counter()) {
      System.out.println("updates that expect a version: " + THREADS * updates + ", lost "
          + (THREADS * updates - Integer.parseInt(counter.revealString())) + ", conflicts "
          + conflicts);
      assertThat(counter.revealString()).isEqualTo("4000");
      assertThat(counter.version()).isEqualTo(4001);
    }
  }

  /** The control: in each round all threads read, and only then all threads write. */
  @Test
  void updatesThatExpectNothing_loseAllButOneOfEachRound() throws Exception {
    int rounds = 25;
    CyclicBarrier together = new CyclicBarrier(THREADS);
    inThreads(() -> {
      for (int round = 0; round < rounds; round++) {
        together.await(1, TimeUnit.MINUTES);
        try (SecretValue read = counter()) {
          together.await(1, TimeUnit.MINUTES);
          raise(read, 0);
        }
      }
      return true;
    });

    try (SecretValue counter = counter()) {
      System.out.println("updates that expect nothing: " + THREADS * rounds + ", lost "
          + (THREADS * rounds - Integer.parseInt(counter.revealString())));
      assertThat(counter.revealString()).isEqualTo("25");
      assertThat(counter.version()).as("each was a version all the same").isEqualTo(201);
    }
  }

  @Test
  void failedCommit_changesNothing() {
    put(store, "api-token", "made-up-token");
    String before = picture(store);

    assertThatThrownBy(() -> store.inOneCommit(changes -> {
          changeEverything(changes);
          changes.inOneCommit(inner -> put(inner, "inner", "made-up"));
          assertThat(picture(changes)).contains("inner", "other").doesNotContain("api-token");
          changes.deleteVault("no-such-vault");
        }))
        .isInstanceOf(SecretNotFoundException.class);

    assertThat(picture(store)).isEqualTo(before);
  }

  @Test
  void failedCommitInACommit_changesNothing_andLeavesTheRest() {
    put(store, "api-token", "made-up-token");
    List<String> inside = new ArrayList<>();

    store.inOneCommit(changes -> {
      put(changes, "outer", "made-up");
      inside.add(picture(changes));
      assertThatThrownBy(() -> changes.inOneCommit(inner -> {
            inner.inOneCommit(MyVersionedStoreTest::changeEverything);
            assertThatThrownBy(() -> inner.inOneCommit(innermost -> {
                  put(innermost, "innermost", "made-up");
                  innermost.deleteVault("no-such-vault");
                }))
                .isInstanceOf(SecretNotFoundException.class);
            assertThat(picture(inner)).contains("other").doesNotContain("innermost");
            inner.deleteVault("no-such-vault");
          }))
          .isInstanceOf(SecretNotFoundException.class);
      assertThat(picture(changes)).isEqualTo(inside.get(0));
    });

    assertThat(picture(store)).isEqualTo(inside.get(0)).contains("outer");
  }

  @Test
  void valueThatWasSealedForAnotherPlace_canNotBeOpened() {
    MyVersionedStore.Content content =
        new MyVersionedStore.Content(new SecretKeySpec(new byte[32], "AES"), new TreeMap<>());
    Instant now = Instant.now();
    Vault vault = new Vault("default", content.newId(), now, now, Map.of());
    Vault otherVault = new Vault("default", content.newId(), now, now, Map.of());
    SecretId secret = new SecretId(content.newId(), "api-token");
    SecretId otherSecret = new SecretId(content.newId(), "api-token");
    try (SecretValue value = SecretValue.of("made-up-token")) {
      MyVersionedStore.Ciphertext sealed = content.seal(vault, secret, 1, value);
      Version<MyVersionedStore.Ciphertext> first = new Version<>(1, now, State.ENABLED, sealed);
      Version<MyVersionedStore.Ciphertext> second = new Version<>(2, now, State.ENABLED, sealed);
      try (SecretValue opened = content.open(vault, secret, first)) {
        assertThat(opened.revealString()).isEqualTo("made-up-token");
      }
      assertThat(content.open(otherVault, secret, first)).isNull();
      assertThat(content.open(vault, otherSecret, first)).isNull();
      assertThat(content.open(vault, secret, second)).isNull();
    }
  }

  private static void changeEverything(VersionedSecretStore changes) {
    try (SecretValue value = SecretValue.of("made-up")) {
      changes.updateSecret("default", "counter", value);
    }
    changes.setLabels("default", "counter", Map.of("env", "dev"));
    changes.setDescription("default", "counter", "changed");
    changes.disableVersion("default", "counter", 1);
    changes.deleteSecret("default", "api-token");
    changes.setVaultLabels("default", Map.of("env", "dev"));
    changes.createVault("other");
  }

  /** Everything that the store holds, values included. */
  private static String picture(VersionedSecretStore store) {
    StringBuilder picture = new StringBuilder();
    store.listVaults().forEach(vault -> {
      picture.append(vault).append(store.vaultLabels(vault.name())).append('\n');
      store
          .listSecrets(vault.name())
          .forEach(secret -> picture
              .append(secret)
              .append(store.labels(vault.name(), secret.name()))
              .append(store.description(vault.name(), secret.name()))
              .append(store.listVersions(vault.name(), secret.name()).stream()
                  .map(version -> version + text(store, vault.name(), secret.name(), version))
                  .collect(Collectors.joining(",")))
              .append('\n'));
    });
    return picture.toString();
  }

  private static String text(
      VersionedSecretStore store, String vault, String name, SecretVersionInfo version) {
    if (version.state() != State.ENABLED) {
      return "";
    }
    try (SecretValue value = store.readVersion(vault, name, version.version())) {
      return value.revealString();
    }
  }

  private static void put(VersionedSecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.createSecret("default", name, value);
    }
  }

  private SecretValue counter() {
    return ((SecretOutcome.Found) store.fetch("default", Set.of("counter")).get("counter")).value();
  }

  /** Writes the next number, if the version is the expected one; 0 expects nothing. */
  private void raise(SecretValue read, long expectedVersion) {
    int next = Integer.parseInt(read.revealString()) + 1;
    try (SecretValue value = SecretValue.of(Integer.toString(next))) {
      if (expectedVersion == 0) {
        store.updateSecret("default", "counter", value);
      } else {
        store.updateSecret("default", "counter", value, expectedVersion);
      }
    }
  }

  private static void inThreads(Callable<Boolean> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Boolean>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        running.add(threads.submit(work));
      }
      for (Future<Boolean> each : running) {
        assertThat(each.get(1, TimeUnit.MINUTES)).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
