package tech.tailor.secretmanager.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Time that a test turns by hand; a pause turns it too. */
final class FakeTime extends Clock {

  final List<Long> slept = new CopyOnWriteArrayList<>();

  private static final Instant ORIGIN = Instant.parse("2026-11-24T12:00:00Z");
  private final AtomicLong nanos = new AtomicLong();

  Pauses pauses(double random) {
    return new Pauses(
        nanos::get,
        pause -> {
          slept.add(pause);
          nanos.addAndGet(pause);
        },
        () -> random);
  }

  void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  Deadline deadline() {
    return Deadline.after(Duration.ofSeconds(10), nanos::get);
  }

  @Override
  public Instant instant() {
    return ORIGIN.plusNanos(nanos.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
