package tech.tailor.secretmanager.http;

/**
 * A request got no reply, or none that may be read. It names the class of what went wrong and never
 * its message, which could quote a token or a body.
 */
final class NoReplyException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final boolean sent;

  /** Why there is no reply. */
  enum Reason {
    /** No connection, or it broke. */
    UNREACHABLE,
    TIMEOUT,
    INTERRUPTED,
    /** The server could not prove who it is. */
    IDENTITY,
    /** The reply is larger than the limit, or is no HTTP. */
    INVALID,
    /** The transport is closed. */
    CLOSED
  }

  /**
   * A failure.
   *
   * @param sent whether any of the request may have reached the server
   */
  NoReplyException(Reason reason, boolean sent, String what) {
    super(what);
    this.reason = reason;
    this.sent = sent;
  }

  Reason reason() {
    return reason;
  }

  boolean sent() {
    return sent;
  }

  /** What went wrong, for a message. */
  String what() {
    return String.valueOf(getMessage());
  }
}
