package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What can go wrong with a call; see {@link EmulatorFaults}. Immutable and thread-safe.
 *
 * <p>Some take the place of the call, which is then not carried out: {@link #error},
 * {@link #rateLimited}, {@link #httpStatus}. The others happen to its answer, so that the call has
 * been carried out: {@link #latency}, {@link #reset}, {@link #slowBody}.
 */
public final class Fault {

  private static final Duration LONGEST = Duration.ofHours(1);

  /** What happens. */
  enum Kind {
    ERROR,
    HTTP_STATUS,
    LATENCY,
    RESET,
    SLOW_BODY
  }

  private final Kind kind;
  private final int status;
  private final Duration duration;
  private final Optional<Code> code;

  private Fault(Kind kind, int status, Duration duration, Optional<Code> code) {
    this.kind = kind;
    this.status = status;
    this.duration = duration;
    this.code = code;
  }

  /**
   * The call is not carried out; an error of Connect is answered.
   *
   * @param code as on the wire, for example {@code unavailable}
   * @throws IllegalArgumentException if Connect has no such code
   */
  public static Fault error(String code) {
    requireNonNull(code, "code");
    for (Code known : Code.values()) {
      if (known.wireName().equals(code)) {
        return new Fault(Kind.ERROR, known.httpStatus(), Duration.ZERO, Optional.of(known));
      }
    }
    throw new IllegalArgumentException(
        "Connect has no such error code; use one as \"unavailable\" or \"not_found\"");
  }

  /**
   * The call is not carried out; {@code resource_exhausted} is answered, with the header
   * {@code Retry-After}.
   *
   * @param retryAfter in whole seconds; a fraction is dropped
   * @throws IllegalArgumentException if it is negative or longer than an hour
   */
  public static Fault rateLimited(Duration retryAfter) {
    return new Fault(
        Kind.ERROR,
        Code.RESOURCE_EXHAUSTED.httpStatus(),
        requireSane(retryAfter, "retryAfter"),
        Optional.of(Code.RESOURCE_EXHAUSTED));
  }

  /**
   * The call is not carried out; what is answered is no answer of Connect but a page of HTML with
   * that status, as of a proxy.
   *
   * @throws IllegalArgumentException if the status is not from 200 to 599
   */
  public static Fault httpStatus(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("A status is from 200 to 599, got " + status);
    }
    return new Fault(Kind.HTTP_STATUS, status, Duration.ZERO, Optional.empty());
  }

  /**
   * The call is carried out; the answer is late by that much. Meanwhile it holds one of the
   * emulator's 256 threads.
   *
   * @throws IllegalArgumentException if it is negative or longer than an hour
   */
  public static Fault latency(Duration latency) {
    return new Fault(Kind.LATENCY, 0, requireSane(latency, "latency"), Optional.empty());
  }

  /**
   * The call is carried out; instead of an answer the connection is reset. Over HTTP/2 the other
   * calls on that connection fail too.
   */
  public static Fault reset() {
    return new Fault(Kind.RESET, 0, Duration.ZERO, Optional.empty());
  }

  /**
   * The call is carried out; the body of the answer comes in up to ten pieces, spread over that
   * time, in whole milliseconds. Meanwhile it holds one of the emulator's 256 threads.
   *
   * @throws IllegalArgumentException if it is negative or longer than an hour
   */
  public static Fault slowBody(Duration duration) {
    return new Fault(Kind.SLOW_BODY, 0, requireSane(duration, "duration"), Optional.empty());
  }

  Kind kind() {
    return kind;
  }

  int status() {
    return status;
  }

  Duration duration() {
    return duration;
  }

  Optional<Code> code() {
    return code;
  }

  /** Whether it takes the place of the call. */
  boolean replacesCall() {
    return kind == Kind.ERROR || kind == Kind.HTTP_STATUS;
  }

  private static Duration requireSane(Duration duration, String name) {
    requireNonNull(duration, name);
    if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " is from zero to " + LONGEST + ", got " + duration);
    }
    return duration;
  }

  /** Says what goes wrong. */
  @Override
  public String toString() {
    return "Fault[" + kind.name().toLowerCase(Locale.ROOT)
        + (status == 0 ? "" : " " + status)
        + (duration.isZero() ? "" : " " + duration) + "]";
  }
}
