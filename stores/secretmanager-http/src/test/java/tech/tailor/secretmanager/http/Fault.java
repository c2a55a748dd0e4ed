package tech.tailor.secretmanager.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * Something that goes wrong between client and server, and what has to come of it.
 *
 * @param read the exception of a read; {@link #NONE} if it succeeds all the same, null for any of
 *     those that are declared
 * @param readCalls how many requests of a read arrive; -1 for any number
 * @param write the exception of a change
 */
record Fault(
    String name,
    MockResponse response,
    @Nullable Class<?> read,
    int readCalls,
    Class<?> write,
    In in) {

  /** In which versions of HTTP there is such a thing. */
  enum In {
    ALL,
    HTTP1,
    HTTP2
  }

  /** No exception. */
  static final Class<?> NONE = Void.class;

  static final String CANARY = "canary-of-the-server";

  private static final String VAULT =
      "{\"name\":\"default\",\"createTime\":\"2026-11-01T00:00:00Z\"}";
  private static final String SECRET = VAULT.replace("default", "api-key");
  private static final String GOOD = "{\"vault\":" + VAULT + ",\"secret\":" + SECRET + "}";

  private static final Class<?> PROTOCOL = SecretProtocolException.class;
  private static final Class<?> UNKNOWN = SecretOutcomeUnknownException.class;
  private static final Class<?> UNAVAILABLE = SecretUnavailableException.class;
  private static final Class<?> LIMITED = SecretRateLimitedException.class;
  private static final Class<?> DENIED = SecretAccessDeniedException.class;
  private static final Class<?> TIMEOUT = SecretTimeoutException.class;

  @Override
  public String toString() {
    return name;
  }

  static List<Fault> all() {
    List<Fault> faults = new ArrayList<>();
    bodies(faults);
    statuses(faults);
    retryAfter(faults);
    connections(faults);
    return Collections.unmodifiableList(faults);
  }

  private static String withUnknownField(String value) {
    return "{\"unknown\":" + value + "," + GOOD.substring(1);
  }

  private static void bodies(List<Fault> faults) {
    body(faults, "no fault at all", GOOD, NONE, NONE);
    body(faults, "a BOM before a good body", "\uFEFF" + GOOD, NONE, NONE);
    unreadable(faults, "an empty body", "");
    unreadable(faults, "white space", "   ");
    unreadable(faults, "a body cut off", GOOD.substring(0, 40));
    unreadable(faults, "something after the end", GOOD + GOOD);
    unreadable(faults, "a field twice", "{\"vault\":" + VAULT + ",\"vault\":" + VAULT + "}");
    unreadable(faults, "an unknown field twice", "{\"x\":1,\"x\":2," + GOOD.substring(1));
    unreadable(faults, "depth 10,000", "{\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
    unreadable(faults, "a word that is no JSON", CANARY);
    unreadable(
        faults, "another type", "{\"vault\":\"" + CANARY + "\",\"secret\":\"" + CANARY + "\"}");
    unreadable(faults, "an array", "[" + GOOD + "]");
    unreadable(faults, "a number of 1,000 digits", "{\"x\":" + "9".repeat(1_000) + "}");
    unreadable(faults, "a field name of 1,000 characters", "{\"" + "x".repeat(1_000) + "\":1}");
    body(
        faults,
        "a field name of 256 characters in a field that is passed over",
        withUnknownField("{\"y\":[{\"" + "x".repeat(256) + "\":{}}]}"),
        NONE,
        NONE);
    unreadable(
        faults,
        "a field name of 257 characters in a field that is passed over",
        withUnknownField("{\"y\":[{\"" + "x".repeat(257) + "\":{}}]}"));
    unreadable(faults, "a missing field", "{}");
    unreadable(faults, "null", "null");
    unreadable(faults, "a bad timestamp", GOOD.replace("2026-11-01T00:00:00Z", CANARY));
    unreadable(faults, "a bad name", GOOD.replaceAll("default|api-key", "../" + CANARY));
    unreadable(faults, "another name", GOOD.replaceAll("default|api-key", CANARY));
    unreadable(faults, "an error with status 200", "{\"code\":\"not_found\"}");
    unreadable(faults, "10 MB", "{\"x\":\"" + "x".repeat(10_000_000) + "\"}");
    add(
        faults,
        "bad UTF-8",
        json(200)
            .body(new Buffer().writeUtf8("{\"").writeByte(0xff).writeUtf8("\":1}"))
            .build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "chunked, 10 MB",
        json(200)
            .chunkedBody("{\"x\":\"" + "x".repeat(10_000_000) + "\"}", 8192)
            .build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "a good body as text/html",
        new MockResponse.Builder()
            .addHeader("Content-Type", "text/html")
            .body(GOOD)
            .build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "a good body of no type",
        new MockResponse.Builder().body(GOOD).build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "a type with a charset",
        new MockResponse.Builder()
            .addHeader("Content-Type", "Application/JSON; charset=utf-8")
            .body(GOOD)
            .build(),
        NONE,
        1,
        NONE);
    add(
        faults,
        "a gzip bomb that nobody asked for",
        json(200).addHeader("Content-Encoding", "gzip").body(gzipBomb()).build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "an unknown encoding",
        json(200).addHeader("Content-Encoding", "x-" + CANARY).body(GOOD).build(),
        PROTOCOL,
        1,
        UNKNOWN);
    add(
        faults,
        "headers of 40 KiB",
        json(200).addHeader("X-Large", "x".repeat(40_000)).body(GOOD).build(),
        PROTOCOL,
        1,
        UNKNOWN);
  }

  private static void statuses(List<Fault> faults) {
    for (int status : List.of(201, 202, 206)) {
      bare(faults, status, PROTOCOL, 1, UNKNOWN);
    }
    add(faults, "bare 204", new MockResponse.Builder().code(204).build(), PROTOCOL, 1, UNKNOWN);
    for (int status : List.of(300, 301, 302, 303, 304, 307, 308)) {
      add(
          faults,
          "bare " + status,
          new MockResponse.Builder()
              .code(status)
              .addHeader("Location", "/elsewhere")
              .build(),
          PROTOCOL,
          1,
          PROTOCOL);
    }
    for (int status : List.of(400, 404, 405, 408, 409, 412, 413, 415, 421, 431)) {
      bare(faults, status, PROTOCOL, 1, PROTOCOL);
    }
    bare(faults, 401, DENIED, 1, DENIED);
    bare(faults, 403, DENIED, 1, DENIED);
    bare(faults, 429, LIMITED, 3, LIMITED);
    bare(faults, 500, PROTOCOL, 1, UNKNOWN);
    bare(faults, 501, PROTOCOL, 1, UNKNOWN);
    bare(faults, 502, UNAVAILABLE, 3, UNKNOWN);
    bare(faults, 503, UNAVAILABLE, 3, UNKNOWN);
    bare(faults, 504, UNAVAILABLE, 3, UNKNOWN);
    bare(faults, 599, PROTOCOL, 1, UNKNOWN);
    stated(faults, 401, "unauthenticated", DENIED, 1, DENIED);
    stated(faults, 403, "permission_denied", DENIED, 1, DENIED);
    stated(faults, 404, "not_found", NONE, 1, SecretNotFoundException.class);
    stated(faults, 409, "aborted", SecretConflictException.class, 1, SecretConflictException.class);
    stated(
        faults,
        409,
        "already_exists",
        SecretAlreadyExistsException.class,
        1,
        SecretAlreadyExistsException.class);
    stated(faults, 429, "resource_exhausted", LIMITED, 3, LIMITED);
    stated(faults, 500, "internal", PROTOCOL, 1, UNKNOWN);
    stated(faults, 503, "unavailable", UNAVAILABLE, 3, UNAVAILABLE);
    stated(faults, 504, "deadline_exceeded", TIMEOUT, 1, UNKNOWN);
    stated(faults, 403, CANARY, DENIED, 1, DENIED);
    add(
        faults,
        "403 with 20 kB of an error",
        json(403)
            .body("{\"code\":\"not_found\",\"message\":\"" + CANARY.repeat(1_000) + "\"}")
            .build(),
        DENIED,
        1,
        DENIED);
    add(
        faults,
        "403 with half an error",
        json(403).body("{\"code\":\"not_found\",\"mess" + CANARY).build(),
        DENIED,
        1,
        DENIED);
  }

  private static void retryAfter(List<Fault> faults) {
    for (int status : List.of(429, 503)) {
      Class<?> read = status == 429 ? LIMITED : UNAVAILABLE;
      Class<?> write = status == 429 ? LIMITED : UNKNOWN;
      // The first few let a read be repeated; the others ask for longer than there is.
      for (String pause :
          List.of("0", "-1", "x" + CANARY, "", "1e3", "Sun, 06 Nov 1994 08:49:37 GMT")) {
        retryAfter(faults, status, pause, read, 3, write);
      }
      for (String pause :
          List.of("9", "99999999999", "9".repeat(39), "Tue, 31 Dec 2199 23:59:59 GMT")) {
        retryAfter(faults, status, pause, read, 1, write);
      }
    }
    add(
        faults,
        "408 with Retry-After: 0",
        new MockResponse.Builder().code(408).addHeader("Retry-After", "0").build(),
        PROTOCOL,
        1,
        PROTOCOL);
  }

  private static void connections(List<Fault> faults) {
    SocketEffect close = new SocketEffect.CloseSocket(true, false, false);
    faults.add(new Fault(
        "closed after the request",
        json(200).body(GOOD).onResponseStart(close).build(),
        UNAVAILABLE,
        3,
        UNKNOWN,
        In.HTTP1));
    add(
        faults,
        "closed in the middle of the body",
        json(200)
            .body("{\"x\":\"" + "x".repeat(100_000) + "\"}")
            .onResponseBody(close)
            .build(),
        UNAVAILABLE,
        3,
        UNKNOWN);
    add(
        faults,
        "closed after a good reply",
        json(200).body(GOOD).onResponseEnd(close).build(),
        NONE,
        1,
        NONE);
    add(
        faults,
        "no reply",
        json(200).body(GOOD).onResponseStart(SocketEffect.Stall.INSTANCE).build(),
        TIMEOUT,
        1,
        UNKNOWN);
    add(
        faults,
        "headers that come late",
        json(200).body(GOOD).headersDelay(30, TimeUnit.SECONDS).build(),
        TIMEOUT,
        1,
        UNKNOWN);
    add(
        faults,
        "a body that trickles",
        json(200).body(GOOD).throttleBody(1, 100, TimeUnit.MILLISECONDS).build(),
        TIMEOUT,
        1,
        UNKNOWN);
    for (int code : List.of(1, 2, 7, 8, 11)) {
      faults.add(new Fault(
          "RST_STREAM " + code,
          json(200)
              .body(GOOD)
              .onResponseStart(new SocketEffect.CloseStream(code))
              .build(),
          UNAVAILABLE,
          3,
          UNKNOWN,
          In.HTTP2));
    }
    faults.add(new Fault(
        "RST_STREAM in the middle of the body",
        json(200)
            .body("{\"x\":\"" + "x".repeat(100_000) + "\"}")
            .onResponseBody(new SocketEffect.CloseStream(2))
            .build(),
        UNAVAILABLE,
        3,
        UNKNOWN,
        In.HTTP2));
    faults.add(new Fault(
        "GOAWAY in place of a reply",
        json(200)
            .body(GOOD)
            .onResponseStart(SocketEffect.ShutdownConnection.INSTANCE)
            .build(),
        null,
        -1,
        UNKNOWN,
        In.HTTP2));
    MockResponse.Builder hints = json(200).body(GOOD);
    for (int i = 0; i < 20; i++) {
      hints.addInformationalResponse(new MockResponse.Builder().code(103).build());
    }
    add(faults, "20 early hints", hints.build(), NONE, 1, NONE);
  }

  private static void body(
      List<Fault> faults, String name, String body, Class<?> read, Class<?> write) {
    add(faults, name, json(200).body(body).build(), read, 1, write);
  }

  private static void unreadable(List<Fault> faults, String name, String body) {
    body(faults, name, body, PROTOCOL, UNKNOWN);
  }

  private static void bare(
      List<Fault> faults, int status, Class<?> read, int calls, Class<?> write) {
    add(faults, "bare " + status, MockPlatform.bare(status), read, calls, write);
  }

  private static void stated(
      List<Fault> faults, int status, String code, Class<?> read, int calls, Class<?> write) {
    add(faults, status + " " + code, MockPlatform.error(status, code), read, calls, write);
  }

  private static void retryAfter(
      List<Fault> faults, int status, String pause, Class<?> read, int calls, Class<?> write) {
    add(
        faults,
        status + " with Retry-After: " + pause,
        new MockResponse.Builder().code(status).addHeader("Retry-After", pause).build(),
        read,
        calls,
        write);
  }

  private static void add(
      List<Fault> faults,
      String name,
      MockResponse response,
      Class<?> read,
      int calls,
      Class<?> write) {
    faults.add(new Fault(name, response, read, calls, write, In.ALL));
  }

  private static MockResponse.Builder json(int status) {
    return new MockResponse.Builder().code(status).addHeader("Content-Type", "application/json");
  }

  private static Buffer gzipBomb() {
    Buffer bomb = new Buffer();
    try (okio.BufferedSink gzip = okio.Okio.buffer(new okio.GzipSink(bomb))) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 50; i++) {
        gzip.write(zeros);
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bomb;
  }
}
