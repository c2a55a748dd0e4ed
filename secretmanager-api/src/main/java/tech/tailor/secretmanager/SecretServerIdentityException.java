package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The server could not prove that it is the one that was to be asked: an untrusted or expired
 * certificate, a wrong host name.
 *
 * <p>Not retryable; a cache may serve a stale value, and keeps what it holds. Treat it as an alarm.
 */
public final class SecretServerIdentityException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretServerIdentityException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretServerIdentityException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isStaleAllowed() {
    return true;
  }

  @Override
  SecretServerIdentityException forCaller() {
    return new SecretServerIdentityException(text(), this);
  }
}
