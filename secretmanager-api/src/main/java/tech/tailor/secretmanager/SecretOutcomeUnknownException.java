package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * A change was sent or written, but whether it took effect is not known. Read the secret again to
 * decide; don't simply repeat the change.
 *
 * <p>Never retried automatically; what a cache holds of the secret is dropped.
 */
public final class SecretOutcomeUnknownException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretOutcomeUnknownException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretOutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  SecretOutcomeUnknownException forCaller() {
    return new SecretOutcomeUnknownException(text(), this);
  }
}
