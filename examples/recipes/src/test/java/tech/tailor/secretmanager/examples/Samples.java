package tech.tailor.secretmanager.examples;

import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.net.PasswordAuthentication;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.sql.DataSource;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.Rejection;
import tech.tailor.secretmanager.SecretConsumer;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.contract.SecretStoreContract;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * The samples of the README and of the Javadoc, so that each compiles; {@link SamplesTest} looks
 * for them here.
 */
final class Samples {

  private Samples() {}

  static void emulator() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      emulator.put("default", "greeting", "hello");
      emulator.faults().next("GetSecrets", 2, Fault.rateLimited(Duration.ofSeconds(1)));
      // a client of emulator.endpoint(), emulator.workspaceId(), emulator.adminToken()
      emulator.requests(); // who asked for what, and what became of it; never a value or a token
    }
  }

  static void emulatorInShort() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        SecretManager secretManager = SecretManagers.open(emulator.store())) {
      emulator.put("default", "api-key", "a made-up value");
      System.out.println(secretManager.exists("default", "api-key"));
      // for any other client: emulator.endpoint(), emulator.workspaceId(), emulator.adminToken()
    }
  }

  static void store() {
    SecretRef password = SecretRef.of("default", "db-password");
    try (SecretValue typed = SecretSource.prompt().read(password).orElseThrow();
        FileSecretStore store = FileSecretStore.create(
            Path.of("secrets"), MasterKey.createFile(Path.of("master.key")))) {
      store.createVault(password.vault());
      store.createSecret(password.vault(), password.name(), typed);
    }
  }

  static void shared(DataSource pool) {
    MasterKey key = MasterKey.fromFile(Path.of("master.key"));
    try (SecretManager secrets = SecretManagers.open(
        PostgresSecretStore.builder(pool, "orders", key).actor("orders-service").open())) {
      String password = secrets.withSecret("default", "db-password", SecretValue::revealString);
    }
  }

  static void putOnce() {
    try (SecretValue password = SecretValue.of(System.getenv("DB_PASSWORD"));
        FileSecretStore store = FileSecretStore.create(
            Path.of("secrets"), MasterKey.createFile(Path.of("master.key")))) {
      store.createVault("default");
      store.put("default", "db-password", password);
    }
  }

  static void handle(
      SecretManager secretManager, SecretFunction<char[], Connection, SQLException> login)
      throws Exception {
    SecretHandle password = secretManager.handle("default", "db-password");
    Callable<Connection> connect = () -> password.with(current -> current.withChars(login));
    connect.call().close();
  }

  static void rejection(
      SecretManager secretManager,
      SecretRef password,
      SecretConsumer<SecretValue, SQLException> login)
      throws SQLException {
    secretManager.useSecret(
        password, login, Rejection.when(SQLException.class, e -> "28P01".equals(e.getSQLState())));
  }

  static void versions(VersionedSecretStore store) {
    store.inOneCommit(changes -> {
      changes.rollBack("default", "db-password", 3);
      changes.disableVersion("default", "db-password", 4);
    });
  }

  static void platform() {
    HttpSecretStore store = HttpSecretStore.builder()
        .workspaceId("01234567-89ab-cdef-0123-456789abcdef")
        .accessToken(AccessTokenSource.fromEnvironment()) // TAILOR_PLATFORM_TOKEN
        .build();
    try (SecretManager secretManager = SecretManagers.open(store)) {
      String password =
          secretManager.withSecret("default", "db-password", SecretValue::revealString);
    }
  }

  static void firstRead() {
    MasterKey key = MasterKey.fromFile(Path.of("master.key"));
    try (SecretManager secretManager =
        SecretManagers.open(FileSecretStore.open(Path.of("secrets"), key))) {
      String password =
          secretManager.withSecret("default", "db-password", SecretValue::revealString);
    }
  }

  static class Declaring {
    static final SecretDefinition SECRETS = defineSecret("my-secrets")
        .secret("api-key", "External API key")
        .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
        .build();

    static final SecretRef API_KEY = SECRETS.ref("api-key");

    static void open(SecretBackend store) {
      try (SecretManager secretManager =
          SecretManagers.builder(store).declaredOnly(SECRETS).build()) {
        String apiKey = secretManager.withSecret(API_KEY, SecretValue::revealString);
      }
    }
  }

  static void lend(SecretManager secretManager, Consumer<PasswordAuthentication> application) {
    try (SecretValue password = secretManager.requireSecret("default", "db-password")) {
      application.accept(password.withChars(chars -> new PasswordAuthentication("app", chars)));
    }
  }

  static void warn(SecretValue value, System.Logger logger) {
    if (value.freshness() instanceof Freshness.Stale stale) {
      logger.log(
          System.Logger.Level.WARNING,
          "database password is " + stale.age() + " old: " + stale.cause().getMessage());
    }
  }

  static void outage() {
    try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
      greet(secretManager);
      secretManager.backend().failWithUnavailable();
      secretManager.advance(Duration.ofMinutes(10));
      greet(secretManager); // served from the cache, marked as stale
    }
  }

  private static String greet(SecretManager secretManager) {
    return secretManager.withSecret(
        "default", "greeting", value -> value.revealString() + ", world");
  }
}

class MyStoreContractTest extends SecretStoreContract {
  @Override
  protected SecretStore emptyStore() {
    return MyStore.create();
  }
}

/** Stands for a store of the reader's own. */
final class MyStore {

  private MyStore() {}

  static SecretStore create() {
    return InMemorySecretStore.create();
  }
}
