package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The request is well-formed and allowed, but the state of the store forbids it; for example, a
 * vault that still holds secrets can't be deleted, and a secret whose current version was disabled
 * can't be read. Nothing was changed.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds of the secret is wiped at
 * once: where this is the answer to a read, somebody took the secret out of use.
 */
public final class SecretPreconditionException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretPreconditionException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretPreconditionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  SecretPreconditionException forCaller() {
    return new SecretPreconditionException(text(), this);
  }
}
