package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * A vault that a deployment of Tailor's SDK manages, as its labels say. A change by hand is asked
 * for first, and takes it out of the deployment's hands.
 */
final class ManagedVault {

  private static final Set<String> LABELS = Set.of("sdk-name", "sdk-app-id");

  private final SecretStore store;
  private final String vault;
  private final Map<String, String> labels;

  private ManagedVault(SecretStore store, String vault, Map<String, String> labels) {
    this.store = store;
    this.vault = vault;
    this.labels = labels;
  }

  /** Looks at the vault's labels, and asks if a deployment manages it. */
  static ManagedVault confirmed(
      SecretStore store, String vault, Confirmation confirmation, Output output, Io io)
      throws IOException {
    Map<String, String> labels = store.vaultLabels(vault);
    ManagedVault managed = new ManagedVault(store, vault, labels);
    if (managed.isManaged()) {
      output.warn("Vault \"" + vault + "\" is managed by a deployment of Tailor's SDK"
          + name(labels) + "; this change takes it out of its hands.");
      confirmation.require(io, "Changing vault \"" + vault + "\"", vault);
    }
    return managed;
  }

  /** After a change: takes the deployment's labels away. */
  void release() {
    if (isManaged()) {
      Map<String, String> others = new TreeMap<>(labels);
      others.keySet().removeAll(LABELS);
      store.setVaultLabels(vault, others);
    }
  }

  private boolean isManaged() {
    return labels.keySet().stream().anyMatch(LABELS::contains);
  }

  private static String name(Map<String, String> labels) {
    String name = labels.getOrDefault("sdk-name", "");
    return name.isEmpty() ? "" : " (" + name + ")";
  }
}
