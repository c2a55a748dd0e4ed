package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that the emulator has answered, or has begun to: who asked for what, and what became of
 * it. Never what was sent: no value, no token, no header, no body, no path but that of a method.
 * Immutable and thread-safe.
 */
public final class RequestRecord {

  private final Instant time;
  private final Optional<String> method;
  private final Optional<EmulatorRole> role;
  private final String outcome;
  private final int httpStatus;

  RequestRecord(
      Instant time,
      Optional<String> method,
      Optional<EmulatorRole> role,
      String outcome,
      int httpStatus) {
    requireNonNull(time, "time");
    requireNonNull(method, "method");
    requireNonNull(role, "role");
    requireNonNull(outcome, "outcome");
    this.time = time;
    this.method = method;
    this.role = role;
    this.outcome = outcome;
    this.httpStatus = httpStatus;
  }

  /** When it was answered. */
  public Instant time() {
    return time;
  }

  /** The method's name; empty if the path is that of no method. */
  public Optional<String> method() {
    return method;
  }

  /** The caller's; empty without a valid access token. */
  public Optional<EmulatorRole> role() {
    return role;
  }

  /** {@code ok}, or the code of the error, for example {@code not_found}. */
  public String outcome() {
    return outcome;
  }

  /** The status of the answer; 0 if the connection was cut instead. */
  public int httpStatus() {
    return httpStatus;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RequestRecord that
        && time.equals(that.time)
        && method.equals(that.method)
        && role.equals(that.role)
        && outcome.equals(that.outcome)
        && httpStatus == that.httpStatus;
  }

  @Override
  public int hashCode() {
    return Objects.hash(time, method, role, outcome, httpStatus);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return "RequestRecord[time=" + time + ", method=" + method + ", role=" + role + ", outcome="
        + outcome + ", httpStatus=" + httpStatus + "]";
  }
}
