package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;

/**
 * A backend's answer for one name: the value, its absence, or the reason why there is no answer.
 */
public sealed interface SecretOutcome {

  /**
   * The secret exists.
   *
   * @param value its current value, which the receiver of the outcome owns
   */
  record Found(SecretValue value) implements SecretOutcome {
    /** Checks that nothing is null. */
    public Found {
      requireNonNull(value, "value");
    }
  }

  /**
   * The backend knows that the secret does not exist.
   *
   * @param missing what of its address does not exist: its vault, or the secret itself
   */
  record Missing(SecretNotFoundException.Missing missing) implements SecretOutcome {
    /**
     * Checks what is missing.
     *
     * @throws IllegalArgumentException if it is a version: a read asks for the current one, which
     *     every secret has
     */
    public Missing {
      if (requireNonNull(missing, "missing") == SecretNotFoundException.Missing.VERSION) {
        throw new IllegalArgumentException(
            "A read asks for the current version, which every secret has");
      }
    }
  }

  /**
   * The backend can't, or may not, tell.
   *
   * @param failure why; never a {@link SecretNotFoundException}, which is {@link Missing}
   */
  record Failed(SecretManagerException failure) implements SecretOutcome {
    /**
     * Checks the failure.
     *
     * @throws IllegalArgumentException if it is a {@link SecretNotFoundException}
     */
    public Failed {
      if (requireNonNull(failure, "failure") instanceof SecretNotFoundException) {
        throw new IllegalArgumentException(
            "A secret that does not exist is SecretOutcome.Missing, not a failure");
      }
    }
  }
}
