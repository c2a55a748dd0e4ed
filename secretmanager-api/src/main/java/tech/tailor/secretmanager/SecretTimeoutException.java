package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * There was no answer within the time allowed: the backend is slow, or a lock on the store was held
 * too long.
 *
 * <p>Retryable; a cache may serve a stale value meanwhile, and keeps what it holds.
 */
public final class SecretTimeoutException extends SecretUnavailableException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretTimeoutException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretTimeoutException forCaller() {
    return new SecretTimeoutException(text(), this);
  }
}
