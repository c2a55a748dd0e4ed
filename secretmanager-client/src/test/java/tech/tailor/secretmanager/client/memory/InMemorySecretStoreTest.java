package tech.tailor.secretmanager.client.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretStore;

/** What only this store has; what every store has is in the contract. */
class InMemorySecretStoreTest {

  private final InMemorySecretStore store = InMemorySecretStore.create();

  @Test
  void put_createsThenUpdates() {
    store.createVault("default");

    assertThat(store.put("default", "api-key", "value-1").version()).isEqualTo(1);
    assertThat(store.put("default", "api-key", "value-2").version()).isEqualTo(2);
    try (SecretValue value = fetch()) {
      assertThat(value.revealString()).isEqualTo("value-2");
      assertThat(value.version()).isEqualTo(2);
    }
  }

  /** What reading a value of the target may throw, where the copy then writes it again. */
  static List<SecretManagerException> unreadable() {
    return List.of(
        new SecretIntegrityException("damaged"),
        new SecretPreconditionException("disabled"),
        SecretNotFoundException.of(
            SecretRef.of("default", "api-key"), SecretNotFoundException.Missing.SECRET));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void copyTo_writesAgainWhatCanNotBeReadInTheTarget(SecretManagerException unreadable) {
    store.createVault("default");
    store.put("default", "api-key", "value-1");
    try (InMemorySecretStore target = InMemorySecretStore.create()) {
      store.copyTo(target);

      assertThat(store.copyTo(intercepted(target, method -> {
            if (method.equals("readSecret")) {
              throw unreadable;
            }
          })))
          .isEqualTo(1);
      assertThat(target.describeSecret("default", "api-key").orElseThrow().version())
          .isEqualTo(2);
    }
  }

  @Test
  void copyTo_failsWithTheTarget() {
    store.createVault("default");
    store.put("default", "api-key", "value-1");
    try (InMemorySecretStore target = InMemorySecretStore.create()) {
      store.copyTo(target);

      assertThatExceptionOfType(SecretUnavailableException.class)
          .isThrownBy(() -> store.copyTo(intercepted(target, method -> {
            if (method.equals("readSecret")) {
              throw new SecretUnavailableException("made-up");
            }
          })));
    }
  }

  /** A store without pages of its own makes the whole list again for each page. */
  @Test
  void copyTo_listsAVaultOnce() {
    store.createVault("default");
    for (int i = 0; i < 250; i++) {
      store.put("default", "api-key-" + i, "value");
    }
    List<String> calls = new ArrayList<>();
    try (InMemorySecretStore target = InMemorySecretStore.create();
        SecretStore source = intercepted(store, calls::add)) {
      assertThat(source.copyTo(target)).isEqualTo(250);
    }

    assertThat(calls).filteredOn("listSecrets"::equals).hasSize(1);
    assertThat(calls).filteredOn("describeSecrets"::equals).hasSize(3);
  }

  /** The given store, whose calls are told by name before they are made. */
  private static SecretStore intercepted(SecretStore store, Consumer<String> calls) {
    return (SecretStore) Proxy.newProxyInstance(
        SecretStore.class.getClassLoader(),
        new Class<?>[] {SecretStore.class},
        (proxy, method, arguments) -> {
          calls.accept(method.getName());
          return method.getName().equals("copyTo")
              ? InvocationHandler.invokeDefault(proxy, method, arguments)
              : method.invoke(store, arguments);
        });
  }

  @Test
  void put_doesNotMakeAVault() {
    assertThatExceptionOfType(SecretNotFoundException.class)
        .isThrownBy(() -> store.put("default", "api-key", "value-1"))
        .satisfies(e -> assertThat(e.missing()).isEqualTo(SecretNotFoundException.Missing.VAULT));
  }

  @Test
  void whatLeavesTheStore_isWiped() {
    store.createVault("default");
    List<SecretMemory> left = new ArrayList<>();
    for (String name : List.of("updated", "destroyed", "deleted", "closed")) {
      store.put("default", name, "value-1");
      left.add(store.memoryOf(SecretRef.of("default", name)));
    }
    assertThat(readable(left)).containsExactly(true, true, true, true);
    store.put("default", "updated", "value-2");
    store.destroyVersion("default", "destroyed", 1);
    store.deleteSecret("default", "deleted");
    assertThat(readable(left))
        .as("an earlier version is kept")
        .containsExactly(true, false, false, true);
    store.close();

    assertThat(readable(left)).containsExactly(false, false, false, false);
  }

  @Test
  void versionThatIsNoLongerKept_isWiped() {
    try (InMemorySecretStore two = InMemorySecretStore.create(2)) {
      two.createVault("default");
      List<SecretMemory> left = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        two.put("default", "api-key", "value-" + i);
        left.add(two.memoryOf(SecretRef.of("default", "api-key")));
      }

      assertThat(readable(left)).containsExactly(false, false, true, true);
    }
  }

  @Test
  void failedCommit_wipesWhatItBrought_andNothingElse() {
    store.createVault("default");
    store.put("default", "api-key", "value-1");
    SecretMemory before = store.memoryOf(SecretRef.of("default", "api-key"));
    List<SecretMemory> brought = new ArrayList<>();
    assertThatExceptionOfType(SecretNotFoundException.class)
        .isThrownBy(() -> store.inOneCommit(changes -> {
          try (SecretValue value = SecretValue.of("value-2")) {
            changes.updateSecret("default", "api-key", value);
            brought.add(store.memoryOf(SecretRef.of("default", "api-key")));
            changes.createSecret("default", "new-key", value);
            brought.add(store.memoryOf(SecretRef.of("default", "new-key")));
          }
          changes.destroyVersion("default", "api-key", 1);
          changes.deleteSecret("default", "api-key");
          assertThat(readable(brought)).containsExactly(true, true);
          changes.deleteVault("no-such-vault");
        }));

    assertThat(readable(brought)).containsExactly(false, false);
    assertThat(readable(List.of(before))).containsExactly(true);
    try (SecretValue value = fetch()) {
      assertThat(value.revealString()).isEqualTo("value-1");
    }
  }

  @Test
  void versionsKept_isChecked() {
    for (int count : new int[] {0, -1, 101}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> InMemorySecretStore.create(count))
          .withMessageContaining("between 1 and 100")
          .withMessageContaining(String.valueOf(count));
    }
    assertThat(InMemorySecretStore.create(100).versionsKept()).isEqualTo(100);
    assertThat(store.versionsKept()).isEqualTo(10);
  }

  @Test
  void closedStore_isGone() {
    store.createVault("default");
    store.put("default", "api-key", "value-1");
    store.close();
    store.close();

    assertThatIllegalStateException().isThrownBy(this::fetch).withMessageContaining("closed");
    assertThat(store).hasToString("InMemorySecretStore[redacted]");
  }

  private static List<Boolean> readable(List<SecretMemory> memories) {
    return memories.stream().map(memory -> memory.copyTo(new byte[7])).toList();
  }

  private SecretValue fetch() {
    return ((SecretOutcome.Found) store.fetch("default", Set.of("api-key")).get("api-key")).value();
  }
}
