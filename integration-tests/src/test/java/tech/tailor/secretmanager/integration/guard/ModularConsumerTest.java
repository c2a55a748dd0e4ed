package tech.tailor.secretmanager.integration.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * The library from a user's module, and from a user's class path: compiled with every warning an
 * error and without JSpecify, then run in a JVM of its own. It is the real launch that shows a
 * missing {@code requires}; a test on the class path can't.
 */
@Tag("suite")
class ModularConsumerTest {

  private static final String MODULE = moduleOf("client");

  private static final String READS_MEMORY = """
      package consumer;

      import tech.tailor.secretmanager.SecretDefinition;
      import tech.tailor.secretmanager.SecretManager;
      import tech.tailor.secretmanager.SecretValue;
      import tech.tailor.secretmanager.client.SecretManagers;
      import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

      public final class Main {
        private Main() {}

        public static void main(String[] args) {
          InMemorySecretStore store = InMemorySecretStore.create();
          store.createVault("default");
          store.put("default", "api-key", "from memory");
          SecretDefinition declared =
              SecretDefinition.defineSecret("default").secret("api-key", "A key").build();
          try (SecretManager secrets = SecretManagers.builder(store).declaredOnly(declared).build();
              SecretValue value = secrets.requireSecret(declared.ref("api-key"))) {
            System.out.println(value.revealString());
            System.out.println(secrets.<Integer, RuntimeException>withSecret(
                "default", "api-key", loan -> loan.withBytes(bytes -> bytes.length)));
          }
        }
      }
      """;

  private static final String USES_FILE = """
      package consumer;

      import java.nio.file.Path;
      import tech.tailor.secretmanager.SecretManager;
      import tech.tailor.secretmanager.SecretValue;
      import tech.tailor.secretmanager.client.SecretManagers;
      import tech.tailor.secretmanager.file.FileSecretStore;
      import tech.tailor.secretmanager.envelope.MasterKey;

      public final class Main {
        private Main() {}

        public static void main(String[] args) {
          Path key = Path.of("key");
          Path directory = Path.of("store");
          try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.createFile(key));
              SecretValue value = SecretValue.of("from a file")) {
            store.createVault("default");
            store.createSecret("default", "api-key", value);
          }
          FileSecretStore store = FileSecretStore.open(directory, MasterKey.fromFile(key));
          try (SecretManager secrets = SecretManagers.open(store);
              SecretValue value = secrets.requireSecret("default", "api-key")) {
            System.out.println(value.revealString());
          }
        }
      }
      """;

  private static final String USES_ENVIRONMENT = """
      package consumer;

      import java.util.Map;
      import tech.tailor.secretmanager.client.SecretStores;
      import tech.tailor.secretmanager.store.SecretStore;
      import tech.tailor.secretmanager.store.VaultInfo;

      public final class Main {
        private Main() {}

        public static void main(String[] args) {
          Map<String, String> environment = Map.of(
              "TAILOR_SECRETMANAGER_URL", "file:store", "TAILOR_SECRETMANAGER_KEY_FILE", "key");
          try (SecretStore store = SecretStores.create(environment)) {
            store.createVault("default");
            System.out.println("made");
          }
          try (SecretStore store = SecretStores.open(environment)) {
            System.out.println(
                "opened: " + store.listVaults().stream().map(VaultInfo::name).toList());
          }
        }
      }
      """;

  private static final String USES_HTTP = """
      package consumer;

      import tech.tailor.secretmanager.SecretManager;
      import tech.tailor.secretmanager.SecretValue;
      import tech.tailor.secretmanager.client.SecretManagers;
      import tech.tailor.secretmanager.http.AccessTokenSource;
      import tech.tailor.secretmanager.http.HttpSecretStore;
      import tech.tailor.secretmanager.http.ReadMode;

      public final class Main {
        private Main() {}

        public static void main(String[] args) {
          for (ReadMode readMode : ReadMode.values()) {
            HttpSecretStore store =
                HttpSecretStore.builder()
                    .endpoint(args[0])
                    .workspaceId(args[1])
                    .accessToken(AccessTokenSource.of(args[2]))
                    .readMode(readMode)
                    .build();
            try (SecretManager secrets = SecretManagers.open(store);
                SecretValue value = secrets.requireSecret("default", "api-key")) {
              System.out.println(value.revealString());
            }
          }
        }
      }
      """;

  @TempDir
  Path directory;

  /** A consumer that requires one module of the library. */
  private static String moduleOf(String library) {
    return "module consumer {\n  requires tech.tailor.secretmanager." + library + ";\n}\n";
  }

  @Test
  void modularConsumer_readsFromMemory() {
    Consumer.Run run = runModular(Consumer.libraryPath(), MODULE, READS_MEMORY);

    assertThat(run).isEqualTo(new Consumer.Run(0, "from memory\n11\n", ""));
  }

  @Test
  void classPathConsumer_readsFromMemory() {
    Consumer.Run run = runOnClassPath(Consumer.libraryPath(), READS_MEMORY);

    assertThat(run).isEqualTo(new Consumer.Run(0, "from memory\n11\n", ""));
  }

  @Test
  void modularConsumer_writesAndReadsAFile() {
    Consumer.Run run = runModular(Consumer.libraryPath(), moduleOf("file"), USES_FILE);

    assertThat(run).isEqualTo(new Consumer.Run(0, "from a file\n", ""));
  }

