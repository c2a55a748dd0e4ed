package tech.tailor.secretmanager.integration.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import io.etcd.jetcd.Client;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.Parameter;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import javax.sql.DataSource;
import okhttp3.OkHttpClient;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.InstanceOfAssertFactory;
import org.springframework.http.HttpMethod;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretConsumer;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.SealedBox;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.jdbc.Connector;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.emulator.EmulatorRole;
import tech.tailor.secretmanager.testing.emulator.Fault;

/**
 * Arguments for every parameter of the public API, around a given secret: a valid one first, then
 * ones that a method refuses or has to think about.
 *
 * <p>A parameter of a new type must be added here.
 */
public final class Arguments {

  private final String secret;
  private final Specimens specimens;
  private final Map<String, List<Supplier<?>>> byName = new HashMap<>();
  private final Map<Class<?>, List<Supplier<?>>> byType = new HashMap<>();

  private Arguments(String secret, Specimens specimens) {
    this.secret = secret;
    this.specimens = specimens;
  }

  /** Arguments around the given secret; files go below the given directory. */
  public static Arguments around(String secret, Path directory) {
    Arguments arguments = new Arguments(secret, Specimens.around(secret, directory));
    arguments.addText();
    arguments.addValues();
    arguments.addCollections();
    arguments.addSettings();
    arguments.addFiles();
    arguments.addHttp();
    arguments.addJdbc();
    arguments.addPostgres();
    arguments.addEtcd();
    arguments.addReferences();
    arguments.addEmulator();
    arguments.addTesting();
    return arguments;
  }

  /** Makers of arguments for the parameter, the one of a valid argument first. */
  public List<Supplier<?>> of(Parameter parameter) {
    Class<?> type = parameter.getType();
    List<Supplier<?>> found = byName.get(type.getSimpleName() + " " + parameter.getName());
    if (found == null) {
      found = byType.get(type);
    }
    if (found == null) {
      throw new IllegalStateException("No argument for the parameter " + parameter + " of "
          + parameter.getDeclaringExecutable() + ": add one to " + Arguments.class.getName());
    }
    return found;
  }

  private void addText() {
    String tooLarge = secret.repeat(SecretValue.MAX_SIZE_BYTES / secret.length() + 1);
    String unpaired = secret + "\ud800";
    named(String.class, "vault", () -> Specimens.VAULT, () -> "no-such-vault", () -> "Bad Vault");
    named(
        String.class,
        "name",
        () -> Specimens.NAME,
        () -> "no-such-key",
        () -> "Bad_Name",
        () -> "binary-key");
    named(String.class, "text", () -> secret, () -> tooLarge, () -> unpaired);
    named(String.class, "value", () -> secret, () -> tooLarge, () -> unpaired);
    named(String.class, "description", () -> "External API key", () -> "");
    named(String.class, "newDescription", () -> "External API key", () -> "");
    named(String.class, "key", () -> "team", () -> "Bad Key");
    named(String.class, "rule", () -> "must be made up");
    named(String.class, "regex", () -> "[a-z]+", () -> "[");
    named(String.class, "message", () -> "It failed");
    typed(CharSequence.class, () -> secret, () -> "another", () -> unpaired, () -> tooLarge);
    typed(char[].class, secret::toCharArray, tooLarge::toCharArray, unpaired::toCharArray);
  }

