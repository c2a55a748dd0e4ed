package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;

/**
 * D: a store of 10,000 secrets of 64 bytes in a file, beside the same steps by hand: what nobody
 * can do without who parses and authenticates the document, and opens what is asked for.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(MICROSECONDS)
public class FileBenchmark {

  /** Reads, verifies, and decrypts no value. */
  @Benchmark
  public List<?> open(FileStores.Ours ours) {
    try (FileSecretStore store = ours.open()) {
      return store.listVaults();
    }
  }

  @Benchmark
  public Object openByHand(FileStores.ByHand byHand) throws IOException, GeneralSecurityException {
    return byHand.open();
  }

  /** From an open store whose file did not change; not cached. */
  @Benchmark
  public Map<String, SecretOutcome> read(FileStores.Ours ours) {
    Map<String, SecretOutcome> outcomes = ours.store().fetch(FileStores.VAULT, Set.of(ours.name()));
    outcomes.values().forEach(outcome -> ((SecretOutcome.Found) outcome).value().close());
    return outcomes;
  }

  @Benchmark
  public byte[] readByHand(FileStores.ByHand byHand) throws GeneralSecurityException {
    return byHand.decrypt();
  }

  /** What a read owes beside opening the value: to see whether another process changed the file. */
  @Benchmark
  public byte[] lookAndReadByHand(FileStores.ByHand byHand)
      throws IOException, GeneralSecurityException {
    return byHand.lookAndDecrypt();
  }

  @Benchmark
  public SecretInfo update(FileStores.Ours ours) {
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      return ours.store().updateSecret(FileStores.VAULT, ours.name(), value);
    }
  }

  @Benchmark
  public Object updateByHand(FileStores.ByHand byHand)
      throws IOException, GeneralSecurityException {
    return byHand.update();
  }
}
