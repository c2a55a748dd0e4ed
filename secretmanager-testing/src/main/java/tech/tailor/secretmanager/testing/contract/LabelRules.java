package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** The rules of labels. */
abstract class LabelRules extends VaultRules {

  private static final Map<String, String> UNSORTED = unsorted();

  LabelRules() {}

  @Test
  void setLabels_replacesAllLabelsOfTheSecret() throws Exception {
    SecretStore store = filledStore();
    create(store, TOKEN, "token-value");
    assertThat(store.labels(VAULT, GREETING.name()))
        .as("a new secret has no labels")
        .isEmpty();
    store.setLabels(VAULT, GREETING.name(), UNSORTED);
    assertThat(store.labels(VAULT, GREETING.name()))
        .as("labels are there for every call that begins after they were set")
        .isEqualTo(UNSORTED);
    assertThat(store.labels(VAULT, GREETING.name()).keySet())
        .as("labels are given by key in ascending order")
        .containsExactly("a", "b-team", "env", "z_1");
    store.setLabels(VAULT, GREETING.name(), Map.of("env", "dev"));
    assertThat(store.labels(VAULT, GREETING.name()))
        .as("setLabels replaces all labels: those that it doesn't name are gone")
        .isEqualTo(Map.of("env", "dev"));
    assertThat(List.of(store.labels(VAULT, TOKEN.name()), store.vaultLabels(VAULT)))
        .as("labels of one secret are not those of another one, nor of the vault")
        .containsOnly(Map.of());
    store.setLabels(VAULT, GREETING.name(), Map.of());
    assertThat(store.labels(VAULT, GREETING.name())).as("no labels remove all").isEmpty();
  }

  @Test
  void setLabels_isNoNewVersion() throws Exception {
    SecretStore store = filledStore();
    SecretInfo before = store.describeSecret(VAULT, GREETING.name()).orElseThrow();
    store.setLabels(VAULT, GREETING.name(), UNSORTED);
    assertThat(store.describeSecret(VAULT, GREETING.name()))
        .as("labels are no new version of the secret, and leave its times")
        .contains(before);
    assertThat(textOf(store, GREETING)).as("labels leave the value").isEqualTo(CANARY);
    update(store, GREETING, "second");
    assertThat(store.labels(VAULT, GREETING.name()))
        .as("a new version leaves the labels")
        .isEqualTo(UNSORTED);
  }

  @Test
  void labels_goWithTheSecret() throws Exception {
    SecretStore store = filledStore();
    store.setLabels(VAULT, GREETING.name(), UNSORTED);
    store.deleteSecret(VAULT, GREETING.name());
    create(store, GREETING, "reborn");
    assertThat(store.labels(VAULT, GREETING.name()))
        .as("a secret that is created again is another one, without the labels of the first")
        .isEmpty();
  }

  @Test
  void setVaultLabels_replacesAllLabelsOfTheVault() throws Exception {
    SecretStore store = filledStore();
    store.createVault(GREETING_ELSEWHERE.vault());
    VaultInfo before = store.describeVault(VAULT).orElseThrow();
    assertThat(store.vaultLabels(VAULT)).as("a new vault has no labels").isEmpty();
    store.setVaultLabels(VAULT, UNSORTED);
    assertThat(store.vaultLabels(VAULT))
        .as("labels are there for every call that begins after they were set")
        .isEqualTo(UNSORTED);
    assertThat(store.vaultLabels(VAULT).keySet())
        .as("labels are given by key in ascending order")
        .containsExactly("a", "b-team", "env", "z_1");
    VaultInfo after = store.describeVault(VAULT).orElseThrow();
    assertThat(after.createTime())
        .as("labels leave the time of creation")
        .isEqualTo(before.createTime());
    assertThat(after.updateTime())
        .as("the time of update does not go back")
        .isAfterOrEqualTo(before.updateTime());
    store.setVaultLabels(VAULT, Map.of("env", "dev"));
    assertThat(store.vaultLabels(VAULT))
        .as("setVaultLabels replaces all labels: those that it doesn't name are gone")
        .isEqualTo(Map.of("env", "dev"));
    assertThat(List.of(
            store.vaultLabels(GREETING_ELSEWHERE.vault()), store.labels(VAULT, GREETING.name())))
        .as("labels of one vault are not those of another one, nor of a secret")
        .containsOnly(Map.of());
    assertThat(textOf(store, GREETING)).as("labels leave the secrets").isEqualTo(CANARY);
    update(store, GREETING, "second");
    assertThat(store.vaultLabels(VAULT))
        .as("a change of a secret leaves the labels of its vault")
        .isEqualTo(Map.of("env", "dev"));
  }

