package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * The backend gave an answer that its contract or protocol does not allow: malformed, over a limit,
 * an outcome missing.
 *
 * <p>Not retryable; a cache may serve a stale value, and keeps what it holds.
 */
public final class SecretProtocolException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretProtocolException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretProtocolException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean isStaleAllowed() {
    return true;
  }

  @Override
  SecretProtocolException forCaller() {
    return new SecretProtocolException(text(), this);
  }
}
