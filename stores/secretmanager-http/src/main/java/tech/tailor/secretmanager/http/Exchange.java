package tech.tailor.secretmanager.http;

import org.jspecify.annotations.Nullable;

/**
 * What became of one request: whether any of it left, on what connection, and whether a reply
 * began. Confined to the thread of the call.
 */
final class Exchange implements AutoCloseable {

  private @Nullable Meter meter;
  private long sentBefore;
  private boolean sent;
  private boolean reused;
  private boolean replied;

  /** A connection was chosen; nothing is sent yet. */
  void begin(Meter chosen, boolean multiplexed) {
    close();
    chosen.begin(multiplexed);
    meter = chosen;
    sentBefore = chosen.sentBytes();
    reused = chosen.hasServed();
  }

  /** The chosen connection turned out to be closed; nothing is sent on it. */
  void foundClosed() {
    reused = true; // most likely, and what is new is no worse for another try
  }

  /** Sending, or waiting for the reply, failed; the connection is not closed yet on this side. */
  void failed() {
    sent = meter != null && meter.sentBytes() > sentBefore;
  }

  /** The status and the headers of the reply have arrived. */
  void replied() {
    replied = true;
    if (meter != null) {
      meter.served();
    }
  }

  /** The caller has read so much of the body. */
  void consumed(long bytes) {
    if (meter != null) {
      meter.consumed(bytes);
    }
  }

  /** Whether the connection brought a reply to an earlier request, and none to this one. */
  boolean failedOnReused() {
    return reused && !replied;
  }

  boolean isExceeded() {
    return meter != null && meter.isExceeded();
  }

  /**
   * Whether any of the request may have been acted on, given how it failed. It can't have been
   * where the operating system took none of its bytes, or where HTTP/2 says so: the connection was
   * being shut down before the request began, or a server that shuts down refused it unprocessed.
   */
  boolean mayBeProcessed(Throwable failure) {
    return replied || (sent && !isUnprocessed(failure));
  }

  /** Ends what the exchange allows the server to send. */
  @Override
  public void close() {
    if (meter != null) {
      meter.end();
      meter = null;
    }
  }

  /** By name, because OkHttp's module does not export these exceptions. */
  private boolean isUnprocessed(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    return switch (failure.getClass().getSimpleName()) {
      case "ConnectionShutdownException" -> true;
      case "StreamResetException" -> reused && text.equals("stream was reset: REFUSED_STREAM");
      default -> false;
    };
  }
}