  private void addValues() {
    byte[] tooLarge =
        secret.repeat(SecretValue.MAX_SIZE_BYTES / secret.length() + 1).getBytes(UTF_8);
    typed(byte[].class, () -> secret.getBytes(UTF_8), specimens::binary, tooLarge::clone);
    typed(
        SecretValue[].class,
        () -> new SecretValue[] {SecretValue.of(secret)},
        () -> new SecretValue[] {SecretValue.copyOf(specimens.binary()), null},
        () -> new SecretValue[0]);
    typed(
        SecretValue.class,
        specimens::value,
        specimens::closedValue,
        () -> SecretValue.copyOf(specimens.binary()));
    typed(TrustManager[].class, () -> new TrustManager[0]);
    named(List.class, "secrets", () -> List.of(secret.getBytes(UTF_8)), List::of);
    named(Supplier.class, "lender", specimens::lender, () -> (Supplier<SecretValue>) () -> {
      throw new SecretUnavailableException("x");
    });
    typed(SecretManager.class, () -> SecretManagers.open(specimens.memoryStore()));
    typed(SecretBackend.class, specimens::memoryStore, () -> {
      SecretBackend closed = specimens.memoryStore();
      closed.close();
      return closed;
    });
    typed(
        SecretRef.class,
        () -> SecretRef.of(Specimens.VAULT, Specimens.NAME),
        () -> SecretRef.of(Specimens.VAULT, "no-such-key"),
        () -> SecretRef.of(Specimens.VAULT, "binary-key"),
        () -> SecretRef.of("no-such-vault", Specimens.NAME));
    typed(SecretMetadata.class, SecretMetadata::unversioned, Specimens::stale);
    typed(Freshness.class, Freshness::fresh, () -> Specimens.stale().freshness());
    typed(
        SecretFunction.class,
        () -> (SecretFunction<Object, String, RuntimeException>) lent -> {
          return "used";
        },
        () -> (SecretFunction<Object, String, RuntimeException>) lent -> {
          throw new IllegalStateException("The use failed");
        },
        () -> (SecretFunction<Object, Object, RuntimeException>) lent ->
            lent instanceof SecretValue value ? value.withChars(chars -> chars.length) : "used");
    typed(
        SecretManagerException.class, Specimens::denied, () -> new SecretUnavailableException("x"));
    typed(
        SecretNotFoundException.Missing.class,
        () -> SecretNotFoundException.Missing.SECRET,
        () -> SecretNotFoundException.Missing.VAULT);
    typed(Throwable.class, () -> new IllegalStateException("A cause"));
  }

  private void addCollections() {
    named(
        Collection.class,
        "names",
        () -> List.of(Specimens.NAME),
        () -> List.of(Specimens.NAME, "no-such-key", "binary-key"),
        () -> List.of("Bad_Name"),
        List::of);
    named(
        Set.class,
        "names",
        () -> Set.of(Specimens.NAME),
        () -> Set.of(Specimens.NAME, "no-such-key"),
        () -> Set.of("Bad_Name"),
        Set::of);
    named(Collection.class, "asked", () -> List.of(Specimens.NAME, "denied-key"), List::of);
    named(
        Map.class,
        "found",
        () -> Map.of(Specimens.NAME, SecretValue.of(secret)),
        () -> Map.of("unasked-key", SecretValue.of(secret)),
        () -> Map.of("denied-key", SecretValue.of(secret)));
    named(
        Map.class,
        "failures",
        () -> Map.of("denied-key", Specimens.denied()),
        () -> Map.of(Specimens.NAME, Specimens.denied()));
    named(Map.class, "results", () -> Map.of(Specimens.NAME, LoadEvent.Result.FOUND), Map::of);
    named(
        Map.class,
        "labels",
        () -> Map.of("env", "production"),
        () -> Map.of("Bad Label", "x"),
        Map::of);
    named(List.class, "problems", () -> List.of(Specimens.problem()), List::of);
  }

  private void addSettings() {
    typed(boolean.class, () -> true, () -> false);
    typed(int.class, () -> 1, () -> 0, () -> -1, () -> 1_000);
    typed(long.class, () -> 1L, () -> 0L, () -> -1L);
    typed(
        Duration.class,
        () -> Duration.ofSeconds(1),
        () -> Duration.ofSeconds(-1),
        () -> Duration.ofDays(365));
    typed(Instant.class, () -> Instant.EPOCH);
    typed(Optional.class, () -> Optional.of(Instant.EPOCH), Optional::empty);
    typed(Executor.class, () -> (Executor) Runnable::run);
    typed(EvictionCause.class, () -> EvictionCause.EXPIRED);
    typed(Runnable.class, () -> (Runnable) () -> {});
    typed(SecretListener.class, SilentListener::new);
    typed(SecretAccessDeniedException.class, () -> new SecretAccessDeniedException("It failed"));
    typed(Predicate.class, () -> (Predicate<Exception>) e -> false);
    typed(LongSupplier.class, () -> (LongSupplier) System::nanoTime);
    typed(DoubleSupplier.class, () -> (DoubleSupplier) () -> 0.5);
    typed(
        SecretRef[].class,
        () -> new SecretRef[] {SecretRef.of("specimens", "not-declared")},
        () -> new SecretRef[0]);
    typed(
        SecretDefinition[].class,
        () -> new SecretDefinition[] {Specimens.definition()},
        () -> new SecretDefinition[0]);
    named(String.class, "owner", () -> "specimens", () -> "Bad Owner");
    typed(SecretShape.class, SecretShape::json);
    typed(SecretSource.class, specimens::source);
    named(
        Predicate.class,
        "check",
        () -> (Predicate<SecretValue>) value -> value.matches("x"),
        () -> (Predicate<SecretValue>) value -> {
          throw new IllegalStateException("The check failed");
        });
    named(Consumer.class, "declaration", () ->
        (Consumer<DeclaredSecret.Builder>) DeclaredSecret.Builder::optional);
    named(
        Consumer.class,
        "changes",
        () -> (Consumer<VersionedSecretStore>) store -> store.createVault("made-in-one-commit"),
        () -> (Consumer<VersionedSecretStore>) store -> {
          throw new IllegalStateException("The changes failed");
        });
    named(Consumer.class, "changed", () -> (Consumer<Set<SecretRef>>) refs -> {});
    typed(SecretVersionInfo.State.class, () -> SecretVersionInfo.State.ENABLED);
  }

