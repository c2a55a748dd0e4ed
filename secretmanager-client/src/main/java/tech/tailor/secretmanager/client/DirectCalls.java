package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Makes calls on the calling thread. They can't be abandoned; the answer to one that took longer
 * than the timeout is wiped. Thread-safe.
 */
final class DirectCalls implements BackendCalls {

  private final GuardedBackend backend;
  private final Duration timeout;
  private final LongSupplier ticker;

  /**
   * Makes calls to a backend.
   *
   * @param timeout how long a call may take for its answer to count
   * @param ticker what that is measured with
   */
  DirectCalls(GuardedBackend backend, Duration timeout, LongSupplier ticker) {
    this.backend = backend;
    this.timeout = timeout;
    this.ticker = ticker;
  }

  @Override
  public BackendCall ask(String vault, Set<String> names) {
    long begunNanos = ticker.getAsLong();
    Map<String, SecretOutcome> outcomes = backend.fetch(vault, names);
    if (ticker.getAsLong() - begunNanos > timeout.toNanos()) {
      Outcomes.discardAll(outcomes);
      outcomes = Outcomes.failed(names, Failures.timedOut(vault, names, timeout));
    }
    BackendCall call = new BackendCall();
    call.complete(outcomes);
    return call;
  }

  @Override
  public boolean holdUpCaller() {
    return true;
  }

  @Override
  public void close() {}
}
