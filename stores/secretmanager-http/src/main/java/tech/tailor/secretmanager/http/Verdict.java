package tech.tailor.secretmanager.http;

import java.util.function.Function;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretServerIdentityException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** What a failed call means: its exception, and what the message advises. */
enum Verdict {
  TOKEN_REFUSED(
      SecretAccessDeniedException::new,
      "; the access token is missing, expired or revoked: get a new one"),
  DENIED(
      SecretAccessDeniedException::new,
      "; the access token's user may not do that: ask for the role, or check the workspace id"),
  NOT_POSSIBLE(SecretPreconditionException::new, "; nothing was changed"),
  EXISTS(SecretAlreadyExistsException::new, "; nothing was changed"),
  CONFLICT(SecretConflictException::new, "; another client was faster: read again, then decide"),
  LIMITED(SecretRateLimitedException::new, "; try again later"),
  UNAVAILABLE(SecretUnavailableException::new, "; try again later"),
  TIMEOUT(SecretTimeoutException::new, "; try again later"),
  STOPPED(SecretUnavailableException::new, ""),
  IDENTITY(SecretServerIdentityException::new, "; check its certificate and the trust store"),
  PROXY(SecretProtocolException::new, NoReplyException.PROXY_ADVICE),
  WRONG_SERVICE(
      SecretProtocolException::new,
      "; is that the right endpoint, and does it serve the chosen ReadMode?"),
  PROTOCOL(SecretProtocolException::new, ""),
  UNKNOWN(
      SecretOutcomeUnknownException::new,
      "; the change may have been made or not: read again to decide, don't simply repeat it");

  @SuppressWarnings("ImmutableEnumChecker") // a constructor
  private final Function<String, SecretManagerException> exception;

  private final String advice;

  Verdict(Function<String, SecretManagerException> exception, String advice) {
    this.exception = exception;
    this.advice = advice;
  }

  /**
   * What it means that there is no reply.
   *
   * @param inDoubt whether it was a change that the server may have processed
   */
  static Verdict ofNoReply(NoReplyException.Reason reason, boolean inDoubt) {
    return switch (reason) {
      case IDENTITY -> IDENTITY;
      case CLOSED -> STOPPED;
      case PROXY -> PROXY;
      case ELSEWHERE -> PROTOCOL;
      case INVALID -> inDoubt ? UNKNOWN : PROTOCOL;
      case INTERRUPTED -> inDoubt ? UNKNOWN : STOPPED;
      case TIMEOUT -> inDoubt ? UNKNOWN : TIMEOUT;
      case UNREACHABLE -> inDoubt ? UNKNOWN : UNAVAILABLE;
    };
  }

  /**
   * The exception.
   *
   * @param what happened, in whole
   * @param context stands at the end of the message
   */
  SecretManagerException exception(String what, String context) {
    return exception.apply(what + advice + context);
  }
}
