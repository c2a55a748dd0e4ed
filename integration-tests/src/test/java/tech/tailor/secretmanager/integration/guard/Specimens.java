package tech.tailor.secretmanager.integration.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.sql.DataSource;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.Rejection;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretApplyException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretConsumer;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretServerIdentityException;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.DeclarationExports;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.declare.VerificationReport;
import tech.tailor.secretmanager.client.headers.OriginHeaders;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.client.tls.SecretTls;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.KeyVariables;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.SealedBox;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.etcd.EtcdSecretStoreProvider;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.file.FileSecretStoreProvider;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.HttpSecretStoreProvider;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.http.SecretHeaders;
import tech.tailor.secretmanager.jdbc.Connector;
import tech.tailor.secretmanager.jdbc.SecretDataSource;
import tech.tailor.secretmanager.logging.SecretMask;
import tech.tailor.secretmanager.micrometer.SecretManagerMetrics;
import tech.tailor.secretmanager.postgresql.PostgresSchema;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;
import tech.tailor.secretmanager.postgresql.PostgresSecretStoreProvider;
import tech.tailor.secretmanager.smallrye.TailorSecretKeys;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretMasker;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.spi.StoreContent;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.spring.SecretHeadersRequestFactory;
import tech.tailor.secretmanager.store.AuditedSecretStore;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SharedSecretStore;
import tech.tailor.secretmanager.store.StoreChange;
import tech.tailor.secretmanager.store.StoreVerification;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeBackend;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.assertj.OptionalSecretAssert;
import tech.tailor.secretmanager.testing.assertj.SecretAssertions;
import tech.tailor.secretmanager.testing.assertj.SecretBundleAssert;
import tech.tailor.secretmanager.testing.assertj.SecretValueAssert;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;
import tech.tailor.secretmanager.testing.contract.SecretStoreContract;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;
import tech.tailor.secretmanager.testing.emulator.EmulatorCommand;
import tech.tailor.secretmanager.testing.emulator.EmulatorFaults;
import tech.tailor.secretmanager.testing.emulator.EmulatorRole;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;
import tech.tailor.secretmanager.testing.emulator.TokenBuilder;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.SecretManagerExtension;
import tech.tailor.secretmanager.testing.junit5.WithEmulator;
import tech.tailor.secretmanager.testing.junit5.WithSecret;
import tech.tailor.secretmanager.testing.junit5.WithSecrets;

/**
 * Instances of every public type of the library, each as near to a given secret as the type comes:
 * what can hold it holds it.
 *
 * <p>A new public type must be added here, or to {@link #WITHOUT_INSTANCES} with the reason.
 */
public final class Specimens {

  /** The vault in which the secret lies. */
  public static final String VAULT = "default";

  /** The name of the secret. */
  public static final String NAME = "api-key";

  /** Types of which there is nothing to look at. */
  public static final Map<Class<?>, String> WITHOUT_INSTANCES = Map.ofEntries(
      Map.entry(DeclarationExports.class, "has static methods alone"),
      Map.entry(SecretManagers.class, "has static methods alone"),
      Map.entry(SecretStores.class, "has static methods alone"),
      Map.entry(SealedBox.class, "has static methods alone"),
      Map.entry(KeyVariables.class, "has static methods alone"),
      Map.entry(PostgresSchema.class, "has static methods alone"),
      Map.entry(StoreContent.class, "is implemented by stores alone"),
      Map.entry(StoreContent.Vault.class, "is a store's own record"),
      Map.entry(StoreContent.Secret.class, "is a store's own record"),
      Map.entry(StoreContent.Version.class, "is a store's own record, of whatever it holds"),
      Map.entry(StoreContent.SecretId.class, "is a store's own record"),
      Map.entry(SecretSupport.class, "has static methods alone"),
      Map.entry(Rejection.class, "has static methods alone"),
      Map.entry(SecretConsumer.class, "is implemented by users alone"),
      Map.entry(StoreEditor.class, "is what stores hand out, and tested as them"),
      Map.entry(AbstractVersionedSecretStore.class, "is extended by stores, and tested as them"),
      Map.entry(OpaqueBytes.class, "holds what is no secret, and shows it"),
      Map.entry(StoreFiles.class, "writes what it is given"),
      Map.entry(StoreFiles.NewFile.class, "writes what it is given"),
      Map.entry(StoreFiles.ReadFile.class, "reads what there is"),
      Map.entry(StoreFiles.FileIdentity.class, "tells files apart by what the system says of them"),
      Map.entry(StoreFiles.Work.class, "is implemented by stores alone"),
      Map.entry(SecretAssertions.class, "has static methods alone"),
      Map.entry(SecretFunction.class, "is implemented by users alone"),
      Map.entry(SecretListener.class, "is implemented by users alone"),
      Map.entry(SecretBackendContract.class, "is implemented by users alone"),
      Map.entry(SecretStoreContract.class, "is implemented by users alone"),
      Map.entry(VersionedSecretStoreContract.class, "is implemented by users alone"),
      Map.entry(WithSecret.class, "is an annotation, its value a part of the source code"),
      Map.entry(WithSecret.List.class, "is an annotation, its value a part of the source code"),
      Map.entry(WithSecrets.class, "is an annotation"),
      Map.entry(WithSecrets.List.class, "is an annotation"),
      Map.entry(WithEmulator.class, "is an annotation"),
      Map.entry(FailOnLeak.class, "is an annotation"),
      Map.entry(SecretManagerExtension.class, "works inside JUnit alone"),
      Map.entry(EmulatorCommand.class, "is a program"));

