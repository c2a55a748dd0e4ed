package tech.tailor.secretmanager.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request and takes its reply. It follows nothing, and repeats nothing that a server can
 * have processed, with one exception: a {@linkplain Request#repeatable repeatable} request that was
 * sent on a pooled connection and got no reply there is sent on another connection, because the
 * server had most likely closed the pooled one.
 */
interface Transport extends AutoCloseable {

  /**
   * Sends a request. Its body is the caller's to wipe.
   *
   * @throws NoReplyException if there is no reply, or it is larger than the limit
   */
  Reply send(Request request, Deadline deadline) throws NoReplyException;

  @Override
  void close();

  /**
   * A request.
   *
   * @param url the whole of it
   * @param contentType of the body; ignored without one
   * @param body null for GET
   * @param token null for none; sent to the endpoint only
   * @param limitBytes of the body of a reply of status 200
   * @param repeatable whether the server may process it twice
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  record Request(
      String url,
      String contentType,
      byte @Nullable [] body,
      @Nullable String token,
      Map<String, String> headers,
      int limitBytes,
      boolean repeatable) {

    /** The same text for any token and body. */
    @Override
    public String toString() {
      return "Request[redacted]";
    }
  }

  /**
   * A reply.
   *
   * @param contentType without parameters, in lower case; empty if the reply has no content type
   * @param retryAfter the header, if there is one
   * @param body of a status other than 200, empty if it was over its limit
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  record Reply(int status, String contentType, @Nullable String retryAfter, byte[] body) {

    /** The same text for any body. */
    @Override
    public String toString() {
      return "Reply[redacted]";
    }
  }
}
