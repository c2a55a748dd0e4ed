package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * A vault or a secret that was to be created is already there. Nothing was changed.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretAlreadyExistsException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretAlreadyExistsException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretAlreadyExistsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretAlreadyExistsException forCaller() {
    return new SecretAlreadyExistsException(text(), this);
  }
}
