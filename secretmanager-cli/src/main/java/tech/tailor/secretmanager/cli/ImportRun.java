package tech.tailor.secretmanager.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** Brings the secrets of a vault to given values, and leaves those that have them. */
final class ImportRun {

  /** How many values are read at once, to be compared. */
  private static final int GROUP = 100;

  private final String vault;
  private final Map<String, byte[]> secrets;
  private int created;
  private int updated;

  ImportRun(String vault, Map<String, byte[]> secrets) {
    this.vault = vault;
    this.secrets = secrets;
  }

  int size() {
    return secrets.size();
  }

  int created() {
    return created;
  }

  int updated() {
    return updated;
  }

  int unchanged() {
    return secrets.size() - created - updated;
  }

  String summary() {
    return created + " created, " + updated + " updated, " + unchanged() + " unchanged";
  }

  /** What would be done with each secret. */
  List<Map<String, @Nullable Object>> preview(SecretStore store) {
    Set<String> there = names(store);
    Set<String> same = unchanged(store, there);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    secrets
        .keySet()
        .forEach(name -> rows.add(Json.object(
            "name",
            name,
            "action",
            !there.contains(name) ? "create" : same.contains(name) ? "leave" : "update")));
    return rows;
  }

  /** The same for a vault that is yet to be made. */
  List<Map<String, @Nullable Object>> allNew() {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    secrets.keySet().forEach(name -> rows.add(Json.object("name", name, "action", "create")));
    return rows;
  }

  /** Does it. */
  void apply(SecretStore store, boolean createVault, Progress progress) {
    if (createVault) {
      store.createVault(vault);
    }
    Set<String> there = names(store);
    Set<String> same = unchanged(store, there);
    secrets.forEach((name, bytes) -> {
      if (!same.contains(name)) {
        try (SecretValue value = SecretValue.copyOf(bytes)) {
          if (there.contains(name)) {
            store.put(vault, name, value);
            updated++;
          } else {
            store.createSecret(vault, name, value);
            created++;
          }
        }
      }
      progress.step(1);
    });
  }

  private Set<String> names(SecretStore store) {
    Set<String> names = new HashSet<>();
    for (SecretInfo secret : store.listSecrets(vault)) {
      names.add(secret.name());
    }
    names.retainAll(secrets.keySet());
    return names;
  }

  private Set<String> unchanged(SecretStore store, Set<String> there) {
    Set<String> same = new HashSet<>();
    List<String> names = List.copyOf(there);
    for (int from = 0; from < names.size(); from += GROUP) {
      Set<String> group =
          new LinkedHashSet<>(names.subList(from, Math.min(from + GROUP, names.size())));
      store.fetch(vault, group).forEach((name, outcome) -> {
        if (outcome instanceof SecretOutcome.Found found) {
          try (SecretValue value = found.value()) {
            if (value.matches(secrets.getOrDefault(name, new byte[0]))) {
              same.add(name);
            }
          }
        }
      });
    }
    return same;
  }
}
