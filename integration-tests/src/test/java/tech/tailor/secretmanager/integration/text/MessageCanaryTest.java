package tech.tailor.secretmanager.integration.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.SecretHeaders;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * Text that would forge a line of a log, color a terminal or turn a line around, through every way
 * that foreign text takes into a message: names, labels, descriptions, paths, URLs, variables.
 */
class MessageCanaryTest {

  /** A line feed and what would follow it, ESC, and the override to right-to-left. */
  private static final String CANARY = "canary\nFORGED \u001b[31m \u202e";

  /** Four digits instead of eight: a name that is short enough. */
  private static final String SHORT = "abc\nFORGED\u001b\u202e";

  private static final SecretRef REF = SecretRef.of("default", "token");

  private final Map<String, Callable<?>> ways = new LinkedHashMap<>();

  @TempDir
  private Path temporary;

  @TestFactory
  Stream<DynamicTest> noMessage_showsForeignTextAsItIs() throws IOException {
    addNames();
    addDeclarations(directory());
    addPaths(directory());
    addVariables(directory());
    addHttp();
    addTexts();

    return ways.entrySet().stream()
        .map(way -> DynamicTest.dynamicTest(way.getKey(), () -> requireQuoted(way.getValue())));
  }

  private void addNames() {
    ways.put("SecretRef", () -> SecretRef.of("default", CANARY));
    ways.put("SecretRef's vault", () -> SecretRef.of(SHORT, "token"));
    ways.put("SecretRef.parse", () -> SecretRef.parse("default/" + CANARY));
    ways.put("getSecret", () -> managed(manager -> manager.getSecret(CANARY, "token")));
    ways.put(
        "getSecrets", () -> managed(manager -> manager.getSecrets("default", List.of(CANARY))));
    ways.put(
        "bundle",
        () -> managed(manager -> {
          try (var bundle = manager.getSecrets("default", List.of("token"))) {
            return bundle.get(CANARY);
          }
        }));
    ways.put(
        "bundle made",
        () -> SecretSupport.bundle(
            CANARY, List.of("token"), Map.of(SHORT, SecretValue.of("x")), Map.of(), true));
    ways.put(
        "bundle shown",
        () -> SecretSupport.bundle(
            CANARY, List.of(SHORT), Map.of(SHORT, SecretValue.of("x")), Map.of(), true));
    ways.put("vault", () -> stored(store -> store.createVault(CANARY)));
    ways.put("secret", () -> stored(store -> store.put("default", CANARY, SecretValue.of("x"))));
    ways.put(
        "label", () -> stored(store -> store.setLabels("default", "token", Map.of(CANARY, "x"))));
    ways.put(
        "label's value",
        () -> stored(store -> store.setLabels("default", "token", Map.of("key", CANARY))));
    ways.put("description", () -> {
      try (InMemorySecretStore store = InMemorySecretStore.create()) {
        store.createVault("default");
        store.put("default", "token", "x");
        store.setDescription("default", "token", CANARY);
        return store.describeSecrets("default", List.of("token"));
      }
    });
    ways.put("member of JSON", () -> {
      try (SecretValue value = SecretValue.of("{}")) {
        return value.<String, RuntimeException>withJsonField(CANARY, SecretValue::revealString);
      }
    });
  }

  private void addDeclarations(Path directory) {
    ways.put("declared vault", () -> SecretDefinition.defineSecret(CANARY));
    ways.put("declared name", () -> SecretDefinition.defineSecret("default").secret(CANARY, "x"));
    ways.put(
        "not declared",
        () -> SecretDefinition.defineSecret("default")
            .secret("token", "x")
            .build()
            .ref(CANARY));
    ways.put(
        "declared description",
        () -> SecretDefinition.defineSecret("default").secret("token", CANARY));
    ways.put(
        "declared label",
        () -> SecretDefinition.defineSecret("default")
            .secret("token", secret -> secret.label(CANARY, "x")));
    ways.put("shape", () -> SecretShape.of(CANARY, value -> false).rule());
    ways.put("pattern", () -> SecretShape.pattern(CANARY + "(?:"));
    ways.put(
        "verification",
        () -> managed(manager -> SecretManagers.builder(storeOf("x"))
            .declaredOnly(SecretDefinition.defineSecret("default")
                .secret("token", "turned \u202e around")
                .secret("absent", secret -> secret.description("turned \u202e around"))
                .build())
            .build()));
    ways.put("plan's owner", () -> SecretPlan.builder(storeOf("x"), CANARY));
    ways.put(
        "plan's vault",
        () -> SecretPlan.builder(storeOf("x"), "app").takeOver(CANARY).plan());
    ways.put(
        "plan",
        () -> SecretPlan.builder(storeOf("x"), "app")
            .declare(SecretDefinition.defineSecret("default")
                .secret(
                    "token",
                    secret -> secret
                        .description("turned \u202e around")
                        .source(SecretSource.file(directory))
                        .shape(SecretShape.of(CANARY, value -> false)))
                .build())
            .takeOver("default")
            .plan());
    ways.put("reference", () -> SecretTemplate.in("${secret@default/" + CANARY + "}"));
    ways.put(
        "place of a reference",
        () -> SecretTemplate.in(Map.of(CANARY, "${secret@default/no name}")));
  }

