package tech.tailor.secretmanager.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The codes of Connect's errors. */
enum ConnectCode {
  CANCELED,
  UNKNOWN,
  INVALID_ARGUMENT,
  DEADLINE_EXCEEDED,
  NOT_FOUND,
  ALREADY_EXISTS,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  ABORTED,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  INTERNAL,
  UNAVAILABLE,
  DATA_LOSS,
  UNAUTHENTICATED;

  /** The code of the given name on the wire, or null if there is none. */
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

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
