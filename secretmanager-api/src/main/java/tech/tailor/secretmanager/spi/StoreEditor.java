package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * All rules and messages of a versioned store, over its {@link StoreContent}: what one read or one
 * commit may do. A store makes an editor for each read and each commit, and hands it out in
 * {@link #inOneCommit}; see {@link AbstractVersionedSecretStore}, which does both.
 *
 * <p>For one thread. After {@link #end}, every method throws {@link IllegalStateException}.
 *
 * @param <V> how the store holds one value
 */
public final class StoreEditor<V> implements VersionedSecretStore {

  private final StoreContent<V> content;
  private final int versionsKept;
  private boolean ended;

  /**
   * Makes an editor of a content.
   *
   * @param versionsKept how many versions of each secret are kept, the current one included
   * @throws IllegalArgumentException if {@code versionsKept} is less than 1
   */
  public StoreEditor(StoreContent<V> content, int versionsKept) {
    this.content = requireNonNull(content, "content");
    if (versionsKept < 1) {
      throw new IllegalArgumentException("versionsKept must be at least 1, got " + versionsKept);
    }
    this.versionsKept = versionsKept;
  }

  /** Ends the commit: a caller who kept the editor can't use it any more. */
  public void end() {
    ended = true;
  }

  @Override
  public int versionsKept() {
    return versionsKept;
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    Map<String, SecretRef> refs = new LinkedHashMap<>();
    for (String name : requireNonNull(names, "names")) {
      refs.put(name, SecretRef.of(vault, name)); // all are checked before one is read
    }
    Vault found = content().vault(vault);
    Map<String, SecretIntegrityException> damaged = new HashMap<>();
    Map<String, Secret<V>> secrets =
        found == null ? Map.of() : secrets(vault, refs.keySet(), damaged);
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    boolean done = false;
    try {
      refs.forEach((name, ref) -> {
        SecretIntegrityException damage = damaged.get(name);
        outcomes.put(
            name,
            damage == null
                ? outcome(found, secrets.get(name), ref)
                : new SecretOutcome.Failed(damage));
      });
      done = true;
    } finally {
      if (!done) {
        outcomes.values().forEach(StoreEditor::wipe);
      }
    }
    return outcomes;
  }

  /** Those of the secrets that exist; a record that is damaged fails its own secret alone. */
  private Map<String, Secret<V>> secrets(
      String vault, Set<String> names, Map<String, SecretIntegrityException> damaged) {
    try {
      return content.secrets(vault, new LinkedHashSet<>(names));
    } catch (SecretIntegrityException e) {
      Map<String, Secret<V>> found = new HashMap<>();
      for (String name : names) {
        try {
          Secret<V> secret = content.secret(vault, name);
          if (secret != null) {
            found.put(name, secret);
          }
        } catch (SecretIntegrityException damage) {
          damaged.put(name, damage);
        }
      }
      return found;
    }
  }

  private static void wipe(SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found read) {
      read.value().close();
    }
  }

  private SecretOutcome outcome(@Nullable Vault vault, @Nullable Secret<V> secret, SecretRef ref) {
    if (vault == null) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    if (secret == null) {
      return new SecretOutcome.Missing(Missing.SECRET);
    }
    try {
      return new SecretOutcome.Found(read(ref, vault, secret, secret.current()));
    } catch (SecretManagerException e) {
      return new SecretOutcome.Failed(e);
    }
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    if (content().vault(vault) != null) {
      throw new SecretAlreadyExistsException(
          "There is a vault \"" + vault + "\" already; use it, or choose another name");
    }
    if (content.vaultCount() >= content.maxVaults()) {
      throw new SecretLimitException("The " + described() + " holds " + content.maxVaults()
          + " vaults, which is the limit; nothing was changed. Use another store");
    }
    Instant now = now();
    Vault created = new Vault(vault, content.newId(), now, now, Map.of());
    content.putVault(created);
    return info(created);
  }

  @Override
  public List<VaultInfo> listVaults() {
    return content().vaults().stream().map(StoreEditor::info).toList();
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    return Optional.ofNullable(content().vault(vault)).map(StoreEditor::info);
  }

  @Override
  public void deleteVault(String vault) {
    requireVault(vault);
    int secrets = content.secretCount(vault);
    if (secrets > 0) {
      throw new SecretPreconditionException(
          "The vault \"" + vault + "\" still holds " + secrets + " secrets; delete them first");
    }
    content.removeVault(vault);
  }

  @Override
  public Map<String, String> vaultLabels(String vault) {
    return requireVault(vault).labels();
  }

  /** Labels that are set already are not written again, and leave the time of update. */
  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    SecretRef.requireVaultName(vault);
    Map<String, String> checked = SecretStore.requireLabels(labels);
    Vault found = requireVault(vault);
    if (!found.labels().equals(checked)) {
      content.putVault(new Vault(found.name(), found.id(), found.createTime(), now(), checked));
    }
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    Vault found = requireVault(ref);
    if (content.secret(vault, name) != null) {
      throw new SecretAlreadyExistsException(
          "There is a secret " + ref + " already; update it, or choose another name");
    }
    if (content.secretCount(vault) >= content.maxSecretsPerVault()) {
      throw new SecretLimitException("The vault \"" + vault + "\" holds "
          + content.maxSecretsPerVault() + " secrets, which is the limit; use another vault");
    }
    OpaqueBytes id = content.newId();
    Instant now = now();
    V sealed = content.seal(found, new SecretId(id, name), 1, value);
    return put(
        ref,
        new Secret<>(
            name, id, now, "", Map.of(), List.of(new Version<>(1, now, State.ENABLED, sealed))));
  }

  @Override
  public SecretInfo put(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    requireVault(ref);
    return content.secret(vault, name) == null
        ? createSecret(vault, name, value)
        : updateSecret(vault, name, value);
  }

  @Override
  public Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
    requireVault(vault);
    Set<String> asked = new LinkedHashSet<>();
    for (String name : requireNonNull(names, "names")) {
      asked.add(SecretRef.of(vault, name).name());
    }
    Map<String, Secret<V>> secrets = content.secrets(vault, asked);
    Map<String, SecretDetails> found = new LinkedHashMap<>();
    for (String name : asked) {
      Secret<V> secret = secrets.get(name);
      if (secret != null) {
        found.put(name, SecretDetails.of(info(secret), secret.labels(), secret.description()));
      }
    }
    return found;
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    return append(ref, requireVault(ref), requireSecret(ref), value);
  }

  @Override
  public SecretInfo updateSecret(
      String vault, String name, SecretValue value, long expectedVersion) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    VersionedSecretStore.requireVersion(expectedVersion);
    Vault found = requireVault(ref);
    Secret<V> secret = requireSecret(ref);
    long current = secret.current().number();
    if (current != expectedVersion) {
      throw new SecretConflictException("The secret " + ref + " is at version " + current
          + ", not at version " + expectedVersion
          + " as expected; nothing was changed. Read it again, and decide again");
    }
    return append(ref, found, secret, value);
  }

  @Override
  public SecretInfo rollBack(String vault, String name, long version) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireVersion(version);
    Vault found = requireVault(ref);
    Secret<V> secret = requireSecret(ref);
    try (SecretValue old = read(ref, found, secret, requireVersion(secret, ref, version))) {
      return append(ref, found, secret, old);
    }
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    requireVault(vault);
    return content.secrets(vault).stream().map(StoreEditor::info).toList();
  }

  @Override
  public List<SecretInfo> listSecrets(String vault, String after, int limit) {
    requireNonNull(after, "after");
    SecretStore.requirePageLimit(limit);
    requireVault(vault);
    return content.secretsAfter(vault, after, limit).stream()
        .map(StoreEditor::info)
        .toList();
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    SecretRef.of(vault, name);
    return Optional.ofNullable(content().secret(vault, name)).map(StoreEditor::info);
  }

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    requireVault(ref);
    Secret<V> secret;
    try {
      secret = requireSecret(ref);
    } catch (SecretIntegrityException e) {
      content.removeDamagedSecret(vault, name);
      return;
    }
    content.removeSecret(vault, name);
    secret.versions().forEach(this::drop);
  }

  @Override
  public Map<String, String> labels(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).labels();
  }

  /** Labels that are set already are not written again. */
  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    SecretRef ref = SecretRef.of(vault, name);
    Map<String, String> checked = SecretStore.requireLabels(labels);
    Secret<V> secret = requireSecret(ref);
    if (!secret.labels().equals(checked)) {
      put(
          ref,
          new Secret<>(
              name,
              secret.id(),
              secret.createTime(),
              secret.description(),
              checked,
              secret.versions()));
    }
  }

  @Override
  public String description(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).description();
  }

  /** A description that is set already is not written again. */
  @Override
  public void setDescription(String vault, String name, String description) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireDescription(description);
    Secret<V> secret = requireSecret(ref);
    if (!secret.description().equals(description)) {
      put(
          ref,
          new Secret<>(
              name,
              secret.id(),
              secret.createTime(),
              description,
              secret.labels(),
              secret.versions()));
    }
  }

  @Override
  public List<SecretVersionInfo> listVersions(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).versions().stream()
        .map(StoreEditor::info)
        .toList();
  }

  @Override
  public SecretValue readVersion(String vault, String name, long version) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireVersion(version);
    Vault found = requireVault(ref);
    Secret<V> secret = requireSecret(ref);
    return read(ref, found, secret, requireVersion(secret, ref, version));
  }

  @Override
  public SecretVersionInfo disableVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), version, State.DISABLED);
  }

  @Override
  public SecretVersionInfo enableVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), version, State.ENABLED);
  }

  @Override
  public SecretVersionInfo destroyVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), version, State.DESTROYED);
  }

  /** A part of this commit: all of its changes or none. */
  @Override
  public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireNonNull(changes, "changes");
    Runnable takeBack = content().savepoint();
    boolean done = false;
    try {
      changes.accept(this);
      done = true;
    } finally {
      if (!done) {
        takeBack.run();
      }
    }
  }

  /** Does nothing: the store that made the editor ends it. */
  @Override
  public void close() {}

  /** Names the store. */
  @Override
  public String toString() {
    return "StoreEditor[" + described() + "]";
  }

  private String described() {
    return SecretSupport.oneLine(content.describe());
  }

  private SecretInfo append(SecretRef ref, Vault vault, Secret<V> secret, SecretValue value) {
    long current = secret.current().number();
    if (current == Long.MAX_VALUE) {
      throw new SecretLimitException("The number that counts how often the secret " + ref
          + " was written is " + Long.MAX_VALUE + ", which is the limit; nothing was changed. No"
          + " honest writer comes that far: find out who wrote it, and restore the store from a"
          + " backup");
    }
    V sealed = content.seal(vault, new SecretId(secret.id(), secret.name()), current + 1, value);
    List<Version<V>> old = secret.versions();
    int over = Math.max(0, old.size() + 1 - versionsKept);
    List<Version<V>> kept = new ArrayList<>(old.subList(over, old.size()));
    kept.add(new Version<>(current + 1, now(), State.ENABLED, sealed));
    SecretInfo info = put(ref, secret.with(kept));
    old.subList(0, over).forEach(this::drop);
    return info;
  }

  private SecretVersionInfo change(SecretRef ref, long number, State state) {
    VersionedSecretStore.requireVersion(number);
    requireVault(ref);
    Secret<V> secret = requireSecret(ref);
    Version<V> version = requireVersion(secret, ref, number);
    if (version.state() == state) {
      return info(version);
    }
    if (version.state() == State.DESTROYED) {
      throw new SecretPreconditionException("The version " + number + " of the secret " + ref
          + " is destroyed, and stays so; choose another one");
    }
    boolean destroyed = state == State.DESTROYED;
    Version<V> changed =
        new Version<>(number, version.createTime(), state, destroyed ? null : version.value());
    put(ref, secret.with(changed));
    if (destroyed) {
      drop(version);
    }
    return info(changed);
  }

  private SecretInfo put(SecretRef ref, Secret<V> secret) {
    content.putSecret(ref.vault(), secret);
    return info(secret);
  }

  private void drop(Version<V> version) {
    V value = version.value();
    if (value != null) {
      content.dropped(value);
    }
  }

  /** Returns the value of a version, or throws an exception that says why it has no value. */
  private SecretValue read(SecretRef ref, Vault vault, Secret<V> secret, Version<V> version) {
    if (version.state() != State.ENABLED) {
      throw notReadable(ref, secret, version);
    }
    SecretValue value = content.open(vault, new SecretId(secret.id(), secret.name()), version);
    if (value == null) {
      throw damaged(described(), ref, version.number());
    }
    return value;
  }

  /**
   * A value that was not written for its place, or was damaged.
   *
   * @param store names the store, as {@link StoreContent#describe} does
   */
  public static SecretIntegrityException damaged(String store, SecretRef ref, long version) {
    return new SecretIntegrityException(
        "What stands in the " + SecretSupport.oneLine(requireNonNull(store, "store"))
            + " as version " + version + " of the secret " + requireNonNull(ref, "ref")
            + " was not written for that place, or was damaged; write the secret again, or restore"
            + " the store from a backup");
  }

  private static SecretPreconditionException notReadable(
      SecretRef ref, Secret<?> secret, Version<?> version) {
    boolean current = version.number() == secret.current().number();
    return new SecretPreconditionException("The " + (current ? "current " : "") + "version "
        + version.number() + " of the secret " + ref + " is "
        + (version.state() == State.DISABLED
            ? "disabled; enable it" + (current ? ", or write a new version" : "")
            : "destroyed; " + (current ? "write a new version" : "choose another one"))
        + (current ? ", for example by rolling back to an earlier one" : ""));
  }

  private StoreContent<V> content() {
    if (ended) {
      throw new IllegalStateException(
          "The commit is over; what was passed to the changes can't be used outside of it");
    }
    return content;
  }

  private Vault requireVault(String vault) {
    SecretRef.requireVaultName(vault);
    Vault found = content().vault(vault);
    if (found == null) {
      throw SecretNotFoundException.vault(vault);
    }
    return found;
  }

  private Vault requireVault(SecretRef ref) {
    Vault found = content().vault(ref.vault());
    if (found == null) {
      throw SecretNotFoundException.of(ref, Missing.VAULT);
    }
    return found;
  }

  private Secret<V> requireSecret(SecretRef ref) {
    Secret<V> found = content().secret(ref.vault(), ref.name());
    if (found == null) {
      requireVault(ref);
      throw SecretNotFoundException.of(ref, Missing.SECRET);
    }
    return found;
  }

  private static <V> Version<V> requireVersion(Secret<V> secret, SecretRef ref, long number) {
    for (Version<V> version : secret.versions()) {
      if (version.number() == number) {
        return version;
      }
    }
    throw SecretNotFoundException.version(ref, number);
  }

  private static VaultInfo info(Vault vault) {
    return VaultInfo.of(vault.name(), vault.createTime(), vault.updateTime());
  }

  private static SecretInfo info(Secret<?> secret) {
    Version<?> current = secret.current();
    return SecretInfo.of(
        secret.name(), current.number(), secret.createTime(), current.createTime());
  }

  private static SecretVersionInfo info(Version<?> version) {
    return SecretVersionInfo.of(version.number(), version.createTime(), version.state());
  }

  private Instant now() {
    return content.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