  private void addFiles() {
    typed(MasterKey.class, specimens::masterKey);
    typed(Envelope.class, specimens::envelope);
    typed(Envelope.Place.class, Specimens::place);
    typed(OpaqueBytes.class, () -> OpaqueBytes.random(16));
    named(
        OpaqueBytes.class, "publicKey", () -> OpaqueBytes.random(32), () -> OpaqueBytes.random(3));
    typed(RecoveryEntry.class, specimens::recoveryEntry);
    named(MasterKey.class, "recovery", specimens::recoveryKey, specimens::masterKey);
    typed(KeyProtection.class, Specimens::byPassphrase);
    typed(SealedBox.Kem.class, () -> SealedBox.Kem.X25519, () -> SealedBox.Kem.P256);
    named(
        byte[].class,
        "publicKey",
        () -> SealedBox.Opener.generate(SealedBox.Kem.X25519).publicKey());
    named(int.class, "sizeBytes", () -> 4, () -> 0);
    named(int.class, "iterations", () -> 1_000, () -> 1);
    named(String.class, "label", () -> "tsm-test", () -> "not a label");
    named(Path.class, "path", specimens::newDirectory);
    named(String.class, "what", () -> "A test");
    typed(StoreFiles.Work.class, () -> (StoreFiles.Work) () -> {});
    typed(SecretInfo.class, () -> SecretInfo.of(Specimens.NAME, 1, Specimens.TIME, Specimens.TIME));
    named(String.class, "field", () -> "user", () -> "no-such");
    named(String.class, "after", () -> "", () -> "name");
    named(int.class, "limit", () -> 2, () -> 0);
    named(boolean.class, "vaultExists", () -> true, () -> false);
    typed(SecretConsumer.class, () -> (SecretConsumer<Object, RuntimeException>) value -> {});
    typed(Class.class, () -> IllegalStateException.class);
    named(String.class, "store", () -> "store \"made up\"");
    named(List.class, "masters", () -> List.of(specimens.masterKey()), List::of);
    named(List.class, "wrappedKeys", () -> specimens.envelope().wrappedKeys(), List::of);
    named(String.class, "address", this::fileAddress, () -> "https://" + secret + "@host");
    named(Map.class, "environment", this::environment, Map::of);
    typed(StoreAnchor.class, specimens::anchor);
    typed(StoreAnchor.Mark.class, Specimens::mark);
    typed(
        InputStream.class,
        () -> new ByteArrayInputStream(secret.getBytes(UTF_8)),
        InputStream::nullInputStream);
    typed(Aead.class, UnreachableKms::new);
    named(int.class, "descriptor", () -> 987_654, () -> -1); // not one that is somebody's
    named(String.class, "variable", () -> "NO_SUCH_VARIABLE", () -> "PATH");
    named(String.class, "storeId", () -> "0a".repeat(16), () -> secret);
    named(String.class, "digest", () -> "0b".repeat(32), () -> secret);
    named(
        Path.class,
        "directory",
        () -> {
          Path directory = specimens.newDirectory();
          FileSecretStore.create(directory, specimens.masterKey()).close();
          return directory;
        },
        specimens::newDirectory,
        () -> specimens.newDirectory().resolve("none"));
    named(
        Path.class,
        "file",
        () -> {
          Path file = specimens.newDirectory().resolve("key");
          MasterKey.createFile(file);
          return file;
        },
        () -> specimens.newDirectory().resolve("none"),
        specimens::newDirectory);
  }

  private String fileAddress() {
    Path directory = specimens.newDirectory();
    FileSecretStore.create(directory, specimens.masterKey()).close();
    return "file:" + directory;
  }