  @Test
  void labels_ofWhatIsMissing_areNotFound() throws Exception {
    SecretStore store = filledStore();
    for (Map.Entry<SecretRef, Missing> missing :
        Map.of(MISSING_SECRET, Missing.SECRET, MISSING_VAULT, Missing.VAULT).entrySet()) {
      SecretRef ref = missing.getKey();
      assertNotFound(() -> store.labels(ref.vault(), ref.name()), missing.getValue());
      assertNotFound(() -> store.setLabels(ref.vault(), ref.name(), UNSORTED), missing.getValue());
    }
    assertNotFound(() -> store.vaultLabels(MISSING_VAULT.vault()), Missing.VAULT);
    assertNotFound(() -> store.setVaultLabels(MISSING_VAULT.vault(), UNSORTED), Missing.VAULT);
  }

  @Test
  void badLabels_areRefused() throws Exception {
    SecretStore store = filledStore();
    store.setLabels(VAULT, GREETING.name(), Map.of("env", "dev"));
    store.setVaultLabels(VAULT, Map.of("env", "dev"));
    assertRefused(store, Map.of("", "value"), SecretStore.LABEL_GRAMMAR);
    for (String bad :
        List.of("1a", "-a", "_a", "Env", "a b", "a.b", "a/b", "ä", "a\n", "a".repeat(64))) {
      for (Map<String, String> labels : List.of(Map.of(bad, "value"), Map.of("key", bad))) {
        assertRefused(store, labels, SecretStore.LABEL_GRAMMAR);
      }
    }
    assertRefused(
        store, many(SecretStore.MAX_LABELS + 1), Integer.toString(SecretStore.MAX_LABELS));
    assertThat(List.of(store.labels(VAULT, GREETING.name()), store.vaultLabels(VAULT)))
        .as("refused labels change nothing")
        .containsOnly(Map.of("env", "dev"));
    for (Map<String, String> good : List.of(
        many(SecretStore.MAX_LABELS),
        Map.of("a", "z"),
        Map.of("a", "", "b", ""),
        Map.of("a".repeat(63), "a" + "_-9".repeat(20)))) {
      store.setLabels(VAULT, GREETING.name(), good);
      store.setVaultLabels(VAULT, good);
      assertThat(List.of(store.labels(VAULT, GREETING.name()), store.vaultLabels(VAULT)))
          .as("all labels of the grammar are taken, and empty values, up to the limit")
          .containsOnly(good);
    }
  }

  private static void assertRefused(
      SecretStore store, Map<String, String> labels, String messagePart) {
    assertThatThrownBy(() -> store.setLabels(VAULT, GREETING.name(), labels))
        .as("setLabels: what breaks a rule of labels is refused, and the rule is quoted")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(messagePart);
    assertThatThrownBy(() -> store.setVaultLabels(VAULT, labels))
        .as("setVaultLabels: what breaks a rule of labels is refused, and the rule is quoted")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(messagePart);
  }

  private static Map<String, String> many(int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap(i -> "key-" + i, i -> "value-" + i));
  }

  private static Map<String, String> unsorted() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("z_1", "v");
    labels.put("env", "production");
    labels.put("b-team", "payments");
    labels.put("a", "b");
    return labels;
  }
}
