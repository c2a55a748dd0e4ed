package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.file.GoldenVector.Outcome;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VaultInfo;

/** Files that were made once: what was readable stays readable, what was refused stays refused. */
class GoldenVectorsTest {

  /** What a refusal must say. */
  private static final Map<Outcome, String> SAYS = Map.of(
      Outcome.FORM, "restore it from a backup",
      Outcome.NOT_A_STORE, "restore it from a backup",
      Outcome.SEAL, "seal does not match",
      Outcome.KEY_ENTRY, "its key entry",
      Outcome.WRONG_KEY, "not the master key",
      Outcome.NEWER_FORMAT, "newer version");

  @TempDir
  Path directory;

  @Test
  void everyVector_hasItsOutcome() throws IOException {
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    for (GoldenVector vector : GoldenVector.all()) {
      Files.write(TestStore.file(directory), vector.store());
      check(vector);
      counts.merge(vector.outcome(), 1, Integer::sum);
    }
    int all = counts.values().stream().mapToInt(Integer::intValue).sum();
    System.out.println("golden vectors: " + all + ", as they were: " + counts);
    assertThat(all).isGreaterThanOrEqualTo(120);
    assertThat(counts.keySet()).containsExactlyInAnyOrder(Outcome.values());
  }

  private void check(GoldenVector vector) {
    Map<String, String> values = new TreeMap<>();
    try (FileSecretStore store = FileSecretStore.open(directory, vector.masterKey())) {
      for (VaultInfo vault : store.listVaults()) {
        for (SecretInfo secret : store.listSecrets(vault.name())) {
          values.put(vault.name() + "/" + secret.name(), read(store, vault.name(), secret.name()));
        }
      }
    } catch (SecretIntegrityException e) {
      assertThat(vector.outcome()).as(vector.name()).isNotEqualTo(Outcome.SUCCESS);
      assertThat(e).as(vector.name()).hasMessageContaining(SAYS.get(vector.outcome()));
      return;
    }
    assertThat(vector.outcome()).as(vector.name()).isEqualTo(Outcome.SUCCESS);
    assertThat(values).as(vector.name()).isEqualTo(vector.values());
  }

  private static String read(FileSecretStore store, String vault, String name) {
    SecretOutcome outcome = store.fetch(vault, Set.of(name)).get(name);
    if (outcome instanceof SecretOutcome.Found found) {
      try (var value = found.value()) {
        return value.<String, RuntimeException>withBytes(GoldenVector::hex);
      }
    }
    assertThat(outcome)
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed ->
                assertThat(failed.failure()).isExactlyInstanceOf(SecretIntegrityException.class));
    return GoldenVector.REFUSED;
  }
}
