package tech.tailor.secretmanager.http;

/**
 * A request got no reply, or none that may be read. It names the class of what went wrong and never
 * its message, which could quote a token or a body.
 */
final class NoReplyException extends Exception {

  /** What to do when a proxy refused to connect. */
  static final String PROXY_ADVICE = "; let the application pass there without a login, which this"
      + " library doesn't send, or set another proxy";

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
    /** The proxy refused to connect to the server. */
    PROXY,
    /** The request was about to go to another server than the endpoint, and was held back. */
    ELSEWHERE,
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

  /** What happened, as a sentence about the given server. */
  String sentence(String server) {
    return switch (reason) {
      case IDENTITY -> "the server could not prove that it is " + server + " (" + what() + ")";
      case CLOSED -> "the store was closed meanwhile";
      case PROXY -> what();
      case ELSEWHERE ->
        "the request was about to go to another server than " + server + ", and was not sent";
      case INVALID -> "the reply can't be read: " + what();
      case INTERRUPTED -> "the thread was interrupted";
      case TIMEOUT -> "there was no reply from " + server + " in time (" + what() + ")";
      case UNREACHABLE ->
        (sent ? "the connection to " + server + " broke" : "no connection to " + server) + " ("
            + what() + ")";
    };
  }

  /** What went wrong, for a message. */
  String what() {
    return String.valueOf(getMessage());
  }
}
