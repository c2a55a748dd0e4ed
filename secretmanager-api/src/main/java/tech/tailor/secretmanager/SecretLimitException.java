package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * A limit of the store was reached, such as the number of secrets in a vault. Nothing was changed.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretLimitException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretLimitException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretLimitException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretLimitException forCaller() {
    return new SecretLimitException(text(), this);
  }
}