  private static final String ORIGIN = "https://127.0.0.1:1";

  private static final Map<String, String> API_KEY =
      Map.of("X-Api-Key", "${secret@default/api-key}");

  /** A fixed time. */
  static final Instant TIME = Instant.parse("2026-11-01T00:00:00Z");

  private final String secret;
  private final Path directory;
  private final Map<Class<?>, List<Specimen>> byType = new LinkedHashMap<>();
  private final List<Runnable> started = new ArrayList<>();

  private Specimens(String secret, Path directory) {
    this.secret = secret;
    this.directory = directory;
  }

  /**
   * One way to an instance.
   *
   * @param label what is special of it
   * @param creation makes a new one at each call
   */
  public record Specimen(String label, Callable<?> creation) {
    /** A new instance. */
    public Object create() {
      try {
        return creation.call();
      } catch (Exception e) {
        throw new IllegalStateException("Can't make " + label, e);
      }
    }
  }

  /** Specimens around the given secret; files go below the given directory. */
  public static Specimens around(String secret, Path directory) {
    Specimens specimens = new Specimens(secret, directory);
    specimens.addValues();
    specimens.addDeclarations();
    specimens.addExceptions();
    specimens.addSpi();
    specimens.addClient();
    specimens.addEnvelope();
    specimens.addFile();
    specimens.addHttp();
    specimens.addJdbc();
    specimens.addPostgres();
    specimens.addTls();
    specimens.addLogging();
    specimens.addEtcd();
    specimens.addMicrometer();
    specimens.addSmallRye();
    specimens.addTesting();
    specimens.addEmulator();
    return specimens;
  }

  /** Each type with at least one specimen. */
  public Map<Class<?>, List<Specimen>> byType() {
    return byType;
  }

  private void addValues() {
    add(SecretValue.class, "from text", this::value);
    add(SecretValue.class, "from bytes", () -> SecretValue.copyOf(secret.getBytes(UTF_8)));
    add(SecretValue.class, "from characters", () -> SecretValue.copyOf(secret.toCharArray()));
    add(SecretValue.class, "not text", () -> SecretValue.copyOf(binary()));
    add(SecretValue.class, "stale", () -> SecretSupport.adopt(secret.getBytes(UTF_8), stale()));
    add(SecretValue.class, "closed", this::closedValue);
    add(SecretValue.class, "on loan", () -> SecretSupport.onLoan(lender(), stale()));
    add(SecretValue.class, "on loan, looked into", () -> {
      SecretValue loan = SecretSupport.onLoan(lender(), stale());
      loan.withBytes(bytes -> bytes.length);
      return loan;
    });
    add(SecretBundle.class, "with a failure", () -> bundle(value()));
    add(SecretBundle.class, "not text", () -> bundle(SecretValue.copyOf(binary())));
    add(
        SecretBundle.class,
        "without a failure",
        () -> SecretSupport.bundle(VAULT, List.of(NAME), Map.of(NAME, value()), Map.of(), true));
    add(
        SecretBundle.class,
        "adopted",
        () -> SecretSupport.bundle(
            VAULT, new String[] {NAME, NAME, "gone"}, new SecretValue[] {value(), value(), null}));
    add(SecretBundle.class, "closed", () -> {
      SecretBundle bundle = bundle(value());
      bundle.close();
      return bundle;
    });
    add(SecretMetadata.class, "fresh", () -> SecretMetadata.of(3, TIME));
    add(SecretMetadata.class, "stale", Specimens::stale);
    add(EvictionCause.class, "constant", () -> EvictionCause.SIZE);
    add(LoadEvent.Result.class, "constant", () -> LoadEvent.Result.FOUND);
    add(
        LoadEvent.class,
        "call",
        () -> LoadEvent.of(
            "default", Duration.ofMillis(3), Map.of("api-key", LoadEvent.Result.FOUND)));
    add(CacheStats.class, "counts", () -> CacheStats.of(1, 2, 3, 4, 5, 6, 7));
    add(Freshness.class, "fresh", Freshness::fresh);
    add(Freshness.Fresh.class, "fresh", () -> Freshness.Fresh.FRESH);
    add(Freshness.Stale.class, "stale", () -> (Freshness.Stale) stale().freshness());
  }

