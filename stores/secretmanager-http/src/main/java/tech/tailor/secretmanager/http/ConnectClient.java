package tech.tailor.secretmanager.http;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;

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
  private final @Nullable String readOnlyProfile;
  private final RetryBudget budget = new RetryBudget();

  ConnectClient(
      Endpoint endpoint, Transport transport, TokenSource tokens, Pauses pauses, Clock clock) {
    this(endpoint, transport, tokens, pauses, clock, null);
  }

  /**
   * A client.
   *
   * @param readOnlyProfile the profile of Tailor's CLI that forbids changes; null if none does
   */
  ConnectClient(
      Endpoint endpoint,
      Transport transport,
      TokenSource tokens,
      Pauses pauses,
      Clock clock,
      @Nullable String readOnlyProfile) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.tokens = tokens;
    this.pauses = pauses;
    this.clock = clock;
    this.readOnlyProfile = readOnlyProfile;
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
      if (operation.writes() && readOnlyProfile != null) {
        throw readOnly(operation, readOnlyProfile);
      }
      return new Attempts<>(operation, bytes, shape, deadline).answer();
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static SecretAccessDeniedException readOnly(Operation operation, String profile) {
    return new SecretAccessDeniedException("Could not " + operation.intent() + ": the profile "
        + quote(profile) + " of Tailor's CLI is read-only; choose another profile");
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
        requireAllowed();
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

    private void requireAllowed() {
      Optional<String> profile = operation.writes() ? tokens.readOnlyProfile() : Optional.empty();
      if (profile.isPresent()) {
        throw readOnly(operation, profile.get());
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
          HttpLimits.ANSWER_BYTES,
          !operation.writes());
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

    /** Returns the code that a Connect error states, or null if the body is not one. */
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
        case INTERRUPTED, IDENTITY, INVALID, PROXY, ELSEWHERE, CLOSED -> false;
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
      return Verdict.ofNoReply(e.reason(), operation.writes() && e.sent())
          .exception(could() + e.sentence(endpoint.toString()), context());
    }

    private RefusedException refusal(ConnectCode code, boolean stated, Transport.Reply reply) {
      String said = "the server answered " + code.wireName() + " (HTTP " + reply.status() + ")";
      return new RefusedException(
          code,
          code.verdict(stated, operation.writes(), reply.status())
              .exception(could() + said, context()));
    }

    private SecretManagerException unreadable(@Nullable String why) {
      Verdict verdict = operation.writes() ? Verdict.UNKNOWN : Verdict.PROTOCOL;
      return verdict.exception(could() + "the answer can't be read: " + why, context());
    }

    private String could() {
      return "Could not " + operation.intent() + ": ";
    }

    private String context() {
      return " [" + operation.method() + ", request " + requestId + ", "
          + (attempts == 1 ? "1 attempt" : attempts + " attempts") + "]";
    }
  }
}
