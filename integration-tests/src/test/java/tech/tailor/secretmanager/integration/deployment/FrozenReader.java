package tech.tailor.secretmanager.integration.deployment;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A process that reads one secret all the time, whose value says when the backend gave it, and
 * counts the reads that began after the value's time to live. It ends when its input does.
 */
final class FrozenReader {

  static final Duration TIME_TO_LIVE = Duration.ofMillis(300);

  private static final SecretRef REF = SecretRef.of("default", "time");

  private FrozenReader() {}

  /** Argument: {@code exact}, or {@code coarse} for a clock that a thread sets now and then. */
  public static void main(String[] args) throws Exception {
    LongSupplier ticker = args[0].equals("coarse") ? coarse() : System::nanoTime;
    long reads = 0;
    long tooOld = 0;
    try (SecretManager manager = SecretManagers.builder(new Clock())
        .timeToLive(TIME_TO_LIVE)
        .maxStale(Duration.ZERO)
        .refreshAhead(Duration.ZERO)
        .ticker(ticker)
        .callsOnReadingThread()
        .build()) {
      manager.requireSecret(REF).close();
      System.out.println("ready");
      while (System.in.available() == 0) {
        for (int i = 0; i < 100; i++) {
          long beganNanos = System.nanoTime();
          long givenNanos = manager.withSecret(REF, FrozenReader::nanos);
          reads++;
          if (beganNanos - givenNanos > TIME_TO_LIVE.toNanos()) {
            tooOld++;
          }
        }
      }
    }
    System.out.println(reads + " " + tooOld);
  }

  private static long nanos(SecretValue value) {
    return value.<Long, RuntimeException>withBytes(
        bytes -> ByteBuffer.wrap(bytes).getLong());
  }

  private static LongSupplier coarse() {
    AtomicLong nanos = new AtomicLong(System.nanoTime());
    Thread clock = new Thread(() -> {
      while (true) {
        long lags = System.nanoTime();
        try {
          TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException e) {
          return;
        }
        nanos.set(lags);
      }
    });
    clock.setDaemon(true);
    clock.start();
    return nanos::get;
  }

  /** Gives the time as the value. */
  private static final class Clock implements SecretBackend {

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
      byte[] now = ByteBuffer.allocate(Long.BYTES).putLong(System.nanoTime()).array();
      names.forEach(name -> outcomes.put(name, new SecretOutcome.Found(SecretValue.copyOf(now))));
      return outcomes;
    }

    @Override
    public void close() {}
  }
}
