package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The storage under a store failed: no space, read-only, no permission, an input or output error.
 * What was stored before is untouched.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretStorageException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretStorageException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretStorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretStorageException forCaller() {
    return new SecretStorageException(text(), this);
  }
}
