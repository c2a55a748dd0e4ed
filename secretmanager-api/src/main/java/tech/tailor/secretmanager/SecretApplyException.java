package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * A plan was not applied as a whole. The message is the report of what was done, what failed and
 * what was not tried; each failure is suppressed in this. To go on, make a new plan and apply that.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretApplyException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretApplyException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretApplyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretApplyException forCaller() {
    return new SecretApplyException(text(), this);
  }
}
