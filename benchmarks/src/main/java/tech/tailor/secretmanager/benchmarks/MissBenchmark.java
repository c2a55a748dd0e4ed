package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * C: what a read costs beside the call upstream. Every read finds its value too old, asks an
 * upstream that answers at once from memory, and stores the answer.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class MissBenchmark {

  /** This library, told to ask at every read. */
  @State(Scope.Benchmark)
  public static class Ours {

    private final SecretManager manager =
        SecretManagers.builder(new Upstream()).timeToLive(Duration.ZERO).build();
    private final SecretManager onReadingThread = SecretManagers.builder(new Upstream())
        .timeToLive(Duration.ZERO)
        .callsOnReadingThread()
        .build();

    @TearDown
    public void close() {
      manager.close();
      onReadingThread.close();
    }
  }

  /** The same steps by hand, the copy outside the heap too; it wipes nothing and joins nobody. */
  @State(Scope.Benchmark)
  public static class ByHand {

    private record Aged(SecretMemory memory, long askedAtNanos) {}

    private final Upstream upstream = new Upstream();
    private final Cache<Caches.Key, Aged> cache = Caffeine.newBuilder()
        .expireAfterWrite(Duration.ofHours(1))
        .maximumSize(10_000)
        .build();

    SecretValue read(String vault, String name) {
      Caches.Key key = new Caches.Key(vault, name);
      long nowNanos = System.nanoTime();
      Aged known = cache.getIfPresent(key);
      if (known != null && nowNanos - known.askedAtNanos < 0) { // never, as told above
        byte[] copy = new byte[known.memory.sizeBytes()];
        known.memory.copyTo(copy);
        return SecretSupport.adopt(copy, SecretMetadata.unversioned());
      }
      SecretOutcome.Found found =
          (SecretOutcome.Found) upstream.fetch(vault, Set.of(name)).get(name);
      cache.put(
          key,
          new Aged(
              found.value().<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf),
              nowNanos));
      return found.value();
    }
  }

  @Benchmark
  public SecretValue getLoadPut(ByHand byHand, Keys keys) {
    SecretValue value = byHand.read(Secrets.VAULT, keys.name());
    value.close();
    return value;
  }

  @Benchmark
  public SecretValue getSecret(Ours ours, Keys keys) {
    return read(ours.manager, keys.name());
  }

  @Benchmark
  public SecretValue getSecretOnReadingThread(Ours ours, Keys keys) {
    return read(ours.onReadingThread, keys.name());
  }

  private static SecretValue read(SecretManager manager, String name) {
    SecretValue value = manager.getSecret(Secrets.VAULT, name).orElseThrow();
    value.close();
    return value;
  }
}
