package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * C: a miss over HTTP on this machine, sealed, from the runtime service of a server in another
 * process; beside OkHttp, Jackson and Tink by hand on the same request.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(MICROSECONDS)
public class HttpMissBenchmark {

  /** By hand. */
  @State(Scope.Benchmark)
  public static class ByHand {

    private EmulatorProcess server;
    private SealedReadByHand reader;

    @Setup
    public void start() throws IOException, GeneralSecurityException {
      server = new EmulatorProcess();
      reader = new SealedReadByHand(server);
    }

    @TearDown
    public void close() {
      reader.close();
      server.close();
    }
  }

  /** This library, told to ask at every read. */
  @State(Scope.Benchmark)
  public static class Ours {

    private EmulatorProcess server;
    private HttpSecretStore store;
    private SecretManager manager;
    private SecretManager onReadingThread;

    @Setup
    public void start() throws IOException {
      server = new EmulatorProcess();
      store = HttpSecretStore.builder()
          .endpoint(server.endpoint())
          .workspaceId(server.workspaceId())
          .accessToken(AccessTokenSource.of(server.token()))
          .readMode(ReadMode.RUNTIME_SERVICE)
          .build();
      manager = SecretManagers.builder(store).timeToLive(Duration.ZERO).build();
      onReadingThread = SecretManagers.builder(store)
          .timeToLive(Duration.ZERO)
          .callsOnReadingThread()
          .keepBackendOpen()
          .build();
    }

    @TearDown
    public void close() {
      onReadingThread.close();
      manager.close();
      server.close();
    }

    byte[] fetch(String name) {
      SecretOutcome.Found found =
          (SecretOutcome.Found) store.fetch(Secrets.VAULT, Set.of(name)).get(name);
      try (SecretValue value = found.value()) {
        return value.<byte[], RuntimeException>withBytes(byte[]::clone);
      }
    }
  }

  @Benchmark
  public byte[] okHttp(ByHand byHand, Keys keys) {
    return byHand.reader.send(keys.name());
  }

  @Benchmark
  public byte[] okHttpAndJackson(ByHand byHand, Keys keys) {
    return byHand.reader.sealed(keys.name());
  }

  @Benchmark
  public byte[] okHttpJacksonAndTink(ByHand byHand, Keys keys) {
    return byHand.reader.read(keys.name());
  }

  @Benchmark
  public Map<String, SecretOutcome> fetch(Ours ours, Keys keys) {
    return closed(ours.store.fetch(Secrets.VAULT, Set.of(keys.name())));
  }

  @Benchmark
  public Map<String, SecretOutcome> fetchTen(Ours ours, Keys keys) {
    return closed(ours.store.fetch(Secrets.VAULT, Set.copyOf(keys.batch())));
  }

  @Benchmark
  public SecretValue getSecret(Ours ours, Keys keys) {
    return read(ours.manager, keys.name());
  }

  @Benchmark
  public SecretValue getSecretOnReadingThread(Ours ours, Keys keys) {
    return read(ours.onReadingThread, keys.name());
  }

  @Benchmark
  public SecretBundle getSecretsOfTen(Ours ours, Keys keys) {
    List<String> names = keys.batch();
    SecretBundle bundle = ours.manager.getSecrets(Secrets.VAULT, names);
    bundle.close();
    return bundle;
  }

  private static SecretValue read(SecretManager manager, String name) {
    SecretValue value = manager.getSecret(Secrets.VAULT, name).orElseThrow();
    value.close();
    return value;
  }

  private static Map<String, SecretOutcome> closed(Map<String, SecretOutcome> outcomes) {
    outcomes.values().forEach(outcome -> ((SecretOutcome.Found) outcome).value().close());
    return outcomes;
  }
}
