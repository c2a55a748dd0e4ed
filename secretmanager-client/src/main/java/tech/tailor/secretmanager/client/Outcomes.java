package tech.tailor.secretmanager.client;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Operations on outcomes. */
final class Outcomes {

  private Outcomes() {}

  /**
   * Returns the value, which the caller owns, or throws the exception that says why it is absent.
   */
  static SecretValue required(SecretRef ref, SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      return found.value();
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      throw failed.failure();
    }
    throw SecretNotFoundException.of(ref, ((SecretOutcome.Missing) outcome).missing());
  }

  /** The same for one more caller, who gets an exception of its own. */
  static SecretOutcome forCaller(SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Failed failed
        ? new SecretOutcome.Failed(SecretSupport.forCaller(failed.failure()))
        : outcome;
  }

  /** The same failure for each name. */
  static Map<String, SecretOutcome> failed(
      Collection<String> names, SecretManagerException failure) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, new SecretOutcome.Failed(failure)));
    return outcomes;
  }

  /** Wipes the value of an outcome that nobody wants. */
  static void discard(@Nullable SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      found.value().close();
    }
  }

  static void discardAll(Map<String, SecretOutcome> outcomes) {
    outcomes.values().forEach(Outcomes::discard);
  }
}
