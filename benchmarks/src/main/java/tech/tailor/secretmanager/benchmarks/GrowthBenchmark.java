package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * How the cost of an operation grows with the number of secrets in a store, and that of the same by
 * hand. The time that passed; {@link Growth} runs what each store has.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class GrowthBenchmark {

  /** Another store on the same content, opened and closed. */
  @Benchmark
  public int open(GrowthStores stores) throws Exception {
    try (VersionedSecretStore opened = stores.made().open()) {
      return opened.versionsKept();
    }
  }

  /** One value, not cached. */
  @Benchmark
  public Map<String, SecretOutcome> read(GrowthStores stores) {
    SecretRef ref = stores.made().ref();
    Map<String, SecretOutcome> outcomes =
        stores.made().store().fetch(ref.vault(), Set.of(ref.name()));
    outcomes.values().forEach(outcome -> ((SecretOutcome.Found) outcome).value().close());
    return outcomes;
  }

  /** A new version; the oldest of ten goes. */
  @Benchmark
  public SecretInfo update(GrowthStores stores) {
    SecretRef ref = stores.made().ref();
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      return stores.made().store().updateSecret(ref.vault(), ref.name(), value);
    }
  }

  /** All secrets of all vaults, with their labels, versions and times. */
  @Benchmark
  public int list(GrowthStores stores) {
    VersionedSecretStore store = stores.made().store();
    int found = 0;
    for (VaultInfo vault : store.listVaults()) {
      found += store.listSecrets(vault.name()).size();
    }
    return found;
  }

  /** A declaration of all secrets, held against the store. */
  @Benchmark
  public boolean plan(GrowthStores stores) {
    return SecretPlan.builder(stores.made().store(), "benchmark")
        .declare(stores.declared())
        .plan()
        .isEmpty();
  }

  @Benchmark
  public Object openByHand(GrowthStores stores) throws Exception {
    return stores.made().openByHand();
  }

  @Benchmark
  public Object readByHand(GrowthStores stores) throws Exception {
    return stores.made().readByHand();
  }

  @Benchmark
  public Object updateByHand(GrowthStores stores) throws Exception {
    return stores.made().updateByHand();
  }

  @Benchmark
  public Object listByHand(GrowthStores stores) throws Exception {
    return stores.made().listByHand();
  }
}