  private void addDeclarations() {
    add(SecretRef.class, "a reference", () -> SecretRef.of(VAULT, NAME));
    add(
        SecretTemplate.class,
        "in a text",
        () -> SecretTemplate.in("Bearer ${secret:default/api-key}"));
    add(
        SecretTemplate.class,
        "in a map",
        () -> SecretTemplate.in(Map.of("token", Map.of("vault", VAULT, "key", NAME))));
    add(SecretDefinition.class, "a definition", Specimens::definition);
    add(
        SecretDefinition.Builder.class,
        "begun",
        () -> SecretDefinition.defineSecret(VAULT).secret("another-key", "Another key"));
    add(DeclaredSecret.class, "a declaration", () -> definition().secrets().get(0));
    add(DeclaredSecret.Builder.class, "begun", () -> {
      AtomicReference<DeclaredSecret.Builder> builder = new AtomicReference<>();
      SecretDefinition.defineSecret(VAULT).secret(NAME, builder::set);
      return builder.get();
    });
    add(SecretShape.class, "a pattern", () -> SecretShape.pattern("[a-z]+"));
    add(
        SecretShape.class,
        "of one's own",
        () -> SecretShape.of("must be made up", value -> {
          throw new IllegalStateException("The check failed");
        }));
    add(SecretSource.class, "of the application", () -> source());
    add(SecretSource.class, "a variable", () -> SecretSource.environment("NO_SUCH_VARIABLE"));
    add(SecretSource.class, "a file", () -> {
      Path file = newDirectory().resolve("value");
      Files.writeString(file, "made-up"); // the files of the suite are searched for the secret
      return SecretSource.textFile(file);
    });
    add(SecretSource.class, "a prompt", SecretSource::prompt);
    add(SecretSource.class, "random", () -> SecretSource.random(32));
    add(
        SecretSource.class,
        "another secret",
        () -> SecretSource.secret(manager(), SecretRef.of(VAULT, NAME)));
  }

  private void addExceptions() {
    add(SecretManagerException.class, "any", Specimens::denied);
    add(SecretAccessDeniedException.class, "plain", Specimens::denied);
    add(
        SecretAccessDeniedException.class,
        "with a cause",
        () -> new SecretAccessDeniedException("denied", new IllegalStateException("a cause")));
    add(SecretAlreadyExistsException.class, "plain", () -> new SecretAlreadyExistsException("x"));
    add(SecretConflictException.class, "plain", () -> new SecretConflictException("x"));
    add(SecretApplyException.class, "plain", () -> new SecretApplyException("x"));
    add(SecretApplyException.class, "of a report", () -> {
      try {
        plan().apply().requireComplete();
        throw new IllegalStateException("It should have failed");
      } catch (SecretApplyException e) {
        return e;
      }
    });
    add(SecretEncodingException.class, "plain", () -> new SecretEncodingException("x"));
    add(SecretIntegrityException.class, "plain", () -> new SecretIntegrityException("x"));
    add(SecretLimitException.class, "plain", () -> new SecretLimitException("x"));
    add(SecretOutcomeUnknownException.class, "plain", () -> new SecretOutcomeUnknownException("x"));
    add(SecretPreconditionException.class, "plain", () -> new SecretPreconditionException("x"));
    add(SecretProtocolException.class, "plain", () -> new SecretProtocolException("x"));
    add(SecretRateLimitedException.class, "plain", () -> new SecretRateLimitedException("x"));
    add(SecretServerIdentityException.class, "plain", () -> new SecretServerIdentityException("x"));
    add(SecretStorageException.class, "plain", () -> new SecretStorageException("x"));
    add(SecretTimeoutException.class, "plain", () -> new SecretTimeoutException("x"));
    add(SecretUnavailableException.class, "plain", () -> new SecretUnavailableException("x"));
    add(SecretNotFoundException.class, "vault", () -> SecretNotFoundException.vault(VAULT));
    add(
        SecretNotFoundException.class,
        "secret",
        () -> SecretNotFoundException.of(
            SecretRef.of(VAULT, NAME), SecretNotFoundException.Missing.SECRET));
    add(
        SecretNotFoundException.Missing.class,
        "a part",
        () -> SecretNotFoundException.Missing.SECRET);
    add(
        SecretVerificationException.class,
        "two problems",
        () -> SecretVerificationException.of(List.of(problem(), problem())));
    add(SecretVerificationException.Problem.class, "a problem", Specimens::problem);
    add(
        SecretVerificationException.Kind.class,
        "a kind",
        () -> SecretVerificationException.Kind.MALFORMED);
  }

