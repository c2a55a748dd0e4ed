package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Thrown if a secret could not be read or changed. Each type gives three fixed answers: whether the
 * caller may {@linkplain #isRetryable() retry}, whether a cache may answer with a
 * {@linkplain #isStaleAllowed() stale value}, and whether a cache must {@linkplain #dropsCached()
 * drop} its entry.
 *
 * <p>A message says what failed, for which vault and secret, and what to try. No message, and no
 * message of a cause, ever contains a value, its length, a token, a header or a body. A message may
 * have several lines. Other characters that hide a part of it or turn its direction are shown as
 * <code>&#92;u202e</code>, also if a backend of your own wrote it.
 *
 * <p>A programming error has another type: {@link NullPointerException},
 * {@link IllegalArgumentException} or {@link IllegalStateException}.
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
