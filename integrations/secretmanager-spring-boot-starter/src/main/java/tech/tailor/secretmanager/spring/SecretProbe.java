package tech.tailor.secretmanager.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;

/**
 * Asks the manager for the secrets that the application has asked for before: from its cache, as a
 * rule. Thread-safe.
 */
final class SecretProbe {

  private final SecretManager manager;
  private final AskedSecrets asked;

  SecretProbe(SecretManager manager, AskedSecrets asked) {
    this.manager = manager;
    this.asked = asked;
  }

  /**
   * How many secrets have which answer.
   *
   * @param answered also those that are stale, or don't exist
   * @param stale those that are answered from the cache since the store can't be read
   * @param failed those without an answer
   */
  record Counts(int answered, int stale, int failed) {

    boolean isUnknown() {
      return answered + failed == 0;
    }

    boolean isDown() {
      return answered == 0 && failed > 0;
    }

    /** Returns what a health endpoint shows, without a name. */
    Map<String, Object> details() {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("answered", answered);
      details.put("stale", stale);
      details.put("failed", failed);
      return details;
    }

    private Counts plus(Counts other) {
      return new Counts(answered + other.answered, stale + other.stale, failed + other.failed);
    }
  }

  Counts counts() {
    return asked.namesByVault().entrySet().stream()
        .map(vault -> counts(vault.getKey(), vault.getValue()))
        .reduce(new Counts(0, 0, 0), Counts::plus);
  }

  private Counts counts(String vault, Set<String> names) {
    try (SecretBundle bundle = manager.getSecrets(vault, names)) {
      int failed = bundle.failures().size();
      int stale = 0;
      for (String name : bundle.names()) {
        Optional<SecretValue> value =
            bundle.failures().containsKey(name) ? Optional.empty() : bundle.get(name);
        if (value.isPresent() && value.get().metadata().freshness() instanceof Freshness.Stale) {
          stale++;
        }
      }
      return new Counts(names.size() - failed, stale, failed);
    } catch (SecretManagerException e) { // no name has another answer
      return new Counts(0, 0, names.size());
    }
  }
}
