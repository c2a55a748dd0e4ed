package tech.tailor.secretmanager.stress;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * Nobody reads what was known to be outdated before the read began: neither an older value than
 * another read gave, a refresh brought, or the backend had when an invalidation began. How long a
 * value stays cached is left open, since a cache may forget at any time; so is which of two values
 * a read gives that overlaps with the rotation.
 */
@Tag("suite")
class CacheLincheckTest {

  @Test
  void stress() {
    Checker.stress(Cache.class, Never.class);
  }

  @Test
  void modelCheckingWithTwoThreads() {
    Checker.modelCheckTwoThreads(Cache.class, Never.class);
  }

  @Test
  void control_aCacheThatLosesARefresh_isCaught() {
    Checker.modelCheckFinds(LateStore.class, Never.class);
  }

  @Test
  void control_aReadThatJoinsALoadFromBefore_isCaught() {
    Checker.modelCheckFinds(JoinedLoad.class, Never.class);
  }

  /** What it should be like. */
  public static class Never {

    public boolean readsOutdated() {
      return false;
    }

    public void refresh() {}

    public void invalidate() {}

    public void rotate() {}
  }

  /** What is read, and what is known of it. */
  public abstract static class Knowing {

    final AtomicInteger rotated = new AtomicInteger();
    private final AtomicInteger known = new AtomicInteger();

    @Operation
    public boolean readsOutdated() {
      int knownBefore = known.get();
      int value = read();
      knows(value);
      return value < knownBefore || value > rotated.get();
    }

    @Operation
    public void refresh() {
      int now = rotated.get();
      refreshNow();
      knows(now);
    }

    @Operation
    public void invalidate() {
      int now = rotated.get();
      invalidateNow();
      knows(now);
    }

    @Operation
    public void rotate() {
      rotated.incrementAndGet();
    }

    private void knows(int value) {
      known.accumulateAndGet(value, Math::max);
    }

    abstract int read();

    abstract void refreshNow();

    abstract void invalidateNow();
  }

  /**
   * What it is: a manager over a backend that counts its rotations, on the threads of Lincheck
   * alone.
   */
  public static class Cache extends Knowing {

    private static final SecretRef REF = SecretRef.of("default", "api-key");

    private final SecretManager manager = CallersThread.open(new Rotating(rotated));

    public Cache() {
      Checker.BEGUN.incrementAndGet();
    }

    @Override
    int read() {
      return manager.<Integer, RuntimeException>withSecret(
          REF, value -> value.<Integer, RuntimeException>withBytes(bytes -> (int) bytes[0]));
    }

    @Override
    void refreshNow() {
      manager.refresh(REF);
    }

    @Override
    void invalidateNow() {
      manager.invalidate(REF);
    }

    /** After each scenario: managers that stay open would add up. */
    @Validate
    public void close() {
      manager.close();
    }
  }

  /** Gives the number of its rotations. */
  private record Rotating(AtomicInteger rotated) implements SecretBackend {

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
  public static class LateStore extends Knowing {

    private volatile int cached = -1;

    @Override
    int read() {
      int found = cached;
      if (found < 0) {
        found = rotated.get();
        cached = found;
      }
      return found;
    }

    @Override
    void refreshNow() {
      cached = rotated.get();
    }

    @Override
    void invalidateNow() {
      cached = -1;
    }
  }

  /** Broken: who joins a load gets what was asked for before the invalidation that he knows of. */
  public static class JoinedLoad extends LateStore {

    private final AtomicReference<CompletableFuture<Integer>> load = new AtomicReference<>();

    @Override
    int read() {
      CompletableFuture<Integer> own = new CompletableFuture<>();
      CompletableFuture<Integer> other = load.compareAndExchange(null, own);
      if (other != null) {
        return other.isDone() ? other.join() : rotated.get();
      }
      own.complete(rotated.get());
      int value = own.join();
      load.set(null);
      return value;
    }
  }
}
