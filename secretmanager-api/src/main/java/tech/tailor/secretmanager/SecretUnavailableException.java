package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The backend can't be reached or can't answer now. {@link SecretTimeoutException} and
 * {@link SecretRateLimitedException} say so more closely.
 *
 * <p>Retryable; a cache may serve a stale value meanwhile, and keeps what it holds.
 */
public sealed class SecretUnavailableException extends SecretManagerException
    permits SecretTimeoutException, SecretRateLimitedException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretUnavailableException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isRetryable() {
    return true;
  }

  @Override
  public boolean isStaleAllowed() {
    return true;
  }

  @Override
  SecretUnavailableException forCaller() {
    return new SecretUnavailableException(text(), this);
  }
}
