package tech.tailor.secretmanager.cli;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretStore;

/** The values of several secrets of a vault, by name: of all of them. Wiped when it is closed. */
final class SecretValues implements AutoCloseable {

  /** How many values are asked for at once. */
  private static final int GROUP = 100;

  private final Map<String, SecretValue> values = new TreeMap<>();

  private SecretValues() {}

  /**
   * Reads them.
   *
   * @throws tech.tailor.secretmanager.SecretManagerException if one can't be read
   */
  static SecretValues read(SecretStore store, String vault, Collection<String> names) {
    SecretValues read = new SecretValues();
    List<String> all = List.copyOf(new LinkedHashSet<>(names));
    try {
      for (int from = 0; from < all.size(); from += GROUP) {
        read.add(store, vault, all.subList(from, Math.min(from + GROUP, all.size())));
      }
      return read;
    } catch (RuntimeException e) {
      read.close();
      throw e;
    }
  }

  private void add(SecretStore store, String vault, List<String> names) {
    Map<String, SecretOutcome> outcomes = store.fetch(vault, new LinkedHashSet<>(names));
    outcomes.forEach((name, outcome) -> {
      if (outcome instanceof SecretOutcome.Found found) {
        values.put(name, found.value());
      }
    });
    outcomes.forEach((name, outcome) -> {
      if (outcome instanceof SecretOutcome.Failed failed) {
        throw failed.failure();
      } else if (outcome instanceof SecretOutcome.Missing missing) {
        throw SecretNotFoundException.of(SecretRef.of(vault, name), missing.missing());
      }
    });
  }

  /** The values, which stay this object's. */
  Map<String, SecretValue> byName() {
    return values;
  }

  @Override
  public void close() {
    values.values().forEach(SecretValue::close);
  }
}
