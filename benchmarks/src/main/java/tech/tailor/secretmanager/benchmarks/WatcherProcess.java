package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.etcd.jetcd.Client;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * A process with a cache of its own, which reads a secret again when it is told of a change, and
 * says which version it read then.
 */
public final class WatcherProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader answers;

  /**
   * Starts it, and waits until it has cached the secret.
   *
   * @param place the JDBC URL of PostgreSQL, or an address of etcd
   * @param name of the store: its workspace, or the prefix of its keys
   */
  WatcherProcess(String place, String name, Path keyFile, SecretRef watched) throws IOException {
    process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            WatcherProcess.class.getName(),
            place,
            name,
            keyFile.toString(),
            watched.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    answers = process.inputReader(US_ASCII);
    awaitVersion(1);
  }

  /** Watches until the standard input ends, which happens when the parent process ends. */
  public static void main(String[] args) throws IOException {
    MasterKey key = MasterKey.fromFile(Path.of(args[2]));
    SecretRef watched = SecretRef.parse(args[3]);
    if (args[0].startsWith("jdbc:")) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(args[0]);
      HikariConfig config = new HikariConfig();
      config.setDataSource(dataSource);
      config.setMaximumPoolSize(2);
      try (HikariDataSource pool = new HikariDataSource(config);
          PostgresSecretStore store = PostgresSecretStore.builder(pool, args[1], key)
              .listenWith(dataSource)
              .open()) {
        watch(store, watched);
      }
    } else {
      try (Client client = Client.builder().endpoints(args[0]).build();
          EtcdSecretStore store = EtcdSecretStore.builder(client, args[1], key).open()) {
        watch(store, watched);
      }
    }
  }

  private static void watch(SecretBackend store, SecretRef watched) throws IOException {
    Answering answering = new Answering();
    try (SecretManager manager =
        SecretManagers.builder(store).listener(answering).build()) {
      answering.manager = manager;
      answering.onChanged(watched);
      while (System.in.read() >= 0) {
        // Nothing is to be done but to wait.
      }
    }
  }

  private static final class Answering implements SecretListener {

    private volatile SecretManager manager;

    @Override
    public void onChanged(SecretRef ref) {
      try (SecretValue value = manager.getSecret(ref).orElseThrow()) {
        System.out.println(value.metadata().version());
      }
    }
  }

  /** Waits until the process has read that version, or a later one. */
  long awaitVersion(long version) throws IOException {
    while (true) {
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException("The process that watches has ended");
      }
      long read = Long.parseLong(line);
      if (read >= version) {
        return read;
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
