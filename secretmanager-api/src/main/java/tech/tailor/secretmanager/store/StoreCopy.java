package tech.tailor.secretmanager.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.SecretValue;

/** Copies the content of one store into another. */
final class StoreCopy {

  private static final int PAGE = 100;

  private final SecretStore source;
  private final SecretStore target;
  private int written;

  private StoreCopy(SecretStore source, SecretStore target) {
    this.source = source;
    this.target = target;
  }

  /** Returns how many secrets got a value. */
  static int copy(SecretStore source, SecretStore target) {
    StoreCopy copy = new StoreCopy(source, target);
    source.listVaults().forEach(vault -> copy.vault(vault.name()));
    return copy.written;
  }

  private void vault(String vault) {
    if (target.describeVault(vault).isEmpty()) {
      target.createVault(vault);
    }
    Map<String, String> labels = source.vaultLabels(vault);
    if (!labels.equals(target.vaultLabels(vault))) {
      target.setVaultLabels(vault, labels);
    }
    String after = "";
    List<SecretInfo> page;
    do {
      page = source.listSecrets(vault, after, PAGE);
      List<String> names = new ArrayList<>();
      page.forEach(secret -> names.add(secret.name()));
      if (!names.isEmpty()) {
        secrets(vault, names);
        after = names.get(names.size() - 1);
      }
    } while (page.size() == PAGE);
  }

  private void secrets(String vault, List<String> names) {
    Map<String, SecretDetails> wanted = source.describeSecrets(vault, names);
    Map<String, SecretDetails> there = target.describeSecrets(vault, names);
    wanted.forEach((name, details) -> {
      value(vault, name, there.containsKey(name));
      SecretDetails before = there.get(name);
      if (before == null || !before.labels().equals(details.labels())) {
        target.setLabels(vault, name, details.labels());
      }
      if (target instanceof VersionedSecretStore versioned
          && source instanceof VersionedSecretStore
          && (before == null || !before.description().equals(details.description()))) {
        versioned.setDescription(vault, name, details.description());
      }
    });
  }

  private void value(String vault, String name, boolean exists) {
    try (SecretValue value = source.readSecret(vault, name)) {
      if (!exists || !has(vault, name, value)) {
        target.put(vault, name, value);
        written++;
      }
    }
  }

  /** Whether the target has this value; one that can't be read counts as another. */
  private boolean has(String vault, String name, SecretValue value) {
    try (SecretValue before = target.readSecret(vault, name)) {
      return value.<Boolean, RuntimeException>withBytes(before::matches);
    } catch (tech.tailor.secretmanager.SecretPreconditionException e) {
      return false;
    }
  }
}