  @Test
  void classPathConsumer_writesAndReadsAFile() {
    Consumer.Run run = runOnClassPath(Consumer.libraryPath(), USES_FILE);

    assertThat(run).isEqualTo(new Consumer.Run(0, "from a file\n", ""));
  }

  @Test
  void modularConsumer_findsTheStoresOfTheEnvironment() {
    Consumer.Run run = runModular(Consumer.libraryPath(), moduleOf("file"), USES_ENVIRONMENT);

    assertThat(run).isEqualTo(new Consumer.Run(0, "made\nopened: [default]\n", ""));
  }

  @Test
  void classPathConsumer_findsTheStoresOfTheEnvironment() {
    Consumer.Run run = runOnClassPath(Consumer.libraryPath(), USES_ENVIRONMENT);

    assertThat(run).isEqualTo(new Consumer.Run(0, "made\nopened: [default]\n", ""));
  }

  @Test
  void modularConsumer_readsOverHttp() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      compileModular(Consumer.libraryPath(), moduleOf("http"), USES_HTTP);

      assertThat(launchModular(Consumer.libraryPath(), argumentsFor(emulator)))
          .isEqualTo(new Consumer.Run(0, "over http\nover http\n", ""));
    }
  }

  @Test
  void classPathConsumer_readsOverHttp() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      assertThat(runOnClassPath(Consumer.libraryPath(), USES_HTTP, argumentsFor(emulator)))
          .isEqualTo(new Consumer.Run(0, "over http\nover http\n", ""));
    }
  }

  @Test
  void control_tinkThatIsNotThere_isSeen() {
    List<Path> path = new ArrayList<>(Consumer.libraryPath());
    compileModular(path, moduleOf("file"), USES_FILE);
    path.removeIf(jar -> jar.getFileName().toString().startsWith("tink"));

    assertThat(launchModular(path).exitCode()).isNotZero();
  }

  @Test
  void libraryPath_hasWhatUsersHave() {
    assertThat(Consumer.libraryPath())
        .isNotEmpty()
        .noneMatch(jar -> jar.toString().contains("jspecify"))
        .noneMatch(jar -> jar.toString().contains("protobuf") || jar.toString().contains("gson"))
        .anyMatch(jar -> jar.toString().contains("caffeine"));
  }

  @Test
  void control_aMissingDependency_isSeen() {
    List<Path> path = new ArrayList<>(Consumer.libraryPath());
    compileModular(path, MODULE, READS_MEMORY);
    path.removeIf(jar -> jar.toString().contains("caffeine"));

    Consumer.Run run = launchModular(path);

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output() + run.errors()).contains("com.github.benmanes.caffeine");
  }

  @Test
  void control_aWarning_isSeen() {
    String warned =
        READS_MEMORY.replace("String[] args) {", "String[] args) { java.util.List raw = null;");

    Compiled compiled =
        Compiled.compile(directory, options(Consumer.libraryPath()), MODULE, warned);

    assertThat(compiled.messages()).contains("[rawtypes]").endsWith("(failed)");
  }

  @Test
  void control_whatIsNotExported_isOutOfReach() {
    String reaching = READS_MEMORY.replace(
        "String[] args) {", "String[] args) { com.github.benmanes.caffeine.cache.Cache<?, ?> c;");

    Compiled compiled =
        Compiled.compile(directory, options(Consumer.libraryPath()), MODULE, reaching);

    assertThat(compiled.messages()).contains("com.github.benmanes.caffeine").endsWith("(failed)");
  }

  private static String[] argumentsFor(SecretManagerEmulator emulator) {
    emulator.put("default", "api-key", "over http");
    return new String[] {
      emulator.endpoint().toString(), emulator.workspaceId(), emulator.adminToken()
    };
  }

  private Consumer.Run runModular(List<Path> path, String... sources) {
    compileModular(path, sources);
    return launchModular(path);
  }

  private void compileModular(List<Path> path, String... sources) {
    Compiled compiled = Compiled.compile(directory, options(path), sources);
    assertThat(compiled.messages()).as("what the compiler said").isEmpty();
  }

  private Consumer.Run launchModular(List<Path> path, String... arguments) {
    List<Path> withConsumer = new ArrayList<>(path);
    withConsumer.add(directory.resolve("classes"));
    List<String> all = new ArrayList<>(
        List.of("--module-path", Consumer.join(withConsumer), "-m", "consumer/consumer.Main"));
    all.addAll(List.of(arguments));
    return Consumer.java(directory, all);
  }

  private Consumer.Run runOnClassPath(List<Path> path, String source, String... arguments) {
    Compiled compiled = Compiled.compile(
        directory, List.of("-Xlint:all", "-Werror", "-cp", Consumer.join(path)), source);
    assertThat(compiled.messages()).as("what the compiler said").isEmpty();
    List<Path> withConsumer = new ArrayList<>(path);
    withConsumer.add(compiled.classes());
    List<String> all =
        new ArrayList<>(List.of("-cp", Consumer.join(withConsumer), "consumer.Main"));
    all.addAll(List.of(arguments));
    return Consumer.java(directory, all);
  }

  private static List<String> options(List<Path> path) {
    return List.of("-Xlint:all", "-Werror", "--module-path", Consumer.join(path));
  }
}
