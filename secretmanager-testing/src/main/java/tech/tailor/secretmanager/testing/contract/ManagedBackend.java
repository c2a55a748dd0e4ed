package tech.tailor.secretmanager.testing.contract;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.testing.FakeBackend;

/**
 * A manager over the backend under test, with what a rule needs to turn: faults in between, and
 * time. Closes the manager, not the backend.
 */
final class ManagedBackend implements AutoCloseable {

  static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  static final Duration MAX_STALE = Duration.ofHours(1);

  private final AtomicLong nowNanos = new AtomicLong();
  private final FakeBackend faults;
  private final SecretManager manager;

  ManagedBackend(SecretBackend backend, Function<SecretManagers.Builder, SecretManager> build) {
    this.faults = FakeBackend.over(backend);
    this.manager = build.apply(SecretManagers.builder(faults)
        .keepBackendOpen()
        .timeToLive(TIME_TO_LIVE)
        .maxStale(MAX_STALE)
        .executor(Runnable::run)
        .jitter(() -> 0)
        .ticker(nowNanos::get));
  }

  SecretManager manager() {
    return manager;
  }

  /** What stands between the manager and the backend under test. */
  FakeBackend faults() {
    return faults;
  }

  int fetches() {
    return faults.fetches().size();
  }

  void advance(Duration duration) {
    nowNanos.addAndGet(duration.toNanos());
  }

  /** Lets the time to live pass, but not the time for which stale values serve. */
  void expire() {
    advance(TIME_TO_LIVE.multipliedBy(2));
  }

  @Override
  public void close() {
    manager.close();
  }
}
