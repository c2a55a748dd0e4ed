package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Changes a document in memory: what one commit makes of it. It answers from what was changed so
 * far. For one thread, and until the commit {@linkplain #end ends}.
 */
final class DocumentEditor extends DocumentView implements VersionedSecretStore {

  private static final int ID_SIZE_BYTES = 16;

  private final Clock clock;
  private final int versionsKept;
  private StoredDocument document;
  private boolean ended;

  DocumentEditor(Path file, SealedDocument content, Clock clock, int versionsKept) {
    super(file, content);
    this.clock = clock;
    this.versionsKept = versionsKept;
    this.document = content.document();
  }

  @Override
  StoredDocument document() {
    if (ended) {
      throw new IllegalStateException(
          "The commit is over; what was passed to the changes can't be used outside of it");
    }
    return document;
  }

  /** Lets nobody use this any more who kept it. */
  void end() {
    ended = true;
  }

  static OpaqueBytes newId() {
    return OpaqueBytes.random(ID_SIZE_BYTES);
  }

  @Override
  public int versionsKept() {
    return versionsKept;
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    if (document().vaults().containsKey(vault)) {
      throw new SecretAlreadyExistsException(
          "There is a vault \"" + vault + "\" already; use it, or choose another name");
    }
    if (document.vaults().size() >= StoreLimits.VAULTS) {
      throw new SecretLimitException("The store \"" + file() + "\" holds " + StoreLimits.VAULTS
          + " vaults, which is the limit; nothing was changed. Use another store");
    }
    StoredVault created = new StoredVault(vault, newId(), now(), new TreeMap<>());
    document = document.with(created);
    return created.info();
  }

  @Override
  public void deleteVault(String vault) {
    StoredVault stored = requireVault(vault);
    if (!stored.secrets().isEmpty()) {
      throw new SecretPreconditionException("The vault \"" + vault + "\" still holds "
          + stored.secrets().size() + " secrets; delete them first");
    }
    document = document.without(stored);
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    StoredVault stored = requireVault(ref);
    if (stored.secrets().containsKey(name)) {
      throw new SecretAlreadyExistsException(
          "There is a secret " + ref + " already; update it, or choose another name");
    }
    if (stored.secrets().size() >= StoreLimits.SECRETS_PER_VAULT) {
      throw new SecretLimitException("The vault \"" + vault + "\" holds "
          + StoreLimits.SECRETS_PER_VAULT + " secrets, which is the limit; use another vault");
    }
    OpaqueBytes id = newId();
    Instant now = now();
    StoredSecret.StoredVersion first =
        ValueCipher.encrypt(content(), stored, id, name, 1, now, value);
    return put(stored, new StoredSecret(name, id, now, List.of(first)));
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    return append(ref, requireSecret(ref), value);
  }

  @Override
  public SecretInfo updateSecret(
      String vault, String name, SecretValue value, long expectedVersion) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    VersionedSecretStore.requireVersion(expectedVersion);
    StoredSecret secret = requireSecret(ref);
    long current = secret.current().version();
    if (current != expectedVersion) {
      throw new SecretConflictException("The secret " + ref + " is at version " + current
          + ", not at version " + expectedVersion
          + " as expected; nothing was changed. Read it again, and decide again");
    }
    return append(ref, secret, value);
  }

  @Override
  public SecretInfo rollBack(String vault, String name, long version) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireVersion(version);
    StoredSecret secret = requireSecret(ref);
    try (SecretValue old =
        read(ref, requireVault(ref), secret, requireVersion(secret, ref, version))) {
      return append(ref, secret, old);
    }
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

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    StoredSecret secret = requireSecret(ref);
    document = document.with(requireVault(ref).without(secret));
  }

  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    SecretRef ref = SecretRef.of(vault, name);
    TreeMap<String, String> checked = new TreeMap<>(SecretStore.requireLabels(labels));
    StoredSecret secret = requireSecret(ref);
    if (!secret.labels().equals(checked)) {
      put(requireVault(ref), secret.withLabels(checked));
    }
  }

  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    SecretRef.requireVaultName(vault);
    TreeMap<String, String> checked = new TreeMap<>(SecretStore.requireLabels(labels));
    StoredVault stored = requireVault(vault);
    if (!stored.labels().equals(checked)) {
      document = document.with(stored.withLabels(checked, now()));
    }
  }

  @Override
  public void setDescription(String vault, String name, String description) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireDescription(description);
    StoredSecret secret = requireSecret(ref);
    if (!secret.description().equals(description)) {
      put(requireVault(ref), secret.withDescription(description));
    }
  }

  /** A part of this commit: all of its changes or none. */
  @Override
  public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireNonNull(changes, "changes");
    StoredDocument before = document();
    boolean done = false;
    try {
      changes.accept(this);
      done = true;
    } finally {
      if (!done) {
        document = before;
      }
    }
  }

  /** Does nothing: whoever began the commit ends it. */
  @Override
  public void close() {}

  private SecretInfo append(SecretRef ref, StoredSecret secret, SecretValue value) {
    StoredVault vault = requireVault(ref);
    long version =
        StoreLimits.next(secret.current().version(), "the secret " + ref + " was written");
    StoredSecret.StoredVersion next =
        ValueCipher.encrypt(content(), vault, secret.id(), ref.name(), version, now(), value);
    return put(vault, secret.withNext(next, versionsKept));
  }

  private SecretVersionInfo change(SecretRef ref, long number, State state) {
    VersionedSecretStore.requireVersion(number);
    StoredSecret secret = requireSecret(ref);
    StoredSecret.StoredVersion version = requireVersion(secret, ref, number);
    if (version.state() == state) {
      return version.info();
    }
    if (version.state() == State.DESTROYED) {
      throw new SecretPreconditionException("The version " + number + " of the secret " + ref
          + " is destroyed, and stays so; choose another one");
    }
    StoredSecret.StoredVersion changed =
        state == State.DESTROYED ? version.destroyed() : version.with(state);
    put(requireVault(ref), secret.with(changed));
    return changed.info();
  }

  private SecretInfo put(StoredVault vault, StoredSecret secret) {
    document = document.with(vault.with(secret));
    return secret.info();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Returns where the store is. */
  @Override
  public String toString() {
    return "FileSecretStore[" + file() + ", in one commit]";
  }
}
