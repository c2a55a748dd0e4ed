package tech.tailor.secretmanager.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The codes of Connect's errors, and what each means. */
enum ConnectCode {
  CANCELED(Verdict.TIMEOUT, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.UNKNOWN),
  UNKNOWN(Verdict.PROTOCOL, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.PROTOCOL),
  INVALID_ARGUMENT(Verdict.NOT_POSSIBLE),
  DEADLINE_EXCEEDED(Verdict.TIMEOUT, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.UNKNOWN),
  NOT_FOUND(Verdict.NOT_POSSIBLE),
  ALREADY_EXISTS(Verdict.EXISTS),
  PERMISSION_DENIED(Verdict.DENIED),
  RESOURCE_EXHAUSTED(Verdict.LIMITED),
  FAILED_PRECONDITION(Verdict.NOT_POSSIBLE),
  ABORTED(Verdict.CONFLICT),
  OUT_OF_RANGE(Verdict.NOT_POSSIBLE),
  UNIMPLEMENTED(Verdict.WRONG_SERVICE),
  INTERNAL(Verdict.PROTOCOL, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.PROTOCOL),
  UNAVAILABLE(Verdict.UNAVAILABLE, Verdict.UNAVAILABLE, Verdict.UNKNOWN, Verdict.UNAVAILABLE),
  DATA_LOSS(Verdict.PROTOCOL, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.PROTOCOL),
  UNAUTHENTICATED(Verdict.TOKEN_REFUSED);

  private final Verdict read;
  private final Verdict stated;
  private final Verdict inferred;
  private final Verdict turnedAway;

  ConnectCode(Verdict always) {
    this(always, always, always, always);
  }

  /**
   * A code.
   *
   * @param read what it means to a read
   * @param stated to a change, if the server stated the code
   * @param inferred to a change, if the code was inferred from a status that leaves open whether
   *     the request was processed: 2xx or 5xx
   * @param turnedAway to a change, if the code was inferred from another status
   */
  ConnectCode(Verdict read, Verdict stated, Verdict inferred, Verdict turnedAway) {
    this.read = read;
    this.stated = stated;
    this.inferred = inferred;
    this.turnedAway = turnedAway;
  }

  /** Returns the code of the given name on the wire, or null for an unknown name. */
  static @Nullable ConnectCode ofWire(String name) {
    for (ConnectCode code : values()) {
      if (code.wireName().equals(name)) {
        return code;
      }
    }
    return null;
  }

  /** What a status says where no Connect error comes with it. */
  static ConnectCode ofStatus(int status) {
    return switch (status) {
      case 400 -> INTERNAL;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> UNIMPLEMENTED;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }

  /**
   * What it means that a call was refused with this code.
   *
   * @param byServer whether the server stated the code, or it was inferred from the status
   * @param writes whether the call was a change
   */
  Verdict verdict(boolean byServer, boolean writes, int status) {
    if (this == UNAVAILABLE && status == 429) {
      return Verdict.LIMITED;
    }
    if (!writes) {
      return read;
    }
    if (byServer) {
      return stated;
    }
    return status < 300 || status >= 500 ? inferred : turnedAway;
  }

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
