package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Anything that kept a secret from being read or changed. Each type has three fixed answers: may
 * the call be {@linkplain #isRetryable() repeated}, may a cache answer with a
 * {@linkplain #isStaleAllowed() stale value}, must a cache {@linkplain #dropsCached() drop} what it
 * holds.
 *
 * <p>A message says what failed, for which vault and secret, and what to try. No message, and no
 * message of a cause, ever carries a value, its length, a token, a header or a body. A message may
 * have several lines; other characters that hide a part of it or turn its direction are shown as
 * <code>&#92;u202e</code>, also where a backend of your own wrote it.
 *
 * <p>A programmer's error is none of these: it is a {@link NullPointerException}, an
 * {@link IllegalArgumentException} or an {@link IllegalStateException}.
 */
public abstract sealed class SecretManagerException extends RuntimeException
    permits SecretNotFoundException,
        SecretAccessDeniedException,
        SecretPreconditionException,
        SecretAlreadyExistsException,
        SecretConflictException,
        SecretUnavailableException,
        SecretOutcomeUnknownException,
        SecretProtocolException,
        SecretServerIdentityException,
        SecretIntegrityException,
        SecretStorageException,
        SecretStoreRewoundException,
        SecretLimitException,
        SecretEncodingException,
        SecretApplyException,
        SecretVerificationException {

  private static final long serialVersionUID = 1L;

  private final String text;

  SecretManagerException(String message, @Nullable Throwable cause) {
    super(MessageText.lines(requireNonNull(message, "message")), cause);
    this.text = MessageText.lines(message);
  }

  /** Whether the same call may succeed if it is repeated a little later. */
  public boolean isRetryable() {
    return false;
  }

  /** Whether a cache may answer with a value past its time to live, marked as such. */
  public boolean isStaleAllowed() {
    return false;
  }

  /** Whether a cache must drop and wipe what it holds of the secret. */
  public boolean dropsCached() {
    return false;
  }

  /** See {@link SecretSupport#forCaller}. */
  abstract SecretManagerException forCaller();

  /** The message, known not to be null. */
  final String text() {
    return text;
  }
}