  private Map<String, String> environment() {
    specimens.masterKey();
    return Map.of(
        "TAILOR_SECRETMANAGER_URL",
        fileAddress(),
        "TAILOR_SECRETMANAGER_KEY_FILE",
        specimens.masterKeyFile().toString());
  }

  private void addHttp() {
    named(
        String.class, "endpoint", () -> "https://127.0.0.1:1", () -> "https://" + secret + "@host");
    named(String.class, "namespace", () -> "my-auth");
    named(String.class, "machineUser", () -> "reader");
    named(String.class, "clientId", () -> "client");
    named(
        URI.class,
        "endpoint",
        () -> URI.create("https://127.0.0.1:1"),
        () -> URI.create("https://user@host"));
    named(
        URI.class,
        "application",
        () -> URI.create("https://127.0.0.1:1"),
        () -> URI.create("ftp://host"));
    typed(AccessTokenSource.class, () -> AccessTokenSource.of(specimens.token()));
    typed(ReadMode.class, () -> ReadMode.RUNTIME_SERVICE);
    named(String.class, "scheme", () -> "https", () -> "ftp");
    named(String.class, "host", () -> "127.0.0.1", () -> "[" + secret);
    named(URI.class, "uri", () -> URI.create("https://127.0.0.1:1"), () -> URI.create("a:b"));
    typed(HttpMethod.class, () -> HttpMethod.GET);
    typed(HttpClient.class, HttpClient::newHttpClient, Arguments::clientThatFollows);
    typed(Proxy.class, () -> Proxy.NO_PROXY);
    typed(KeyStore.class, Arguments::emptyKeyStore);
    named(Supplier.class, "supplier", () -> (Supplier<String>) () -> "a-token");
    named(Supplier.class, "clientSecret", () ->
        (Supplier<SecretValue>) () -> SecretValue.of("made up"));
    named(
        Map.class,
        "variables",
        () -> Map.of(
            "TAILOR_PLATFORM_TOKEN",
            specimens.token(),
            "TAILOR_PLATFORM_WORKSPACE_ID",
            "9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11"),
        Map::of,
        () -> Map.of("PLATFORM_URL", secret));
    named(Map.class, "labels", () -> Map.of("owner", "me"), () -> Map.of("owner", secret));
  }

  private static HttpClient clientThatFollows() {
    return HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();
  }

  private void addJdbc() {
    named(String.class, "jdbcUrl", () -> "jdbc:h2:mem:x", () -> "jdbc:h2:mem:x;password=" + secret);
    named(String.class, "user", () -> "app");
    named(String.class, "password", () -> secret);
    named(String.class, "userMember", () -> "username");
    named(String.class, "passwordMember", () -> "password");
    typed(Connector.class, () -> (Connector) (user, password) -> {
      throw new SQLException("refused");
    });
    named(String.class, "setting", () -> "5");
    typed(MeterRegistry.class, SimpleMeterRegistry::new);
    typed(ConfigSourceContext.class, Arguments::withoutProperties);
    typed(PrintWriter.class, () -> new PrintWriter(Writer.nullWriter()));
  }

  private void addEtcd() {
    typed(Client.class, specimens::etcd);
    named(String.class, "prefix", () -> "/secretmanager/orders", () -> "no prefix");
  }

  private void addPostgres() {
    typed(DataSource.class, specimens::postgres);
    named(String.class, "workspace", () -> "orders", () -> "no workspace");
    named(String.class, "actor", () -> "Ada");
    named(String.class, "mark", () -> "1-" + "0a".repeat(16), () -> "not a mark");
    named(
        Map.class,
        "values",
        () -> Map.of(Specimens.NAME, SecretValue.of(secret)),
        () -> Map.of("Bad_Name", SecretValue.of(secret)));
  }

  private void addReferences() {
    named(
        String.class,
        "template",
        () -> "Bearer ${secret:default/api-key}",
        () -> secret + "${secret:" + secret);
    named(String.class, "literal", () -> "${secret:default/api-key}");
    named(Object.class, "value", () -> "${secret:default/api-key}", () -> secret, () -> 7);
    Map<String, ?> object = Map.of("vault", Specimens.VAULT, "key", Specimens.NAME);
    named(
        Map.class,
        "configuration",
        () -> Map.of("token", object),
        () -> Map.of("bad", secret + "${secret:" + secret),
        () -> Map.of("bad", Map.of("vault", Specimens.VAULT, "key", secret)),
        () -> Map.of("bad", new String[] {secret}),
        () -> object);
    typed(Properties.class, () -> {
      Properties properties = new Properties();
      properties.setProperty("token", "${secret:default/api-key}");
      return properties;
    });
    named(
        String.class,
        "origin",
        () -> "https://127.0.0.1:1",
        () -> "https://" + specimens.token() + "@host",
        () -> "https://host/" + specimens.token());
    named(
        Map.class,
        "headers",
        () -> Map.of("X-Api-Key", "${secret:default/api-key}"),
        () -> Map.of("X-Api-Key", secret),
        () -> Map.of("X-Api-Key", secret + "\n${secret:default/api-key}"),
        () -> Map.of(secret + " ", "${secret:default/api-key}"),
        Map::of);
    typed(OkHttpClient.Builder.class, OkHttpClient.Builder::new);
  }