  private void addPaths(Path directory) throws IOException {
    Path nothing = Files.createFile(directory.resolve("empty\nFORGED"));
    Path text = Files.writeString(directory.resolve("text\nFORGED"), "no key");
    ways.put("store", () -> FileSecretStore.open(directory, key()));
    ways.put("store made", () -> {
      try (FileSecretStore store =
          FileSecretStore.create(directory.resolve("store\nFORGED"), key())) {
        return store;
      }
    });
    ways.put("store over a file", () -> FileSecretStore.create(nothing, key()));
    ways.put("store of another key", () -> {
      Path made = directory.resolve("other\nFORGED");
      FileSecretStore.create(made, key()).close();
      byte[] other = {1};
      return FileSecretStore.open(made, MasterKey.copyOf(Arrays.copyOf(other, 32)));
    });
    ways.put("store that is damaged", () -> {
      Path made = directory.resolve("damaged\nFORGED");
      FileSecretStore.create(made, key()).close();
      Files.writeString(made.resolve("secrets.json"), "{}");
      return FileSecretStore.open(made, key());
    });
    ways.put(
        "store below a missing directory",
        () -> FileSecretStore.open(directory.resolve("none\nFORGED"), key()));
    ways.put("anchor", () -> FileAnchor.open(directory.resolve("none")));
    ways.put("invalid anchor", () -> FileAnchor.open(text));
    ways.put("anchor made", () -> FileAnchor.create(directory.resolve("anchor")));
    ways.put("key", () -> MasterKey.fromFile(directory.resolve("none")));
    ways.put("invalid key", () -> MasterKey.fromFile(text));
    ways.put("key that is a directory", () -> MasterKey.fromFile(directory));
    ways.put("key made", () -> MasterKey.createFile(text));
    ways.put("file", () -> SecretSource.file(directory.resolve("none")).read(REF));
    ways.put("text file", () -> SecretSource.textFile(directory).read(REF));
    ways.put("empty text file", () -> SecretSource.textFile(nothing).read(REF));
    ways.put("text file's source", () -> SecretSource.textFile(nothing));
    ways.put(
        "token file",
        () -> read(HttpSecretStore.builder()
            .accessToken(AccessTokenSource.fromFile(directory.resolve("x")))));
    ways.put(
        "token file that is a directory",
        () -> read(HttpSecretStore.builder().accessToken(AccessTokenSource.fromFile(directory))));
    ways.put(
        "token file that holds none",
        () -> read(HttpSecretStore.builder().accessToken(AccessTokenSource.fromFile(nothing))));
  }

  private void addVariables(Path directory) throws IOException {
    Path configured = Files.createDirectories(directory.resolve("configured"));
    Files.writeString(
        Files.createDirectories(configured.resolve("tailor-platform")).resolve("config.yaml"),
        "version: 1\nusers: {}\nprofiles:\n  odd: {user: x, platform_url: 'ftp://x'}\n");
    ways.put("address of a store", () -> SecretStores.open(variables("URL", CANARY)));
    ways.put("kind of a store", () -> SecretStores.open(variables("URL", CANARY + ":x")));
    ways.put(
        "file of a store",
        () -> SecretStores.open(variables(
            "URL", "file:" + directory, "KEY_FILE", directory.resolve("key").toString())));
    ways.put(
        "key of a store",
        () -> SecretStores.open(variables("URL", "file:" + directory, "KEY", CANARY)));
    ways.put(
        "path of a key",
        () -> SecretStores.open(
            variables("URL", "file:" + directory, "KEY_FILE", "\u0000" + CANARY)));
    ways.put(
        "directory of the CLI",
        () -> read(
            HttpSecretStore.builder().environment(Map.of("XDG_CONFIG_HOME", "\u0000" + CANARY))));
    ways.put(
        "descriptor of a key",
        () -> SecretStores.open(variables("URL", "file:" + directory, "KEY_FILE", "fd:" + CANARY)));
    ways.put(
        "what is allowed",
        () ->
            SecretStores.open(variables("URL", "file:" + directory, "KEY", "x", "ALLOW", CANARY)));
    ways.put("variable of a key", () -> MasterKey.fromEnvironment(CANARY, Map.of()));
    ways.put(
        "variable that holds no key", () -> MasterKey.fromEnvironment(CANARY, Map.of(CANARY, "x")));
    ways.put("variable of a source", () -> SecretSource.environment(CANARY));
    ways.put(
        "CLI without configuration",
        () -> read(HttpSecretStore.builder()
            .environment(Map.of(
                "XDG_CONFIG_HOME",
                directory.toString(),
                "TAILOR_PLATFORM_WORKSPACE_ID",
                "01234567-89ab-cdef-0123-456789abcdef"))));
    ways.put(
        "profile of the CLI",
        () -> read(HttpSecretStore.builder()
            .environment(Map.of(
                "XDG_CONFIG_HOME", configured.toString(), "TAILOR_PLATFORM_PROFILE", CANARY))));
    ways.put(
        "platform of a profile",
        () -> read(HttpSecretStore.builder()
            .environment(Map.of(
                "XDG_CONFIG_HOME", configured.toString(), "TAILOR_PLATFORM_PROFILE", "odd"))));
    ways.put(
        "user of the CLI",
        () -> read(HttpSecretStore.builder()
            .environment(Map.of(
                "XDG_CONFIG_HOME",
                configured.toString(),
                "TAILOR_PLATFORM_WORKSPACE_ID",
                "01234567-89ab-cdef-0123-456789abcdef"))));
    ways.put("token", () -> AccessTokenSource.of(CANARY));
  }

