package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/** B: ten names that are cached. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class BatchBenchmark {

  @Benchmark
  public byte[][] caffeineAndCopy(Caches.CaffeineAndCopy cache, Keys keys) {
    List<String> names = keys.batch();
    byte[][] copies = new byte[names.size()][];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = cache.read(Secrets.VAULT, names.get(i));
    }
    return copies;
  }

  /** Ten values that can be found by their names and closed, and no more than that. */
  @Benchmark
  public SecretBundle leastPromised(Caches.LeastPromised least, Keys keys) {
    String[] names = keys.batch().toArray(new String[0]);
    SecretValue[] values = new SecretValue[names.length];
    for (int i = 0; i < names.length; i++) {
      values[i] = least.read(Secrets.VAULT, names[i]).orElseThrow();
    }
    SecretBundle bundle = SecretSupport.bundle(Secrets.VAULT, names, values);
    bundle.close();
    return bundle;
  }

  @Benchmark
  public String[] aws(Caches.Aws cache, Keys keys) {
    List<String> names = keys.batch();
    String[] copies = new String[names.size()];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = cache.read(names.get(i));
    }
    return copies;
  }

  @Benchmark
  public SecretBundle getSecrets(Caches.Ours ours, Keys keys) {
    SecretBundle bundle = ours.manager.getSecrets(Secrets.VAULT, keys.batch());
    bundle.close();
    return bundle;
  }

  /** The same, and each value is asked for by its name. */
  @Benchmark
  public long getSecretsByName(Caches.Ours ours, Keys keys) {
    List<String> names = keys.batch();
    long versions = 0;
    try (SecretBundle bundle = ours.manager.getSecrets(Secrets.VAULT, names)) {
      for (String name : names) {
        versions += bundle.get(name).orElseThrow().version();
      }
    }
    return versions;
  }
}
