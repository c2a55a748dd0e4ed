package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretBundle;
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
  public Map<String, SecretValue> leastPromised(Caches.LeastPromised least, Keys keys) {
    List<String> names = keys.batch();
    Map<String, SecretValue> values = new LinkedHashMap<>(2 * names.size());
    for (String name : names) {
      values.put(name, least.read(Secrets.VAULT, name).orElseThrow());
    }
    values.values().forEach(SecretValue::close);
    return values;
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
}
