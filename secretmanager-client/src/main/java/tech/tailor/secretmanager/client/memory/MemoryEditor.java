package tech.tailor.secretmanager.client.memory;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.MemoryContent.Secret;
import tech.tailor.secretmanager.client.memory.MemoryContent.Vault;
import tech.tailor.secretmanager.client.memory.MemoryContent.Version;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * One commit on a {@link MemoryContent}: reads and changes it in place, remembers how to take each
 * change back, and wipes nothing before {@link #commit}. For use under the store's lock only.
 */
final class MemoryEditor implements VersionedSecretStore {

  private final MemoryContent content;
  private final Clock clock;
  private final int versionsKept;
  private final Deque<Runnable> undo = new ArrayDeque<>();

  /** Values that are no longer there if the commit succeeds. */
  private final List<Version> dropped = new ArrayList<>();

  private boolean ended;

  MemoryEditor(MemoryContent content, Clock clock, int versionsKept) {
    this.content = content;
    this.clock = clock;
    this.versionsKept = versionsKept;
  }

  /** Lets the changes stand, and wipes what they dropped. */
  void commit() {
    ended = true;
    dropped.forEach(Version::wipe);
  }

  /** Takes all changes back that are not committed, and wipes what they brought. */
  void rollBackTo(int changes) {
    while (undo.size() > changes) {
      undo.pop().run();
    }
  }

  /** Ends the commit, whether it succeeded or not. */
  void end() {
    if (!ended) {
      rollBackTo(0);
      ended = true;
    }
  }

  @Override
  public int versionsKept() {
    return versionsKept;
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    List<SecretRef> refs = requireNonNull(names, "names").stream()
        .map(name -> SecretRef.of(vault, name))
        .toList();
    Vault found = vaults().get(vault);
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    for (SecretRef ref : refs) {
      outcomes.put(ref.name(), outcome(found, ref));
    }
    return outcomes;
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    if (vaults().containsKey(vault)) {
      throw new SecretAlreadyExistsException("There is a vault \"" + vault + "\" already");
    }
    Vault created = new Vault(now());
    vaults().put(vault, created);
    undo.push(() -> content.vaults.remove(vault));
    return created.info(vault);
  }

  @Override
  public List<VaultInfo> listVaults() {
    return vaults().entrySet().stream()
        .map(entry -> entry.getValue().info(entry.getKey()))
        .toList();
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    return Optional.ofNullable(vaults().get(vault)).map(found -> found.info(vault));
  }

  @Override
  public void deleteVault(String vault) {
    Vault found = requireVault(vault);
    if (!found.secrets.isEmpty()) {
      throw new SecretPreconditionException(
          "The vault \"" + vault + "\" still holds secrets; delete them first");
    }
    vaults().remove(vault);
    undo.push(() -> content.vaults.put(vault, found));
  }

  @Override
  public Map<String, String> vaultLabels(String vault) {
    return requireVault(vault).labels;
  }

  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    SecretRef.requireVaultName(vault);
    Map<String, String> checked = SecretStore.requireLabels(labels);
    Vault found = requireVault(vault);
    Map<String, String> labelsBefore = found.labels;
    Instant timeBefore = found.updateTime;
    if (labelsBefore.equals(checked)) {
      return;
    }
    found.labels = checked;
    found.updateTime = now();
    undo.push(() -> {
      found.labels = labelsBefore;
      found.updateTime = timeBefore;
    });
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    Vault found = requireVault(ref);
    if (found.secrets.containsKey(name)) {
      throw new SecretAlreadyExistsException(
          "There is a secret " + ref + " already; update it instead");
    }
    Instant now = now();
    Version first = new Version(1, now, State.ENABLED, memory(value));
    Secret created = new Secret(now, "", Map.of(), List.of(first));
    found.secrets.put(name, created);
    undo.push(() -> {
      found.secrets.remove(name);
      first.wipe();
    });
    return created.info(name);
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
    Secret secret = requireSecret(ref);
    long current = secret.current().number();
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
    try (SecretValue old = readVersion(vault, name, version)) {
      return append(ref, requireSecret(ref), old);
    }
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    return requireVault(vault).secrets.entrySet().stream()
        .map(entry -> entry.getValue().info(entry.getKey()))
        .toList();
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    SecretRef.of(vault, name);
    return Optional.ofNullable(vaults().get(vault))
        .map(found -> found.secrets.get(name))
        .map(secret -> secret.info(name));
  }

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    Secret secret = requireSecret(ref);
    Map<String, Secret> secrets = requireVault(ref).secrets;
    secrets.remove(name);
    undo.push(() -> secrets.put(name, secret));
    dropped.addAll(secret.versions());
  }

  @Override
  public Map<String, String> labels(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).labels();
  }

  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    SecretRef ref = SecretRef.of(vault, name);
    Map<String, String> checked = SecretStore.requireLabels(labels);
    Secret secret = requireSecret(ref);
    put(ref, new Secret(secret.createTime(), secret.description(), checked, secret.versions()));
  }

  @Override
  public String description(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).description();
  }

  @Override
  public void setDescription(String vault, String name, String description) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireDescription(description);
    Secret secret = requireSecret(ref);
    put(ref, new Secret(secret.createTime(), description, secret.labels(), secret.versions()));
  }

  @Override
  public List<SecretVersionInfo> listVersions(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).versions().stream()
        .map(Version::info)
        .toList();
  }

  @Override
  public SecretValue readVersion(String vault, String name, long version) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireVersion(version);
    Secret secret = requireSecret(ref);
    Version found = requireVersion(secret, ref, version);
    if (found.state() != State.ENABLED) {
      throw notReadable(ref, found);
    }
    return found.copy();
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
    vaults();
    int undoBefore = undo.size();
    int droppedBefore = dropped.size();
    boolean done = false;
    try {
      changes.accept(this);
      done = true;
    } finally {
      if (!done) {
        rollBackTo(undoBefore);
        dropped.subList(droppedBefore, dropped.size()).clear();
      }
    }
  }

  /** Does nothing: whoever began the commit ends it. */
  @Override
  public void close() {}

  /** Returns the same text whatever it holds. */
  @Override
  public String toString() {
    return "InMemorySecretStore[redacted]";
  }

  /** Where the current value lies. */
  @Nullable
  SecretMemory memoryOf(SecretRef ref) {
    return requireSecret(ref).current().memory();
  }

  private SecretInfo append(SecretRef ref, Secret secret, SecretValue value) {
    Version next = new Version(secret.current().number() + 1, now(), State.ENABLED, memory(value));
    int over = Math.max(0, secret.versions().size() + 1 - versionsKept);
    List<Version> old = secret.versions();
    List<Version> kept = new ArrayList<>(old.subList(over, old.size()));
    kept.add(next);
    undo.push(next::wipe);
    dropped.addAll(old.subList(0, over));
    return put(ref, secret.withVersions(kept));
  }

  private SecretVersionInfo change(SecretRef ref, long number, State state) {
    VersionedSecretStore.requireVersion(number);
    Secret secret = requireSecret(ref);
    Version version = requireVersion(secret, ref, number);
    if (version.state() == state) {
      return version.info();
    }
    if (version.state() == State.DESTROYED) {
      throw new SecretPreconditionException("The version " + number + " of the secret " + ref
          + " is destroyed, and stays so; choose another one");
    }
    Version changed = version.with(state);
    if (state == State.DESTROYED) {
      dropped.add(version);
    }
    put(ref, secret.with(changed));
    return changed.info();
  }

  private SecretInfo put(SecretRef ref, Secret secret) {
    Map<String, Secret> secrets = requireVault(ref).secrets;
    Secret before = requireSecret(ref);
    secrets.put(ref.name(), secret);
    undo.push(() -> secrets.put(ref.name(), before));
    return secret.info(ref.name());
  }

  private static SecretOutcome outcome(@Nullable Vault vault, SecretRef ref) {
    if (vault == null) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    Secret secret = vault.secrets.get(ref.name());
    if (secret == null) {
      return new SecretOutcome.Missing(Missing.SECRET);
    }
    Version current = secret.current();
    return current.state() == State.ENABLED
        ? new SecretOutcome.Found(current.copy())
        : new SecretOutcome.Failed(notReadable(ref, current));
  }

  private static SecretPreconditionException notReadable(SecretRef ref, Version version) {
    return new SecretPreconditionException("The version " + version.number() + " of the secret "
        + ref + " is "
        + (version.state() == State.DISABLED ? "disabled; enable it" : "destroyed")
        + ", or write a new version");
  }

  private static SecretMemory memory(SecretValue value) {
    return value.<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf);
  }

  private Map<String, Vault> vaults() {
    if (ended) {
      throw new IllegalStateException(
          "The commit is over; what was passed to the changes can't be used outside of it");
    }
    return content.vaults;
  }

  private Vault requireVault(String vault) {
    SecretRef.requireVaultName(vault);
    Vault found = vaults().get(vault);
    if (found == null) {
      throw SecretNotFoundException.vault(vault);
    }
    return found;
  }

  private Vault requireVault(SecretRef ref) {
    Vault found = vaults().get(ref.vault());
    if (found == null) {
      throw SecretNotFoundException.of(ref, Missing.VAULT);
    }
    return found;
  }

  private Secret requireSecret(SecretRef ref) {
    Secret found = requireVault(ref).secrets.get(ref.name());
    if (found == null) {
      throw SecretNotFoundException.of(ref, Missing.SECRET);
    }
    return found;
  }

  private static Version requireVersion(Secret secret, SecretRef ref, long number) {
    Version found = secret.version(number);
    if (found == null) {
      throw SecretNotFoundException.version(ref, number);
    }
    return found;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
