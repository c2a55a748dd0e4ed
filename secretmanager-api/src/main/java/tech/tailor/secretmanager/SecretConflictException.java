package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * Somebody else changed what was to be changed: nothing was written. Read again, then decide again.
 *
 * <p>Not retryable as it stands; what a cache holds is dropped.
 */
public final class SecretConflictException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretConflictException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretConflictException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  SecretConflictException forCaller() {
    return new SecretConflictException(text(), this);
  }
}
