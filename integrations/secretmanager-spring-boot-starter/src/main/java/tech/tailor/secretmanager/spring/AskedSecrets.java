package tech.tailor.secretmanager.spring;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretListener;

/** The secrets that the application has asked for, up to a hundred of them. Thread-safe. */
final class AskedSecrets implements SecretListener {

  private static final int MOST = 100;

  private final Map<String, Set<String>> namesByVault = new HashMap<>();
  private int size;

  @Override
  public synchronized void onLoadCompleted(LoadEvent event) {
    for (String name : event.results().keySet()) {
      if (size < MOST
          && namesByVault
              .computeIfAbsent(event.vault(), vault -> new LinkedHashSet<>())
              .add(name)) {
        size++;
      }
    }
  }

  /** Returns the names by vault, as they are now. */
  synchronized Map<String, Set<String>> namesByVault() {
    Map<String, Set<String>> copy = new HashMap<>();
    namesByVault.forEach((vault, names) -> copy.put(vault, Set.copyOf(names)));
    return copy;
  }
}
