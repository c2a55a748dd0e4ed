package tech.tailor.secretmanager.http;

import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

/**
 * Calls methods by Connect's unary protocol, and decides what a failure means: a read that failed
 * in passing is repeated within its budget; a change is sent once, whatever happens. The one
 * exception for both is a refused token, which is renewed once.
 */
final class ConnectClient {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final String CONTENT_TYPE = "application/json";

  private final Endpoint endpoint;
  private final Transport transport;
  private final TokenSource tokens;
  private final Pauses pauses;
  private final Clock clock;
  private final RetryBudget budget = new RetryBudget();

  ConnectClient(
      Endpoint endpoint, Transport transport, TokenSource tokens, Pauses pauses, Clock clock) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.tokens = tokens;
    this.pauses = pauses;
    this.clock = clock;
  }

  /**
   * Calls a method.
   *
   * @return its answer
   * @throws RefusedException if the server refused it, so that nothing was changed
   * @throws SecretManagerException if there is no answer, or none that may be believed
   */
  <T> T call(Operation operation, JsonBody body, JsonAnswer.Shape<T> shape, Deadline deadline)
      throws RefusedException {
    byte[] bytes = body.toBytes();
    try {
      return new Attempts<>(operation, bytes, shape, deadline).answer();
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** All that is tried for one call. */
  private final class Attempts<T> {
    private final Operation operation;
    private final byte[] body;
    private final JsonAnswer.Shape<T> shape;
    private final Deadline deadline;
    private final String requestId = UUID.randomUUID().toString();

    private int attempts;
    private boolean renewed;

    Attempts(Operation operation, byte[] body, JsonAnswer.Shape<T> shape, Deadline deadline) {
      this.operation = operation;
      this.body = body;
      this.shape = shape;
      this.deadline = deadline;
    }

    T answer() throws RefusedException {
      String token = tokens.current(deadline);
      while (true) {
        attempts++;
        Transport.Reply reply;
        try {
          reply = transport.send(request(token), deadline);
        } catch (NoReplyException e) {
          if (!repeats(e)) {
            throw failure(e);
          }
          continue;
        }
        if (reply.status() == 200) {
          T answer = read(reply);
          budget.succeeded();
          return answer;
        }
        ConnectCode stated = statedCode(reply);
        ConnectCode code = stated == null ? ConnectCode.ofStatus(reply.status()) : stated;
        if (code == ConnectCode.UNAUTHENTICATED && !renewed) {
          renewed = true;
          String next = tokens.afterRefusal(token, deadline);
          if (!next.equals(token)) {
            token = next;
            continue;
          }
        }
        if (!repeats(code, reply)) {
          throw refusal(code, stated != null, reply);
        }
      }
    }

    private Transport.Request request(String token) {
      Map<String, String> headers = new HashMap<>();
      headers.put("Connect-Protocol-Version", "1");
      headers.put("Connect-Timeout-Ms", Long.toString(timeoutMillis()));
      headers.put("User-Agent", UserAgent.TEXT);
      headers.put("X-Request-Id", requestId);
      return new Transport.Request(
          endpoint.resolve(operation.path()),
          CONTENT_TYPE,
          body,
          token,
          headers,
          operation.pages() ? HttpLimits.PAGE_BYTES : HttpLimits.ANSWER_BYTES);
    }

    private long timeoutMillis() {
      return Math.max(1, deadline.leftNanos() / 1_000_000);
    }

    private T read(Transport.Reply reply) {
      try {
        if (!reply.contentType().equals(CONTENT_TYPE)) {
          throw new MalformedAnswerException("it is not of type " + CONTENT_TYPE);
        }
        return JsonAnswer.read(reply.body(), shape);
      } catch (MalformedAnswerException e) {
        throw unreadable(e.getMessage());
      } finally {
        Arrays.fill(reply.body(), (byte) 0);
      }
    }

    /** The code that a Connect error states, or null if the body is none. */
    private @Nullable ConnectCode statedCode(Transport.Reply reply) {
      try {
        return reply.contentType().equals(CONTENT_TYPE)
            ? JsonAnswer.read(reply.body(), Answers::errorCode)
            : null;
      } catch (MalformedAnswerException e) {
        return null; // the status decides then
      } finally {
        Arrays.fill(reply.body(), (byte) 0);
      }
    }

    private boolean repeats(NoReplyException e) {
      return switch (e.reason()) {
        case UNREACHABLE, TIMEOUT -> pausesAndRepeats(Duration.ZERO);
        case INTERRUPTED, IDENTITY, INVALID, CLOSED -> false;
      };
    }

    private boolean repeats(ConnectCode code, Transport.Reply reply) {
      return switch (code) {
        case UNAVAILABLE, RESOURCE_EXHAUSTED ->
          pausesAndRepeats(RetryAfter.parse(reply.retryAfter(), clock));
        default -> false;
      };
    }

    private boolean pausesAndRepeats(Duration atLeast) {
      if (operation.writes() || attempts >= HttpLimits.READ_ATTEMPTS) {
        return false;
      }
      long jittered =
          (long) (pauses.random().getAsDouble() * (FIRST_PAUSE.toNanos() << (attempts - 1)));
      long pause = atLeast.toNanos() + jittered;
      return pause < deadline.leftNanos() && budget.take() && pauses.pause(pause, deadline);
    }

    private SecretManagerException failure(NoReplyException e) {
      boolean unknown = operation.writes() && e.sent();
      return switch (e.reason()) {
        case IDENTITY ->
          new SecretServerIdentityException(text("the server could not prove that it is " + endpoint
              + " (" + e.what() + "); check its certificate and the trust store"));
        case CLOSED -> new SecretUnavailableException(text("the store was closed meanwhile"));
        case INVALID ->
          unknown
              ? unknown("the reply can't be read: " + e.what())
              : new SecretProtocolException(text("the reply can't be read: " + e.what()));
        case INTERRUPTED ->
          unknown
              ? unknown("the thread was interrupted")
              : new SecretUnavailableException(text("the thread was interrupted"));
        case TIMEOUT ->
          unknown
              ? unknown("there was no reply in time (" + e.what() + ")")
              : new SecretTimeoutException(text("there was no reply from " + endpoint + " in time ("
                  + e.what() + "); try again later"));
        case UNREACHABLE ->
          unknown
              ? unknown("the connection broke (" + e.what() + ")")
              : new SecretUnavailableException(
                  text("no connection to " + endpoint + " (" + e.what() + "); try again later"));
      };
    }

    private RefusedException refusal(ConnectCode code, boolean stated, Transport.Reply reply) {
      String said = "the server answered " + code.wireName() + " (HTTP " + reply.status() + ")";
      boolean limited = reply.status() == 429;
      return new RefusedException(
          code,
          switch (code) {
            case UNAUTHENTICATED ->
              new SecretAccessDeniedException(
                  text(said + "; the access token is missing, expired or revoked: get a new one"));
            case PERMISSION_DENIED ->
              new SecretAccessDeniedException(text(said + "; the access token's user may not do"
                  + " that: ask for the role, or check the workspace id"));
            case NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE ->
              new SecretPreconditionException(text(said + "; nothing was changed"));
            case ALREADY_EXISTS ->
              new SecretAlreadyExistsException(text(said + "; nothing was changed"));
            case ABORTED ->
              new SecretConflictException(
                  text(said + "; somebody else was faster: read again, then decide"));
            case RESOURCE_EXHAUSTED ->
              new SecretRateLimitedException(text(said + "; try again later"));
            case UNAVAILABLE ->
              limited
                  ? new SecretRateLimitedException(text(said + "; try again later"))
                  : operation.writes() && !stated
                      ? unknown(said)
                      : new SecretUnavailableException(text(said + "; try again later"));
            case DEADLINE_EXCEEDED, CANCELED ->
              operation.writes()
                  ? unknown(said)
                  : new SecretTimeoutException(text(said + "; try again later"));
            case UNIMPLEMENTED ->
              new SecretProtocolException(text(
                  said + "; is " + endpoint + " the right endpoint, and its read road right?"));
            case UNKNOWN, INTERNAL, DATA_LOSS ->
              operation.writes() && (stated || reply.status() >= 500 || reply.status() < 300)
                  ? unknown(said)
                  : new SecretProtocolException(text(said));
          });
    }

    private SecretManagerException unreadable(@Nullable String why) {
      String said = "the answer can't be read: " + why;
      return operation.writes() ? unknown(said) : new SecretProtocolException(text(said));
    }

    private SecretManagerException unknown(String why) {
      return new SecretOutcomeUnknownException(
          text(
              why
                  + "; the change may have been made or not: read again to decide, don't simply repeat it"));
    }

    private String text(String why) {
      return "Could not " + operation.intent() + ": " + why + " [" + operation.method()
          + ", request " + requestId + ", " + (attempts == 1 ? "1 attempt" : attempts + " attempts")
          + "]";
    }
  }
}