  private void addSpi() {
    add(SecretInfo.class, "an info", () -> SecretInfo.of(NAME, 1, TIME, TIME));
    add(
        SecretDetails.class,
        "with labels",
        () -> SecretDetails.of(
            SecretInfo.of(NAME, 1, TIME, TIME), Map.of("team", "orders"), "External API key"));
    add(VaultInfo.class, "an info", () -> VaultInfo.of(VAULT, TIME, TIME));
    add(SecretMemory.class, "holding", () -> SecretMemory.copyOf(secret.getBytes(UTF_8)));
    add(SecretMemory.class, "wiped", () -> {
      SecretMemory memory = SecretMemory.copyOf(secret.getBytes(UTF_8));
      memory.wipe();
      return memory;
    });
    add(SecretOutcome.class, "found", () -> new SecretOutcome.Found(value()));
    add(SecretOutcome.Found.class, "found", () -> new SecretOutcome.Found(value()));
    add(
        SecretOutcome.Missing.class,
        "missing",
        () -> new SecretOutcome.Missing(SecretNotFoundException.Missing.VAULT));
    add(SecretOutcome.Failed.class, "failed", () -> new SecretOutcome.Failed(denied()));
    add(SecretBackend.class, "in memory", this::memoryStore);
    add(SecretBackend.Watch.class, "of nothing", () -> memoryStore().watch(refs -> {}));
    add(SecretStore.class, "in memory", this::memoryStore);
    add(VersionedSecretStore.class, "in memory", this::memoryStore);
    add(
        SecretVersionInfo.class,
        "an info",
        () -> SecretVersionInfo.of(1, TIME, SecretVersionInfo.State.ENABLED));
    add(SecretVersionInfo.State.class, "a state", () -> SecretVersionInfo.State.DISABLED);
  }

  private void addPlans() {
    add(VerificationReport.class, "of problems", () -> {
      SecretDefinition definition = SecretDefinition.defineSecret(VAULT)
          .secret(NAME, key -> key.shape(SecretShape.pattern("nothing like it")))
          .secret("missing-key", "Nowhere")
          .build();
      try (SecretManager manager = SecretManagers.open(memoryStore())) {
        return VerificationReport.of(manager, definition);
      }
    });
    add(SecretPlan.Builder.class, "begun", this::planBuilder);
    add(SecretPlan.class, "to be applied", this::plan);
    add(SecretPlan.Step.class, "a creation", () -> plan().steps().get(1));
    add(SecretPlan.Action.class, "an action", () -> SecretPlan.Action.CREATE);
    add(ApplyReport.class, "of a failure", () -> plan().apply());
    add(ApplyReport.Result.class, "done", () -> plan().apply().results().get(1));
    add(ApplyReport.Result.class, "failed", () -> plan().apply().results().get(2));
    add(ApplyReport.Outcome.class, "an outcome", () -> ApplyReport.Outcome.NOT_TRIED);
  }

  private void addClient() {
    addPlans();
    add(InMemorySecretStore.class, "filled", this::memoryStore);
    add(InMemorySecretStore.class, "closed", () -> {
      InMemorySecretStore store = memoryStore();
      store.close();
      return store;
    });
    add(SecretManagers.Builder.class, "over a store", () -> SecretManagers.builder(memoryStore()));
    add(
        SecretManagers.Builder.class,
        "with settings",
        () -> SecretManagers.builder(memoryStore())
            .timeToLive(Duration.ofSeconds(1))
            .declaredOnly(definition()));
    add(SecretHandle.class, "of a secret", () -> manager().handle(VAULT, NAME));
    add(SecretManager.class, "nothing cached", () -> SecretManagers.open(memoryStore()));
    add(SecretManager.class, "cached", () -> {
      SecretManager manager = SecretManagers.open(memoryStore());
      manager.requireSecret(VAULT, NAME).close();
      return manager;
    });
    add(
        SecretManager.class,
        "never caching",
        () -> SecretManagers.builder(memoryStore())
            .timeToLive(Duration.ZERO)
            .negativeTimeToLive(Duration.ZERO)
            .build());
    add(
        SecretManager.class,
        "of declared secrets",
        () -> SecretManagers.builder(memoryStore()).declaredOnly(definition()).build());
    add(SecretManager.class, "closed", () -> {
      SecretManager manager = SecretManagers.open(memoryStore());
      manager.close();
      return manager;
    });
  }

  private void addFile() {
    add(MasterKey.class, "in a file", this::masterKey);
    add(MasterKey.class, "from a passphrase", () -> MasterKey.fromPassphrase(passphrase()));
    add(MasterKey.class, "for a recovery", this::recoveryKey);
    add(FileAnchor.class, "new", () -> FileAnchor.create(newDirectory().resolve("anchor")));
    add(StoreAnchor.class, "in a file", this::anchor);
    add(StoreAnchor.Mark.class, "a mark", Specimens::mark);
    add(FileSecretStoreProvider.class, "of files", FileSecretStoreProvider::new);
    add(FileSecretStore.class, "filled", this::fileStore);
    add(
        FileSecretStore.Builder.class,
        "begun",
        () -> FileSecretStore.builder(newDirectory(), masterKey()).versionsKept(3));
    add(FileSecretStore.class, "closed", () -> {
      FileSecretStore store = fileStore();
      store.close();
      return store;
    });
  }

