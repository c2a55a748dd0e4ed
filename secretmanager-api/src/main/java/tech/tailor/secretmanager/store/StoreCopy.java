package tech.tailor.secretmanager.store;

import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretValue;

/** Copies the content of one store into another. */
final class StoreCopy {

  /** How many secrets are described in one step. */
  private static final int GROUP = 100;

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
    // The whole list: a store without pages of its own would make it again for each page.
    List<String> names =
        source.listSecrets(vault).stream().map(SecretInfo::name).toList();
    for (int from = 0; from < names.size(); from += GROUP) {
      secrets(vault, names.subList(from, Math.min(from + GROUP, names.size())));
    }
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

  /** Whether the target has this value; one that can't be read, or is gone, counts as another. */
  private boolean has(String vault, String name, SecretValue value) {
    try (SecretValue before = target.readSecret(vault, name)) {
      return value.<Boolean, RuntimeException>withBytes(before::matches);
    } catch (SecretPreconditionException | SecretIntegrityException | SecretNotFoundException e) {
      return false;
    }
  }
}
