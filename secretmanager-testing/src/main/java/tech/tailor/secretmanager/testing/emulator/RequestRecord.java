package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A request that the emulator has answered, or has begun to: who asked for what, and what became of
 * it. Never what was sent: no value, no token, no header, no body, no path but that of a method.
 * Immutable and thread-safe.
 *
 * @param time when it was answered
 * @param method the method's name; empty if the path is that of no method
 * @param role the caller's; empty without a valid access token
 * @param outcome {@code ok}, or the code of the error, for example {@code not_found}
 * @param httpStatus the status of the answer; 0 if the connection was cut instead
 */
public record RequestRecord(
    Instant time,
    Optional<String> method,
    Optional<EmulatorRole> role,
    String outcome,
    int httpStatus) {
  /** Checks that nothing is null. */
  public RequestRecord {
    requireNonNull(time, "time");
    requireNonNull(method, "method");
    requireNonNull(role, "role");
    requireNonNull(outcome, "outcome");
  }
}
