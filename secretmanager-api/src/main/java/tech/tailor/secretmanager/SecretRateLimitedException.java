package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The backend refuses to answer so often.
 *
 * <p>Retryable after a pause; a cache may serve a stale value meanwhile, and keeps what it holds.
 */
public final class SecretRateLimitedException extends SecretUnavailableException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretRateLimitedException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretRateLimitedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretRateLimitedException forCaller() {
    return new SecretRateLimitedException(text(), this);
  }
}
