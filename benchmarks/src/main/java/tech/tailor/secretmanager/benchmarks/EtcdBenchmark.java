package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;

/**
 * F: reads and changes of a store in etcd, beside plain jetcd that reads and changes as many keys
 * over the same client, and seals, verifies and records nothing. The time that passed.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class EtcdBenchmark {

  /** Not cached: one round trip. */
  @Benchmark
  public Map<String, SecretOutcome> fetch(EtcdStores stores) {
    SecretRef ref = stores.ref();
    return fetch(stores, ref.vault(), Set.of(ref.name()));
  }

  @Benchmark
  public List<KeyValue> get(EtcdStores stores) throws Exception {
    return stores.get(stores.ref().name());
  }

  /** What a read of the store asks etcd for, and nothing of what it does with the answer. */
  @Benchmark
  public TxnResponse getSameKeys(EtcdStores stores) throws Exception {
    SecretRef ref = stores.ref();
    return stores.getSameKeys(ref.vault(), Set.of(ref.name()));
  }

  @Benchmark
  public Map<String, SecretOutcome> fetchTen(EtcdStores stores) {
    return fetch(stores, stores.firstVault(), stores.ten());
  }

  @Benchmark
  public TxnResponse getTen(EtcdStores stores) throws Exception {
    return stores.getAll(stores.ten());
  }

  @Benchmark
  public TxnResponse getSameKeysOfTen(EtcdStores stores) throws Exception {
    return stores.getSameKeys(stores.firstVault(), stores.ten());
  }

  /** A new version; the oldest of ten goes. */
  @Benchmark
  public SecretInfo update(EtcdStores stores) {
    SecretRef ref = stores.ref();
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      return stores.store().updateSecret(ref.vault(), ref.name(), value);
    }
  }

  @Benchmark
  public TxnResponse getAndCompareAndPut(EtcdStores stores) throws Exception {
    return stores.change(stores.ref().name());
  }

  /** A new version, until another process was told of it and its cache has read it. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public long updateUntilSeen(EtcdStores stores, EtcdStores.Watcher watcher) throws IOException {
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      SecretInfo made = stores
          .store()
          .updateSecret(stores.refs().get(0).vault(), stores.refs().get(0).name(), value);
      return watcher.process().awaitVersion(made.version());
    }
  }

  private static Map<String, SecretOutcome> fetch(
      EtcdStores stores, String vault, Set<String> names) {
    Map<String, SecretOutcome> outcomes = stores.store().fetch(vault, names);
    outcomes.values().forEach(outcome -> ((SecretOutcome.Found) outcome).value().close());
    return outcomes;
  }
}
