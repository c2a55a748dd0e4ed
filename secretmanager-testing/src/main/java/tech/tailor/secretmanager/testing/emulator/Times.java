package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Instants as protobuf has them. */
final class Times {

  private Times() {}

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** Of a {@link Timestamp}, or of a dynamic message of that type. */
  static Instant instant(Message timestamp) {
    Object seconds = timestamp.getField(timestamp.getDescriptorForType().findFieldByNumber(1));
    Object nanos = timestamp.getField(timestamp.getDescriptorForType().findFieldByNumber(2));
    return Instant.ofEpochSecond((Long) seconds, (Integer) nanos);
  }
}