  private void addHttp() {
    ways.put(
        "endpoint",
        () -> HttpSecretStore.builder()
            .workspaceId("01234567-89ab-cdef-0123-456789abcdef")
            .accessToken(AccessTokenSource.of("x"))
            .endpoint("https://host/" + CANARY)
            .build());
    ways.put("workspace", () -> HttpSecretStore.builder().workspaceId(CANARY));
    ways.put(
        "origin of headers",
        () -> managed(
            manager -> SecretHeaders.of(manager, CANARY, Map.of("x", "${secret@default/token}"))));
    ways.put(
        "name of a header",
        () -> managed(manager ->
            SecretHeaders.of(manager, "https://host", Map.of(CANARY, "${secret@default/token}"))));
    ways.put(
        "text of a header",
        () -> managed(manager -> SecretHeaders.of(
            manager, "https://host", Map.of("x", "${secret@default/token}" + CANARY))));
  }

  private void addTexts() {
    ways.put("failure of a backend", () -> {
      try (SecretManager manager = SecretManagers.open(new FailingBackend())) {
        return manager.getSecret("default", "token");
      }
    });
    ways.put("info of a secret", () -> SecretInfo.of(CANARY, 1, Instant.EPOCH, Instant.EPOCH));
    ways.put("info of a vault", () -> VaultInfo.of(CANARY, Instant.EPOCH, Instant.EPOCH));
    ways.put(
        "details of a secret",
        () -> SecretDetails.of(
            SecretInfo.of(CANARY, 1, Instant.EPOCH, Instant.EPOCH), Map.of("x", "y"), CANARY));
    ways.put("event", () -> LoadEvent.of(CANARY, Duration.ZERO, Map.of()));
  }

  /** Runs it, and looks at what it throws, or else at what it returns. */
  private static void requireQuoted(Callable<?> way) {
    Object[] returned = new Object[1];
    Throwable thrown = catchThrowable(() -> returned[0] = way.call());
    if (thrown == null) {
      assertThat(returned[0]).as("neither failed nor returned anything").isNotNull();
      assertQuoted(String.valueOf(returned[0]));
    }
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      // The JDK's own causes show a path or a pattern as it is.
      if (!(e instanceof FileSystemException || e instanceof PatternSyntaxException)) {
        assertQuoted(e.toString());
      }
    }
  }

  private static void assertQuoted(String text) {
    assertThat(text).doesNotContain("\nFORGED").doesNotContain("\u001b").doesNotContain("\u202e");
  }

  private Path directory() throws IOException {
    Path directory;
    try {
      directory = temporary.resolve(CANARY);
    } catch (InvalidPathException e) {
      directory = temporary.resolve(CANARY.replace("\u202e", "")); // in a locale without it
    }
    return Files.createDirectories(directory);
  }

  private static Map<String, String> variables(String... pairs) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      variables.put("TAILOR_SECRETMANAGER_" + pairs[i], pairs[i + 1]);
    }
    return variables;
  }

  private static Object read(HttpSecretStore.Builder builder) {
    try (HttpSecretStore store = builder
        .workspaceId("01234567-89ab-cdef-0123-456789abcdef")
        .endpoint("http://127.0.0.1:9")
        .build()) {
      return store.listVaults();
    }
  }

  private static MasterKey key() {
    return MasterKey.copyOf(new byte[32]);
  }

  private static InMemorySecretStore storeOf(String value) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "token", value);
    return store;
  }

  private static Object stored(Consumer<SecretStore> change) {
    try (SecretStore store = storeOf("x")) {
      change.accept(store);
      return store;
    }
  }

  private static Object managed(Function<SecretManager, Object> use) {
    try (InMemorySecretStore store = storeOf("x");
        SecretManager manager = SecretManagers.open(store)) {
      return use.apply(manager);
    }
  }

  private static final class FailingBackend implements SecretBackend {
    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      throw new SecretUnavailableException("turned \u202e around \u001b[31m");
    }

    @Override
    public void close() {}
  }
}
