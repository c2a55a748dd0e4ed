package tech.tailor.secretmanager.http;

import java.time.Duration;

/** The limits of what is sent, taken and waited for, all of them. */
final class HttpLimits {

  /** Of an answer; the sealed values of one request fit, and so does a page of a list. */
  static final int ANSWER_BYTES = 1024 * 1024;

  /**
   * Of what a server sends in one exchange before the caller reads on, as it passes the socket:
   * status line, headers, informational replies, framing, trailers, and some of the body.
   */
  static final int AHEAD_BYTES = 96 * 1024;

  /** How long the thread that reads an HTTP/2 connection waits for callers that are behind. */
  static final Duration AHEAD_TIMEOUT = Duration.ofSeconds(2);

  /** Of all that a server sends outside exchanges: handshakes, a proxy's reply, pings. */
  static final int IDLE_BYTES = 64 * 1024;

  /** Of a longer error nothing is read. */
  static final int ERROR_BYTES = 16 * 1024;

  /** Of all headers of an answer together. */
  static final int HEADER_BYTES = 32 * 1024;

  /** Of the JSON of an answer; the protocol needs 4. */
  static final int NESTING_DEPTH = 16;

  /** Of the JSON of an answer; the protocol needs 23. */
  static final int FIELD_NAME_LENGTH = 256;

  /** Of the JSON of an answer; the protocol needs 19. */
  static final int NUMBER_LENGTH = 32;

  static final int PAGE_SIZE = 100;

  /** Of one list, however short its pages are. */
  static final int PAGES = 1_000;

  /** Of the token of a page, in characters. */
  static final int PAGE_TOKEN_LENGTH = 2_048;

  /** Of the vaults of a workspace, or the secrets of a vault. */
  static final int LISTED = 10_000;

  /** Of one request for values. */
  static final int NAMES_PER_READ = 1_000;

  /** Of the values of one answer, with their names, before they are sealed. */
  static final int PLAINTEXT_BYTES = 512 * 1024;

  static final int TOKEN_LENGTH = 16 * 1024;

  /** Of the configuration file of Tailor's CLI. */
  static final int CONFIG_BYTES = 1024 * 1024;

  static final int IN_FLIGHT = 32;

  static final int READ_ATTEMPTS = 3;

  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** Of the wait for the next byte. */
  static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(5);

  /** Of a call, with all its attempts. */
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  /**
   * How long a connection without work is kept: less than servers and balancers wait before they
   * close one, so that a change is not sent into a connection that is just being closed.
   */
  static final Duration IDLE_CONNECTION = Duration.ofSeconds(20);

  static final Duration RETRY_AFTER = Duration.ofSeconds(60);

  /** How long a key pair is offered to seal to. */
  static final Duration KEY_LIFETIME = Duration.ofMinutes(10);

  private HttpLimits() {}
}
