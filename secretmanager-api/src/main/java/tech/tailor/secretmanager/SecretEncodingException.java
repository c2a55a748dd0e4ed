package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * A value is not in the form that it should have: it was asked for as text and is not UTF-8, or it
 * breaks a rule that was declared for it.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretEncodingException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure with the given message, which names the vault and the secret and what to try, and
   * never a value.
   */
  public SecretEncodingException(String message) {
    this(message, null);
  }

  /** The same, with a cause whose own message can't carry a value, a token or a body. */
  public SecretEncodingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  SecretEncodingException forCaller() {
    return new SecretEncodingException(text(), this);
  }
}
