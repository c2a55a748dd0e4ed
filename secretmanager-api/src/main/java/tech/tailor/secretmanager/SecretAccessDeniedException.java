package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The backend, or the declaration, refuses the read or the change: the caller is not known, is not
 * allowed to, or did not declare the secret.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds of the secret is wiped at
 * once.
 */
public final class SecretAccessDeniedException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretAccessDeniedException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretAccessDeniedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  SecretAccessDeniedException forCaller() {
    return new SecretAccessDeniedException(text(), this);
  }
}