  private void addEnvelope() {
    add(Envelope.class, "of a new store", () -> envelope());
    add(Envelope.Place.class, "a place", Specimens::place);
    add(WrappedKey.class, "of a new store", () -> envelope().wrappedKeys().get(0));
    add(RecoveryEntry.class, "of a store", this::recoveryEntry);
    add(KeyProtection.class, "by a KMS", () -> new KeyProtection.ByKms("a-key"));
    add(KeyProtection.ByKey.class, "by a key", () -> KeyProtection.ByKey.RAW);
    add(KeyProtection.ByKms.class, "by a KMS", () -> new KeyProtection.ByKms("a-key"));
    add(KeyProtection.ByPassphrase.class, "by a passphrase", Specimens::byPassphrase);
    add(SealedBox.Kem.class, "a KEM", () -> SealedBox.Kem.X25519);
    add(
        SealedBox.Opener.class,
        "a key pair",
        () -> SealedBox.Opener.generate(SealedBox.Kem.X25519));
  }

  Envelope envelope() {
    return Envelope.create("tsm-test", OpaqueBytes.random(16), masterKey());
  }

  static Envelope.Place place() {
    return new Envelope.Place(OpaqueBytes.random(16), OpaqueBytes.random(16), 1, NAME);
  }

  static KeyProtection.ByPassphrase byPassphrase() {
    return new KeyProtection.ByPassphrase(1_000, OpaqueBytes.random(16));
  }

  private void addHttp() {
    add(SecretStoreProvider.class, "of the platform", HttpSecretStoreProvider::new);
    add(HttpSecretStoreProvider.class, "of the platform", HttpSecretStoreProvider::new);
    add(SecretHeaders.class, "of the secret", this::headers);
    add(OriginHeaders.class, "of the secret", this::originHeaders);
    if (secret.chars().allMatch(c -> c >= ' ' && c <= '~')) { // else no header can hold it
      add(OriginHeaders.Call.class, "begun", () -> originHeaders().begin());
    }
    add(
        SecretHeadersRequestFactory.class,
        "of the secret",
        () -> SecretHeadersRequestFactory.of(manager(), ORIGIN, API_KEY));
    add(AccessTokenSource.class, "a token", () -> AccessTokenSource.of(token()));
    add(AccessTokenSource.class, "of a supplier", () -> AccessTokenSource.from(() -> "a-token"));
    add(ReadMode.class, "a mode", () -> ReadMode.RUNTIME_SERVICE);
    add(HttpSecretStore.Builder.class, "with a token", this::httpBuilder);
    add(HttpSecretStore.class, "whose server is gone", () -> httpBuilder().build());
    add(HttpSecretStore.class, "that has read", () -> {
      return httpStore(emulator());
    });
    add(HttpSecretStore.class, "closed", () -> {
      HttpSecretStore store = httpBuilder().build();
      store.close();
      return store;
    });
  }

  /** A store at the emulator that has read the secret. */
  private static HttpSecretStore httpStore(SecretManagerEmulator emulator) {
    HttpSecretStore store = HttpSecretStore.builder()
        .endpoint(emulator.endpoint())
        .workspaceId(emulator.workspaceId())
        .accessToken(AccessTokenSource.of(emulator.adminToken()))
        .build();
    store.fetch(VAULT, Set.of(NAME)).values().stream()
        .filter(SecretOutcome.Found.class::isInstance)
        .forEach(found -> ((SecretOutcome.Found) found).value().close());
    return store;
  }

  private SecretHeaders headers() {
    return SecretHeaders.of(manager(), ORIGIN, API_KEY);
  }

  private OriginHeaders originHeaders() {
    return OriginHeaders.of(manager(), ORIGIN, API_KEY);
  }

  /** A store that nobody answers; its token is the secret. */
  HttpSecretStore.Builder httpBuilder() {
    return HttpSecretStore.builder()
        .endpoint("http://127.0.0.1:9")
        .workspaceId("9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11")
        .accessToken(AccessTokenSource.of(token()))
        .callTimeout(Duration.ofMillis(20)); // no time to try again
  }

  /** The secret, as far as it can be a token. */
  String token() {
    return secret.replaceAll("[^!-~]", "");
  }

  private void addJdbc() {
    SecretRef ref = SecretRef.of(VAULT, NAME);
    Connector connector = (user, password) -> {
      throw new SQLException("refused");
    };
    add(Connector.class, "that refuses", () -> connector);
    add(
        SecretDataSource.class,
        "of a password",
        () -> SecretDataSource.builder(manager())
            .connector(connector)
            .user("app")
            .password(ref)
            .build());
    add(
        SecretDataSource.Builder.class,
        "with a property",
        () -> SecretDataSource.builder(manager()).property("loginTimeout", "5"));
  }

