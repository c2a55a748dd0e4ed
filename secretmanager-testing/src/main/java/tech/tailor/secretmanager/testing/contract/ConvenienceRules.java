package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** The rules of the methods that are made of others, unless a store has a better way. */
abstract class ConvenienceRules extends LabelRules {

  ConvenienceRules() {}

  @Test
  void put_createsTheSecret_orUpdatesIt() throws Exception {
    SecretStore store = filledStore();
    SecretInfo created = put(store, TOKEN, "first");
    assertThat(created.name()).as("put tells the secret").isEqualTo(TOKEN.name());
    assertThat(textOf(store, TOKEN)).as("put creates a missing secret").isEqualTo("first");
    SecretInfo updated = put(store, TOKEN, "second");
    assertThat(textOf(store, TOKEN)).as("put updates a secret that exists").isEqualTo("second");
    assertThat(updated.createTime())
        .as("put leaves the time when the secret was created")
        .isEqualTo(created.createTime());
    assertThat(textOf(store, GREETING)).as("put leaves other secrets").isEqualTo(CANARY);
    assertThatThrownBy(() -> put(store, MISSING_VAULT, "unused"))
        .as("put creates no vault")
        .isInstanceOfSatisfying(
            SecretNotFoundException.class, e -> assertThat(e.missing()).isEqualTo(Missing.VAULT));
  }

  @Test
  void readSecret_givesTheCurrentValue() throws Exception {
    SecretStore store = filledStore();
    update(store, GREETING, "second");
    try (SecretValue value = store.readSecret(VAULT, GREETING.name())) {
      assertThat(value.revealString()).as("readSecret reads the current value").isEqualTo("second");
    }
    for (Map.Entry<SecretRef, Missing> missing :
        Map.of(MISSING_SECRET, Missing.SECRET, MISSING_VAULT, Missing.VAULT).entrySet()) {
      SecretRef ref = missing.getKey();
      assertThatThrownBy(() -> store.readSecret(ref.vault(), ref.name()))
          .as("readSecret says what is missing")
          .isInstanceOfSatisfying(
              SecretNotFoundException.class,
              e -> assertThat(e.missing()).isEqualTo(missing.getValue()));
    }
  }

  @Test
  void exists_tellsWhetherThereIsSuchASecret() throws Exception {
    SecretStore store = filledStore();
    assertThat(store.exists(VAULT, GREETING.name())).as("a secret that exists").isTrue();
    assertThat(store.exists(VAULT, MISSING_SECRET.name()))
        .as("a missing secret")
        .isFalse();
    assertThat(store.exists(MISSING_VAULT.vault(), GREETING.name()))
        .as("a missing vault")
        .isFalse();
  }

  @Test
  void describeSecrets_tellsThoseThatExist_withTheirLabels() throws Exception {
    SecretStore store = filledStore();
    create(store, TOKEN, "token-value");
    store.setLabels(VAULT, TOKEN.name(), Map.of("team", "orders"));
    Map<String, SecretDetails> found =
        store.describeSecrets(VAULT, List.of(TOKEN.name(), MISSING_SECRET.name(), GREETING.name()));
    assertThat(found.keySet())
        .as("describeSecrets tells the secrets that exist, in the order asked")
        .containsExactly(TOKEN.name(), GREETING.name());
    found.forEach((name, details) -> {
      assertThat(details.info())
          .as("the details of a secret are what describeSecret tells")
          .isEqualTo(store.describeSecret(VAULT, name).orElseThrow());
      assertThat(details.labels())
          .as("the details of a secret have its labels")
          .isEqualTo(store.labels(VAULT, name));
    });
    assertThat(found.toString()).as("details never show a value").doesNotContain(CANARY);
    assertThat(store.describeSecrets(VAULT, List.of())).as("of no name").isEmpty();
    assertThatThrownBy(() -> store.describeSecrets(MISSING_VAULT.vault(), List.of()))
        .as("a missing vault is no empty one")
        .isInstanceOf(SecretNotFoundException.class);
  }

  @Test
  void listSecrets_byPage_givesEachOnce() throws Exception {
    SecretStore store = filledStore();
    for (int i = 0; i < 5; i++) {
      create(store, SecretRef.of(VAULT, "page-" + i), "value");
    }
    List<SecretInfo> all = store.listSecrets(VAULT);
    for (int limit : new int[] {1, 2, all.size(), 100}) {
      List<SecretInfo> paged = new ArrayList<>();
      String after = "";
      List<SecretInfo> page;
      do {
        page = store.listSecrets(VAULT, after, limit);
        assertThat(page).as("a page of %s", limit).hasSizeLessThanOrEqualTo(limit);
        paged.addAll(page);
        after = page.isEmpty() ? after : page.get(page.size() - 1).name();
      } while (page.size() == limit);
      assertThat(paged).as("pages of %s give each secret once, sorted", limit).isEqualTo(all);
    }
    assertThat(store.listSecrets(VAULT, "page-2a", 2))
        .as("a page begins after a name that need not exist")
        .extracting(SecretInfo::name)
        .containsExactly("page-3", "page-4");
    assertThatThrownBy(() -> store.listSecrets(VAULT, "", 0))
        .as("a page has at least 1 secret")
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void copyTo_bringsEverythingOver_onceAndNoMore() throws Exception {
    SecretStore store = filledStore();
    create(store, TOKEN, "token-value");
    store.setLabels(VAULT, TOKEN.name(), Map.of("team", "orders"));
    store.setVaultLabels(VAULT, Map.of("env", "test"));
    try (InMemorySecretStore target = InMemorySecretStore.create()) {
      assertThat(store.copyTo(target)).as("every secret is copied").isEqualTo(2);
      assertThat(textOf(target, GREETING)).as("a copied value").isEqualTo(CANARY);
      assertThat(textOf(target, TOKEN)).as("a copied value").isEqualTo("token-value");
      assertThat(target.labels(VAULT, TOKEN.name()))
          .as("copied labels")
          .isEqualTo(Map.of("team", "orders"));
      assertThat(target.vaultLabels(VAULT))
          .as("copied labels of a vault")
          .isEqualTo(Map.of("env", "test"));
      assertThat(store.copyTo(target)).as("a second copy writes nothing").isZero();
      update(store, GREETING, "second");
      assertThat(store.copyTo(target)).as("a later copy writes what changed").isEqualTo(1);
      assertThat(textOf(target, GREETING)).as("a value that changed").isEqualTo("second");
    }
  }

  private static SecretInfo put(SecretStore store, SecretRef ref, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.put(ref.vault(), ref.name(), value);
    }
  }
}
