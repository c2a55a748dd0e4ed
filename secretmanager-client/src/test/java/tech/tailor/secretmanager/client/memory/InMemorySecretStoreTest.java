package tech.tailor.secretmanager.client.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;

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
    for (String name : List.of("updated", "deleted", "closed")) {
      store.put("default", name, "value-1");
      left.add(store.memoryOf(SecretRef.of("default", name)));
    }
    assertThat(left).allSatisfy(memory -> assertThat(memory.copyTo(new byte[7])).isTrue());
    store.put("default", "updated", "value-2");
    store.deleteSecret("default", "deleted");
    assertThat(left)
        .extracting(memory -> memory.copyTo(new byte[7]))
        .containsExactly(false, false, true);
    store.close();

    assertThat(left).allSatisfy(memory -> assertThat(memory.copyTo(new byte[7])).isFalse());
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

  private SecretValue fetch() {
    return ((SecretOutcome.Found) store.fetch("default", Set.of("api-key")).get("api-key")).value();
  }
}
