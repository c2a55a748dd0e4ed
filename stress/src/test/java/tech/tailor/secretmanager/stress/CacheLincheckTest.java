package tech.tailor.secretmanager.stress;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CallersThread;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A manager's cache behaves as one variable: a read gives what is cached, or takes over what the
 * backend has.
 */
@Tag("suite")
class CacheLincheckTest {

  @Test
  void stress() {
    Checker.stress(Cache.class, Variable.class);
  }

  @Test
  void modelChecking() {
    Checker.modelCheck(Cache.class, Variable.class);
  }

  @Test
  void control_aCacheThatLosesARefresh_isCaught() {
    Checker.modelCheckFinds(LateStore.class, Variable.class);
  }

  /** What it should be like. */
  public static class Variable {

    private int rotated;
    private int cached = -1;

    public int read() {
      if (cached < 0) {
        cached = rotated;
      }
      return cached;
    }

    public void refresh() {
      cached = rotated;
    }

    public void invalidate() {
      cached = -1;
    }

    public void rotate() {
      rotated++;
    }
  }

  /**
   * What it is: a manager over a backend that counts its rotations, on the threads of Lincheck
   * alone.
   */
  public static class Cache {

    private static final SecretRef REF = SecretRef.of("default", "api-key");

    private final Rotating backend = new Rotating();
    private final SecretManager manager = CallersThread.open(backend);

    public Cache() {
      Checker.BEGUN.incrementAndGet();
    }

    @Operation
    public int read() {
      return manager.<Integer, RuntimeException>withSecret(
          REF, value -> value.<Integer, RuntimeException>withBytes(bytes -> (int) bytes[0]));
    }

    @Operation
    public void refresh() {
      manager.refresh(REF);
    }

    @Operation
    public void invalidate() {
      manager.invalidate(REF);
    }

    @Operation
    public void rotate() {
      backend.rotated.incrementAndGet();
    }

    /** After each scenario: managers that stay open would add up. */
    @Validate
    public void close() {
      manager.close();
    }
  }

  /** Gives the number of its rotations. */
  private static final class Rotating implements SecretBackend {

    private final AtomicLong rotated = new AtomicLong();

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      byte now = rotated.byteValue();
      return names.stream()
          .collect(Collectors.toMap(
              name -> name, name -> new SecretOutcome.Found(SecretValue.copyOf(new byte[] {now}))));
    }

    @Override
    public void close() {}
  }

  /** Broken: a read that is late stores over what a refresh has brought since. */
  public static class LateStore {

    private volatile int rotated;
    private volatile int cached = -1;

    @Operation
    public int read() {
      int known = cached;
      if (known < 0) {
        known = rotated;
        cached = known;
      }
      return known;
    }

    @Operation
    public void refresh() {
      cached = rotated;
    }

    @Operation
    public void invalidate() {
      cached = -1;
    }

    @Operation
    public synchronized void rotate() {
      rotated = rotated + 1;
    }
  }
}
