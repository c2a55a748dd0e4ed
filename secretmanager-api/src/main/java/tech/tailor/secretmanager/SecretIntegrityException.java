package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * What is stored was damaged, tampered with, rolled back, or sealed with another key. No value is
 * given, and nothing is repaired.
 *
 * <p>Never retryable; never answered by a stale value; what a cache holds of the secret is wiped at
 * once.
 */
public final class SecretIntegrityException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretIntegrityException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretIntegrityException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  SecretIntegrityException forCaller() {
    return new SecretIntegrityException(text(), this);
  }
}
