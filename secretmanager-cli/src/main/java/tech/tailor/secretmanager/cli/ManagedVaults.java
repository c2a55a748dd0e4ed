package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Those of the vaults that a command changes which a deployment of Tailor's SDK manages, as their
 * labels say. A change by hand takes a vault out of the deployment's hands.
 */
final class ManagedVaults {

  private static final String NAME = "sdk-name";
  private static final Set<String> LABELS = Set.of(NAME, "sdk-app-id");

  private final SecretStore store;
  private final Map<String, Map<String, String>> labels = new TreeMap<>();

  /**
   * Looks at the labels of the vaults.
   *
   * @throws SecretNotFoundException if one doesn't exist
   */
  ManagedVaults(SecretStore store, Collection<String> vaults) {
    this.store = store;
    for (String vault : vaults) {
      Map<String, String> ofVault = store.vaultLabels(vault);
      if (ofVault.keySet().stream().anyMatch(LABELS::contains)) {
        labels.put(vault, ofVault);
      }
    }
  }

  /** Says which vaults a deployment manages. */
  void warn(Output output) {
    labels.forEach((vault, ofVault) -> {
      String name = ofVault.getOrDefault(NAME, "");
      output.warn("Vault \"" + vault + "\" is managed by a deployment of Tailor's SDK"
          + (name.isEmpty() ? "" : " (" + name + ")")
          + "; this change takes it out of its hands.");
    });
  }

  /** Asks for each vault that a deployment manages. */
  void confirm(Confirmation confirmation, Io io) throws IOException {
    for (String vault : labels.keySet()) {
      confirmation.require(io, "Changing vault \"" + vault + "\"", vault);
    }
  }

  /** After the change: takes the deployment's labels away, where the vault is still there. */
  void release() {
    for (String vault : labels.keySet()) {
      try {
        Map<String, String> before = store.vaultLabels(vault);
        Map<String, String> after = withoutDeployment(before);
        if (!after.equals(before)) {
          store.setVaultLabels(vault, after);
        }
      } catch (SecretNotFoundException e) {
        // The change deleted it.
      }
    }
  }

  /** The labels without those that a deployment has put there. */
  static Map<String, String> withoutDeployment(Map<String, String> labels) {
    Map<String, String> others = new TreeMap<>(labels);
    others.keySet().removeAll(LABELS);
    return others;
  }

  /** Whether one of these labels says that a deployment manages a vault. */
  static boolean nameDeployment(Collection<String> labels) {
    return labels.stream().anyMatch(LABELS::contains);
  }
}