  private void addSmallRye() {
    add(TailorSecretKeys.class, "of an application", TailorSecretKeys::new);
  }

  private void addPostgres() {
    add(
        SecretStoreRewoundException.class,
        "plain",
        () -> new SecretStoreRewoundException("x", "1-" + "0a".repeat(16)));
    add(
        StoreChange.class,
        "an update",
        () -> StoreChange.of(3, TIME, "Ada", "update", VAULT, NAME, 2));
    add(
        StoreVerification.class,
        "with a problem",
        () -> StoreVerification.of("1-" + "0a".repeat(16), 1, 1, 2, 3, List.of("a problem")));
    add(AuditedSecretStore.class, "in PostgreSQL", this::postgresStore);
    add(EncryptedSecretStore.class, "in PostgreSQL", this::postgresStore);
    add(SharedSecretStore.class, "in PostgreSQL", this::postgresStore);
    add(PostgresSecretStore.class, "filled", this::postgresStore);
    add(PostgresSecretStore.class, "closed", () -> {
      PostgresSecretStore store = postgresStore();
      store.close();
      return store;
    });
    add(
        PostgresSecretStore.Builder.class,
        "begun",
        () -> PostgresSecretStore.builder(postgres(), "not-made", masterKey()).actor("Ada"));
    add(PostgresSecretStoreProvider.class, "of addresses", PostgresSecretStoreProvider::new);
  }

  /** A database with the tables. */
  DataSource postgres() {
    return Postgres.WITH_TABLES.dataSource();
  }

  /** One database for all, since each specimen has a workspace of its own. */
  private static final class Postgres {
    private static final TestDatabase WITH_TABLES = make();

