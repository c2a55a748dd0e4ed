package tech.tailor.secretmanager.client.memory;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretInfo;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.SecretStore;
import tech.tailor.secretmanager.spi.VaultInfo;

/**
 * A store in the memory of the process, for tests and for secrets that come from elsewhere at
 * start. It is empty at first and gone when it is closed. Thread-safe.
 *
 * <p>Each value lies in one place outside the Java heap, and is wiped when it is updated, deleted,
 * or the store is closed. The store keeps the current version of a secret only.
 */
public final class InMemorySecretStore implements SecretStore {

  private final Clock clock;
  private final Object lock = new Object();

  /** Guarded by the lock, as is everything in it. Null once the store is closed. */
  private @Nullable Map<String, Vault> vaults = new TreeMap<>();

  private InMemorySecretStore(Clock clock) {
    this.clock = clock;
  }

  /** An empty store. */
  public static InMemorySecretStore create() {
    return new InMemorySecretStore(Clock.systemUTC());
  }

  /**
   * Creates the secret, or gives it a new value if it exists. The text can't be wiped; see
   * {@link SecretValue#of}.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  public SecretInfo put(String vault, String name, String text) {
    SecretRef ref = SecretRef.of(vault, name);
    try (SecretValue value = SecretValue.of(requireNonNull(text, "text"))) {
      synchronized (lock) {
        return requireVault(ref).secrets.containsKey(name)
            ? updateSecret(vault, name, value)
            : createSecret(vault, name, value);
      }
    }
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    List<SecretRef> refs = requireNonNull(names, "names").stream()
        .map(name -> SecretRef.of(vault, name))
        .toList();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    synchronized (lock) {
      @Nullable Vault found = open().get(vault);
      for (SecretRef ref : refs) {
        outcomes.put(ref.name(), outcome(found, ref));
      }
    }
    return outcomes;
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    synchronized (lock) {
      Vault created = new Vault(now());
      if (open().putIfAbsent(vault, created) != null) {
        throw new SecretAlreadyExistsException("There is a vault \"" + vault + "\" already");
      }
      return created.info(vault);
    }
  }

  @Override
  public List<VaultInfo> listVaults() {
    synchronized (lock) {
      return open().entrySet().stream()
          .map(entry -> entry.getValue().info(entry.getKey()))
          .toList();
    }
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    synchronized (lock) {
      return Optional.ofNullable(open().get(vault)).map(found -> found.info(vault));
    }
  }

  @Override
  public void deleteVault(String vault) {
    SecretRef.requireVaultName(vault);
    synchronized (lock) {
      if (!requireVault(vault).secrets.isEmpty()) {
        throw new SecretPreconditionException(
            "The vault \"" + vault + "\" still holds secrets; delete them first");
      }
      open().remove(vault);
    }
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    synchronized (lock) {
      Map<String, Secret> secrets = requireVault(ref).secrets;
      if (secrets.containsKey(name)) {
        throw new SecretAlreadyExistsException(
            "There is a secret " + ref + " already; update it instead");
      }
      Instant now = now();
      Secret created = new Secret(memory(value), 1, now, now);
      secrets.put(name, created);
      return created.info(name);
    }
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    synchronized (lock) {
      Map<String, Secret> secrets = requireVault(ref).secrets;
      Secret current = requireSecret(secrets, ref);
      Secret updated = new Secret(memory(value), current.version + 1, current.createTime, now());
      secrets.put(name, updated);
      current.memory.wipe();
      return updated.info(name);
    }
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    SecretRef.requireVaultName(vault);
    synchronized (lock) {
      return requireVault(vault).secrets.entrySet().stream()
          .map(entry -> entry.getValue().info(entry.getKey()))
          .toList();
    }
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    synchronized (lock) {
      return Optional.ofNullable(open().get(ref.vault()))
          .map(found -> found.secrets.get(name))
          .map(secret -> secret.info(name));
    }
  }

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    synchronized (lock) {
      Map<String, Secret> secrets = requireVault(ref).secrets;
      requireSecret(secrets, ref).memory.wipe();
      secrets.remove(name);
    }
  }

  /** Where a value lies, for tests. */
  SecretMemory memoryOf(SecretRef ref) {
    synchronized (lock) {
      return requireSecret(requireVault(ref).secrets, ref).memory;
    }
  }

  /** Wipes all values. A second call does nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      if (vaults != null) {
        vaults
            .values()
            .forEach(vault -> vault.secrets.values().forEach(secret -> secret.memory.wipe()));
        vaults = null;
      }
    }
  }

  /** Returns the same text whatever it holds. */
  @Override
  public String toString() {
    return "InMemorySecretStore[redacted]";
  }

  private static SecretOutcome outcome(@Nullable Vault vault, SecretRef ref) {
    if (vault == null) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    Secret secret = vault.secrets.get(ref.name());
    return secret == null
        ? new SecretOutcome.Missing(Missing.SECRET)
        : new SecretOutcome.Found(secret.copy());
  }

  private static SecretMemory memory(SecretValue value) {
    return value.<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf);
  }

  private Map<String, Vault> open() {
    if (vaults == null) {
      throw new IllegalStateException(
          "The InMemorySecretStore is closed; closing a SecretManager closes its"
              + " store, unless keepBackendOpen() was set");
    }
    return vaults;
  }

  private Vault requireVault(String vault) {
    Vault found = open().get(vault);
    if (found == null) {
      throw SecretNotFoundException.vault(vault);
    }
    return found;
  }

  private Vault requireVault(SecretRef ref) {
    Vault found = open().get(ref.vault());
    if (found == null) {
      throw SecretNotFoundException.of(ref, Missing.VAULT);
    }
    return found;
  }

  private static Secret requireSecret(Map<String, Secret> secrets, SecretRef ref) {
    Secret found = secrets.get(ref.name());
    if (found == null) {
      throw SecretNotFoundException.of(ref, Missing.SECRET);
    }
    return found;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static final class Vault {

    private final Instant createTime;
    private final TreeMap<String, Secret> secrets = new TreeMap<>();

    private Vault(Instant createTime) {
      this.createTime = createTime;
    }

    private VaultInfo info(String name) {
      return new VaultInfo(name, createTime, createTime);
    }
  }

  /** One version of a secret; an update puts another in its place. */
  private record Secret(SecretMemory memory, long version, Instant createTime, Instant updateTime) {

    private SecretInfo info(String name) {
      return new SecretInfo(name, version, createTime, updateTime);
    }

    /** Only called under the lock, so that the value can't be wiped meanwhile. */
    private SecretValue copy() {
      byte[] bytes = new byte[memory.sizeBytes()];
      if (!memory.copyTo(bytes)) {
        throw new AssertionError("A secret in the map is not wiped");
      }
      return SecretValue.adopt(bytes, SecretMetadata.of(version, updateTime));
    }
  }
}
