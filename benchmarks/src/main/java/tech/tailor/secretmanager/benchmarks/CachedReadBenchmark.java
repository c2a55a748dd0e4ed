package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.infra.Blackhole;
import tech.tailor.secretmanager.SecretValue;

/**
 * A: one read of a value that is cached. What is read is returned, closed where it can be, so that
 * the compiler may not leave the copy out.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class CachedReadBenchmark {

  @Benchmark
  public byte[] caffeineAndCopy(Caches.CaffeineAndCopy cache, Keys keys) {
    return cache.read(Secrets.VAULT, keys.name());
  }

  @Benchmark
  public byte[] plainMap(Caches.PlainMap map, Keys keys) {
    return map.read(Secrets.VAULT, keys.name());
  }

  /** What a reader is given, and nothing to find it by: the names are chosen in vain. */
  @Benchmark
  public SecretValue copyAlone(Caches.LeastPromised least, Keys keys, Blackhole hole) {
    hole.consume(keys.name());
    SecretValue value = least.copyOfOne().orElseThrow();
    value.close();
    return value;
  }

  @Benchmark
  public SecretValue leastPromised(Caches.LeastPromised least, Keys keys) {
    SecretValue value = least.read(Secrets.VAULT, keys.name()).orElseThrow();
    value.close();
    return value;
  }

  @Benchmark
  public String aws(Caches.Aws cache, Keys keys) {
    return cache.read(keys.name());
  }

  @Benchmark
  public SecretValue getSecret(Caches.Ours ours, Keys keys) {
    SecretValue value = ours.manager.getSecret(Secrets.VAULT, keys.name()).orElseThrow();
    value.close();
    return value;
  }

  /** The same with a reference that is kept, whose names are not checked again. */
  @Benchmark
  public SecretValue getSecretByRef(Caches.Ours ours, Keys keys) {
    SecretValue value = ours.manager.getSecret(keys.ref()).orElseThrow();
    value.close();
    return value;
  }

  /** Lent, and not looked into. */
  @Benchmark
  public long withSecret(Caches.Ours ours, Keys keys) {
    return ours.manager.<Long, RuntimeException>withSecret(
        Secrets.VAULT, keys.name(), SecretValue::version);
  }

  /** Lent, and its bytes read. */
  @Benchmark
  public int withSecretBytes(Caches.Ours ours, Keys keys) {
    return ours.manager.<Integer, RuntimeException>withSecret(
        Secrets.VAULT,
        keys.name(),
        value -> value.<Integer, RuntimeException>withBytes(
            bytes -> bytes[0] + bytes[bytes.length - 1]));
  }
}
