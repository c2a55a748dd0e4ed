package tech.tailor.secretmanager.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * What lies behind every cache: it answers from memory, after a while if so told, and counts its
 * calls.
 */
final class Upstream implements SecretBackend {

  private final long delayNanos;
  private final boolean failing;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<String, byte[]> values = new LinkedHashMap<>();

  Upstream() {
    this(0, false);
  }

  Upstream(long delayNanos, boolean failing) {
    this.delayNanos = delayNanos;
    this.failing = failing;
    Secrets.NAMES.forEach(name -> values.put(name, Secrets.bytes(name)));
  }

  /** A new array for each call. */
  byte[] load(String name) {
    call();
    return values.get(name).clone();
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    call();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    for (String name : names) {
      outcomes.put(name, new SecretOutcome.Found(SecretValue.copyOf(values.get(name))));
    }
    return outcomes;
  }

  int calls() {
    return calls.get();
  }

  @Override
  public void close() {}

  void call() {
    calls.incrementAndGet();
    long endNanos = System.nanoTime() + delayNanos;
    for (long left = delayNanos; left > 0; left = endNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    if (failing) {
      throw new SecretUnavailableException("The service is down");
    }
  }
}
