package tech.tailor.secretmanager.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tech.tailor.secretmanager.SecretRef;

/** What a commit has read, to be held against what others changed meanwhile. For one commit. */
final class ReadSet {

  private final Set<String> vaults = new HashSet<>();
  private final Set<SecretRef> secrets = new HashSet<>();
  private final Set<String> listed = new HashSet<>();
  private boolean allVaults;

  void vault(String name) {
    vaults.add(name);
  }

  void allVaults() {
    allVaults = true;
  }

  void secret(SecretRef ref) {
    secrets.add(ref);
  }

  void allSecrets(String vault) {
    listed.add(vault);
  }

  /** Whether one of the commits changed what was read. */
  boolean isTouchedBy(List<LogEntry> commits) {
    return commits.stream()
        .flatMap(entry -> entry.changes().stream())
        .anyMatch(change -> switch (change.kind()) {
          case STORE -> false;
          case VAULT -> allVaults || vaults.contains(change.what());
          case VALUE, ABOUT -> touches(SecretRef.parse(change.what()));
        });
  }

  private boolean touches(SecretRef changed) {
    return secrets.contains(changed) || listed.contains(changed.vault());
  }
}