  private static KeyStore emptyKeyStore() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void addEmulator() {
    named(String.class, "code", () -> "unavailable", () -> secret);
    named(String.class, "method", () -> "GetSecrets", () -> secret);
    named(String.class, "outcome", () -> "ok");
    named(String.class, "token", () -> secret, () -> "too short");
    named(
        String.class, "workspaceId", () -> "9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11", () -> "no UUID");
    named(int.class, "status", () -> 503, () -> 99);
    named(int.class, "port", () -> 0, () -> -1, () -> 65_536);
    typed(String[].class, () -> new String[] {Specimens.VAULT}, () -> new String[0]);
    typed(EmulatorRole.class, () -> EmulatorRole.ADMIN, () -> EmulatorRole.VIEWER);
    typed(Fault.class, Fault::reset, () -> Fault.slowBody(Duration.ofSeconds(1)));
    typed(SecretStore.class, specimens::memoryStore);
    typed(Clock.class, Clock::systemUTC);
  }

  private void addTesting() {
    typed(InstanceOfAssertFactory.class, () -> InstanceOfAssertFactories.STRING);
    typed(
        FakeSecretManager.class,
        () -> FakeSecretManager.with(Specimens.VAULT, Specimens.NAME, secret));
    named(int.class, "fetches", () -> 1, () -> 0); // more would be waited for
    named(String.class, "readAt", () -> "here");
    named(String.class, "file", () -> "/no-such-file.properties");
    named(String.class, "expected", () -> secret, () -> "another");
    named(String.class, "unexpected", () -> "another", () -> secret);
    named(Object.class, "expected", () -> secret, () -> SecretValue.of(secret));
    named(Object.class, "unexpected", () -> "another", () -> secret);
    typed(Object[].class, () -> new Object[] {secret}, () -> new Object[0]);
    typed(Iterable.class, () -> List.of(secret), List::of);
    named(Runnable.class, "interlude", () -> (Runnable) () -> {}, () -> (Runnable) () -> {
      throw new IllegalStateException("in the middle");
    });
    named(Consumer.class, "change", () ->
        (Consumer<SecretManagers.Builder>) client -> client.timeToLive(Duration.ofMinutes(1)));
    named(
        Optional.class,
        "actual",
        () -> Optional.of(specimens.value()),
        () -> Optional.of(specimens.closedValue()),
        Optional::empty);
    typed(SecretBundle.class, () -> Specimens.bundle(specimens.value()));
    named(
        Class.class,
        "type",
        () -> SecretAccessDeniedException.class,
        () -> SecretUnavailableException.class);
  }

  private void named(Class<?> type, String name, Supplier<?>... makers) {
    byName.put(type.getSimpleName() + " " + name, List.of(makers));
  }

  private void typed(Class<?> type, Supplier<?>... makers) {
    byType.put(type, List.of(makers));
  }

  /** The valid argument for each of the parameters. */
  public Object[] valid(List<Parameter> parameters) {
    List<Object> arguments = new ArrayList<>();
    parameters.forEach(parameter -> arguments.add(of(parameter).get(0).get()));
    return arguments.toArray();
  }

  /** A service that is down, and says what it was asked. */
  private static final class UnreachableKms implements Aead {
    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      throw new GeneralSecurityException(new String(plaintext, UTF_8));
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      throw new GeneralSecurityException(new String(ciphertext, UTF_8));
    }
  }

  /** A listener that does nothing, and holds nothing of this. */
  private static final class SilentListener implements SecretListener {}

  private static ConfigSourceContext withoutProperties() {
    return new ConfigSourceContext() {
      @Override
      public ConfigValue getValue(String name) {
        return ConfigValue.builder().withName(name).build();
      }

      @Override
      public Iterator<String> iterateNames() {
        return Collections.emptyIterator();
      }
    };
  }
}