    private static TestDatabase make() {
      try {
        TestDatabase made = TestDatabase.empty();
        PostgresSchema.createOrUpgrade(made.dataSource());
        return made;
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  PostgresSecretStore postgresStore() {
    PostgresSecretStore store = PostgresSecretStore.builder(
            postgres(), UUID.randomUUID().toString(), masterKey())
        .createIfMissing()
        .open();
    store.createVault(VAULT);
    try (SecretValue value = value()) {
      store.createSecret(VAULT, NAME, value);
      store.updateSecret(VAULT, NAME, value);
    }
    return store;
  }

  private void addTls() {
    add(SecretTls.class, "of a secret", () -> SecretTls.of(SecretRef.of(VAULT, NAME)));
    add(SecretTls.class, "whose secret is no key", () -> {
      SecretTls tls = SecretTls.of(SecretRef.of(VAULT, NAME));
      try {
        tls.load(manager());
        throw new IllegalStateException("It is none");
      } catch (SecretEncodingException e) {
        return tls;
      }
    });
  }

  private void addLogging() {
    add(
        SecretMasker.class,
        "of the secret",
        () -> new SecretMasker(List.of(secret.getBytes(UTF_8))));
    add(SecretMask.class, "that knows the secret", () -> {
      SecretMask mask = SecretMask.create();
      try (SecretValue value = value()) {
        mask.add(SecretRef.of(VAULT, NAME), value);
      }
      return mask;
    });
  }

  private void addEtcd() {
    add(EtcdSecretStoreProvider.class, "of addresses", EtcdSecretStoreProvider::new);
    add(EtcdSecretStore.Builder.class, "begun", this::etcdBuilder);
    if (!Tools.has("etcd")) {
      System.out.println("SKIPPED: instances of EtcdSecretStore: etcd is not installed");
      byType.put(EtcdSecretStore.class, List.of());
      return;
    }
    add(EtcdSecretStore.class, "filled", this::etcdStore);
    add(EtcdSecretStore.class, "closed", () -> {
      EtcdSecretStore store = etcdStore();
      store.close();
      return store;
    });
  }

  private EtcdSecretStore.Builder etcdBuilder() {
    return EtcdSecretStore.builder(etcd(), "/" + UUID.randomUUID(), masterKey())
        .timeout(Duration.ofSeconds(5));
  }

  private EtcdSecretStore etcdStore() {
    EtcdSecretStore store = etcdBuilder().createIfMissing().open();
    store.createVault(VAULT);
    try (SecretValue value = value()) {
      store.createSecret(VAULT, NAME, value);
      store.updateSecret(VAULT, NAME, value);
    }
    return store;
  }

  /** A client of an etcd, or of nothing where it is not installed. */
  Client etcd() {
    return Etcd.CLIENT;
  }

  /** One etcd for all, since each specimen has a prefix of its own; it ends with this JVM. */
  private static final class Etcd {
    /** Suites close what they pass to a call. */
    private static Client thatStaysOpen(Client client) {
      return (Client) Proxy.newProxyInstance(
          Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, given) -> {
            return method.getName().equals("close") ? null : method.invoke(client, given);
          });
    }

    private static final Client CLIENT = make();

    private static Client make() {
      try {
        String url = Tools.has("etcd")
            ? EtcdServer.start(Files.createTempDirectory(Path.of("target"), "etcd"))
                .url()
            : "http://127.0.0.1:1";
        return thatStaysOpen(Client.builder().endpoints(url).build());
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void addMicrometer() {
    add(
        SecretManagerMetrics.class,
        "of a manager",
        () -> SecretManagerMetrics.of(manager(), "secrets"));
  }

  private void addTesting() {
    add(
        FakeSecretManager.class,
        "with the secret",
        () -> FakeSecretManager.with(VAULT, NAME, secret));
    add(FakeSecretManager.class, "stale", () -> {
      FakeSecretManager fake = FakeSecretManager.with(VAULT, NAME, secret);
      fake.requireSecret(VAULT, NAME).close();
      fake.backend().failWithUnavailable();
      fake.advance(Duration.ofMinutes(10));
      return fake;
    });
    add(FakeSecretManager.class, "denied", () -> {
      FakeSecretManager fake = FakeSecretManager.with(VAULT, NAME, secret);
      fake.backend().failWithAccessDenied();
      return fake;
    });
    add(FakeBackend.class, "over a store", () -> {
      FakeBackend backend = FakeBackend.over(memoryStore());
      backend.fetch(VAULT, Set.of(NAME));
      return backend;
    });
    add(
        FakeBackend.FetchRecord.class,
        "a record",
        () -> new FakeBackend.FetchRecord(VAULT, Set.of(NAME)));
    add(FakeBackend.Gate.class, "with a fetch", this::gate);
    add(
        FakeSecretManager.Builder.class,
        "with the secret",
        () -> FakeSecretManager.builder().secret(VAULT, NAME, secret));
    add(FakeSecretManager.class, "with a value left open", () -> {
      FakeSecretManager fake = FakeSecretManager.with(VAULT, NAME, secret);
      fake.requireSecret(VAULT, NAME);
      return fake;
    });
    add(
        FakeSecretManager.OpenValue.class,
        "a record",
        () -> new FakeSecretManager.OpenValue(SecretRef.of(VAULT, NAME), "here"));
    add(
        SecretManagerExtension.Builder.class,
        "with the secret",
        () -> SecretManagerExtension.builder().secret(VAULT, NAME, secret));
    add(SecretValueAssert.class, "on a value", () -> SecretAssertions.assertThat(value()));
    add(
        OptionalSecretAssert.class,
        "on a value",
        () -> SecretAssertions.assertThat(Optional.of(value())));
    add(
        SecretBundleAssert.class,
        "on a bundle",
        () -> SecretAssertions.assertThat(bundle(value())));
  }

  private FakeBackend.Gate gate() {
    FakeBackend backend = FakeBackend.over(memoryStore());
    FakeBackend.Gate gate = backend.hold();
    gate.open(); // a thread that is held for each of a thousand specimens would be too many
    backend.fetch(VAULT, Set.of(NAME));
    return gate;
  }

  private void addEmulator() {
    add(SecretManagerEmulator.class, "with the secret", this::emulator);
    add(SecretManagerEmulator.class, "closed", () -> {
      SecretManagerEmulator emulator = emulator();
      emulator.close();
      return emulator;
    });
    add(
        SecretManagerEmulator.Builder.class,
        "with settings",
        () -> SecretManagerEmulator.builder().store(memoryStore()));
    add(
        TokenBuilder.class,
        "begun",
        () -> emulator().tokenFor(EmulatorRole.VIEWER).vaults(VAULT));
    add(EmulatorFaults.class, "with one to come", () -> {
      EmulatorFaults faults = emulator().faults();
      faults.nextOfAny(1, Fault.reset());
      return faults;
    });
    add(Fault.class, "late", () -> Fault.latency(Duration.ofSeconds(1)));
    add(EmulatorRole.class, "a role", () -> EmulatorRole.EDITOR);
    add(RequestRecord.class, "a record", () -> {
      SecretManagerEmulator emulator = emulator();
      httpStore(emulator).close();
      return emulator.requests().get(0);
    });
  }

  /** An emulator that holds the secret. */
  SecretManagerEmulator emulator() {
    SecretManagerEmulator emulator = SecretManagerEmulator.start().put(VAULT, NAME, secret);
    started.add(emulator::close);
    return emulator;
  }

  /** A manager that another specimen is made with. */
  private SecretManager manager() {
    SecretManager manager = SecretManagers.open(memoryStore());
    started.add(manager::close);
    return manager;
  }

  /**
   * Closes the emulators and managers that were started for the specimens made so far, which can't
   * close them. The next ones start their own.
   */
  public void closeStarted() {
    started.forEach(Runnable::run);
    started.clear();
  }

  private <T> void add(Class<T> type, String label, Callable<? extends T> creation) {
    byType
        .computeIfAbsent(type, key -> new ArrayList<>())
        .add(new Specimen(type.getSimpleName() + " " + label, creation));
  }

  /** An open value that holds the secret. */
  SecretValue value() {
    return SecretValue.of(secret);
  }

  SecretValue closedValue() {
    SecretValue value = value();
    value.close();
    return value;
  }

  /** A store that holds the secret. */
  InMemorySecretStore memoryStore() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault(VAULT);
    store.put(VAULT, NAME, secret);
    try (SecretValue binary = SecretValue.copyOf(binary())) {
      store.createSecret(VAULT, "binary-key", binary);
    }
    return store;
  }

  /** The key of the stores in files. */
  MasterKey masterKey() {
    Path file = masterKeyFile();
    return Files.exists(file) ? MasterKey.fromFile(file) : MasterKey.createFile(file);
  }

  MasterKey recoveryKey() {
    return MasterKey.createRecoveryFile(newDirectory().resolve("recovery"));
  }

  RecoveryEntry recoveryEntry() {
    return envelope()
        .withRecovery(recoveryKey(), List.of(masterKey()), "store \"made up\"")
        .recovery()
        .orElseThrow();
  }

  Path masterKeyFile() {
    return directory.resolve("keys").resolve("key");
  }

  /** The secret, as long as a passphrase must be. */
  char[] passphrase() {
    return (secret + secret + secret).toCharArray();
  }

  /** An anchor that remembers nothing. */
  FileAnchor anchor() {
    return FileAnchor.create(newDirectory().resolve("anchor"));
  }

  static StoreAnchor.Mark mark() {
    return StoreAnchor.Mark.of("0a".repeat(16), 7, "0b".repeat(32));
  }

  /** A new directory below the given one. */
  Path newDirectory() {
    try {
      return Files.createTempDirectory(directory, "store");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A store on disk that holds the secret: a copy, since making one takes calls to the disk. */
  FileSecretStore fileStore() {
    Path original = directory.resolve("original-store");
    if (Files.notExists(original)) {
      try (FileSecretStore store = FileSecretStore.create(original, masterKey());
          SecretValue value = value()) {
        store.createVault(VAULT);
        store.createSecret(VAULT, NAME, value);
      }
    }
    Path copy = newDirectory();
    try {
      Files.copy(original.resolve("secrets.json"), copy.resolve("secrets.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return FileSecretStore.open(copy, masterKey());
  }

  /** The secret, and after it what is no UTF-8. */
  byte[] binary() {
    byte[] text = secret.getBytes(UTF_8);
    byte[] binary = new byte[text.length + 1];
    System.arraycopy(text, 0, binary, 0, text.length);
    binary[text.length] = (byte) 0xff;
    return binary;
  }

  static SecretDefinition definition() {
    return SecretDefinition.defineSecret(VAULT).secret(NAME, "External API key").build();
  }

  /** A plan that writes the secret, and fails to write another that is malformed. */
  private SecretPlan plan() {
    return planBuilder().plan();
  }

  private SecretPlan.Builder planBuilder() {
    return SecretPlan.builder(memoryStore(), "specimens")
        .declare(SecretDefinition.defineSecret("another-vault")
            .secret("written-key", key -> key.description("Written").source(source()))
            .secret(
                "malformed-key",
                key -> key.source(source()).shape(SecretShape.pattern("nothing like it")))
            .build());
  }

  /** A source that yields the secret, and holds it where nobody looks. */
  SecretSource source() {
    Supplier<SecretValue> lender = lender();
    return ref -> Optional.of(lender.get());
  }

  static SecretMetadata stale() {
    return SecretMetadata.of(2, TIME)
        .withFreshness(Freshness.Stale.of(
            Duration.ofMinutes(1), new SecretUnavailableException("unavailable")));
  }

  static SecretAccessDeniedException denied() {
    return new SecretAccessDeniedException("denied");
  }

  static SecretVerificationException.Problem problem() {
    return SecretVerificationException.Problem.of(
        SecretRef.of(VAULT, NAME), "External API key", denied());
  }

  /** Reads the secret from outside the heap; it must not hold it itself where anybody looks. */
  public Supplier<SecretValue> lender() {
    SecretMemory memory = SecretMemory.copyOf(secret.getBytes(UTF_8));
    return () -> {
      byte[] copy = new byte[memory.sizeBytes()];
      memory.copyTo(copy);
      return SecretSupport.adopt(copy, SecretMetadata.unversioned());
    };
  }

  static SecretBundle bundle(SecretValue value) {
    return SecretSupport.bundle(
        VAULT,
        List.of(NAME, "denied-key"),
        Map.of(NAME, value),
        Map.of("denied-key", denied()),
        true);
  }
}
