package tech.tailor.secretmanager.testing.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** The simplest store that keeps the contract of versions, open for extension as its parent is. */
class VersionedReferenceStore extends ReferenceStore implements VersionedSecretStore {

  record Version(byte[] bytes, long number, Instant createTime, State state) {
    SecretVersionInfo info() {
      return SecretVersionInfo.of(number, createTime, state);
    }
  }

  final Map<SecretRef, List<Version>> versions = new HashMap<>();
  final Map<SecretRef, String> descriptions = new HashMap<>();

  private boolean committing;
  private boolean throughCommit;

  @Override
  public synchronized int versionsKept() {
    requireOpen();
    return 4;
  }

  @Override
  public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretInfo info = super.createSecret(vault, name, value);
    keep(SecretRef.of(vault, name), bytes(value), info);
    return info;
  }

  @Override
  public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretInfo info = super.updateSecret(vault, name, value);
    keep(SecretRef.of(vault, name), bytes(value), info);
    return info;
  }

  void keep(SecretRef ref, byte[] bytes, SecretInfo info) {
    List<Version> kept = versions.computeIfAbsent(ref, key -> new ArrayList<>());
    kept.add(new Version(bytes, info.version(), info.updateTime(), State.ENABLED));
    while (kept.size() > versionsKept()) {
      kept.remove(0);
    }
  }

  @Override
  void removeSecret(String vault, String name) {
    super.removeSecret(vault, name);
    versions.remove(SecretRef.of(vault, name));
    descriptions.remove(SecretRef.of(vault, name));
  }

  @Override
  SecretOutcome outcome(String vault, String name) {
    SecretOutcome outcome = super.outcome(vault, name);
    if (outcome instanceof SecretOutcome.Found found) {
      List<Version> kept = versions.get(SecretRef.of(vault, name));
      Version current = kept.get(kept.size() - 1);
      if (current.state != State.ENABLED) {
        found.value().close();
        return disabled(SecretRef.of(vault, name), current);
      }
    }
    return outcome;
  }

  SecretOutcome disabled(SecretRef ref, Version current) {
    return new SecretOutcome.Failed(new SecretPreconditionException(ref + " is " + current.state));
  }

  @Override
  public synchronized List<SecretVersionInfo> listVersions(String vault, String name) {
    return kept(vault, name).stream().map(Version::info).toList();
  }

  @Override
  public synchronized SecretValue readVersion(String vault, String name, long version) {
    VersionedSecretStore.requireVersion(version);
    Version found = requireVersion(vault, name, version);
    if (found.state != State.ENABLED) {
      throw new SecretPreconditionException("It is " + found.state);
    }
    return SecretSupport.adopt(
        found.bytes.clone(), SecretMetadata.of(found.number, found.createTime));
  }

  @Override
  public synchronized SecretInfo updateSecret(
      String vault, String name, SecretValue value, long expectedVersion) {
    List<Version> kept = kept(vault, name);
    VersionedSecretStore.requireVersion(expectedVersion);
    value.matches("");
    if (kept.get(kept.size() - 1).number != expectedVersion) {
      throw new SecretConflictException("It is not at version " + expectedVersion);
    }
    return updateSecret(vault, name, value);
  }

  @Override
  public synchronized SecretInfo rollBack(String vault, String name, long version) {
    try (SecretValue old = readVersion(vault, name, version)) {
      return updateSecret(vault, name, old);
    }
  }

  @Override
  public synchronized SecretVersionInfo disableVersion(String vault, String name, long version) {
    return change(vault, name, version, State.DISABLED);
  }

  @Override
  public synchronized SecretVersionInfo enableVersion(String vault, String name, long version) {
    return change(vault, name, version, State.ENABLED);
  }

  @Override
  public synchronized SecretVersionInfo destroyVersion(String vault, String name, long version) {
    return change(vault, name, version, State.DESTROYED);
  }

  SecretVersionInfo change(String vault, String name, long number, State state) {
    VersionedSecretStore.requireVersion(number);
    Version found = requireVersion(vault, name, number);
    if (found.state == State.DESTROYED && state != State.DESTROYED) {
      throw new SecretPreconditionException("It is destroyed");
    }
    Version changed = new Version(found.bytes, number, found.createTime, state);
    List<Version> kept = kept(vault, name);
    kept.set(kept.indexOf(found), changed);
    return changed.info();
  }

  @Override
  public synchronized String description(String vault, String name) {
    kept(vault, name);
    return descriptions.getOrDefault(SecretRef.of(vault, name), "");
  }

  @Override
  public synchronized void setDescription(String vault, String name, String description) {
    kept(vault, name);
    descriptions.put(SecretRef.of(vault, name), checkedDescription(description));
  }

  String checkedDescription(String description) {
    return VersionedSecretStore.requireDescription(description);
  }

  @Override
  public synchronized void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireOpen();
    java.util.Objects.requireNonNull(changes, "changes");
    boolean[] ended = {false};
    VersionedSecretStore view = (VersionedSecretStore) Proxy.newProxyInstance(
        VersionedSecretStore.class.getClassLoader(),
        new Class<?>[] {VersionedSecretStore.class},
        (proxy, method, arguments) -> {
          if (ended[0] && refusesAfterTheEnd()) {
            throw new IllegalStateException("The commit is over");
          }
          if (method.getName().equals("close")) {
            return null;
          }
          return throughCommit(() -> method.invoke(this, arguments));
        });
    boolean outermost = !committing;
    committing = true;
    Runnable restore = picture();
    boolean done = false;
    boolean through = throughCommit;
    throughCommit = false;
    try {
      changes.accept(view);
      done = true;
    } finally {
      throughCommit = through;
      ended[0] = true;
      committing = !outermost;
      if (!done) {
        restore.run();
      }
    }
  }

  boolean refusesAfterTheEnd() {
    return true;
  }

  private Object throughCommit(Callable<Object> call) throws Throwable {
    boolean before = throughCommit;
    throughCommit = true;
    try {
      return call.call();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      throughCommit = before;
    }
  }

  /** What brings everything back to as it is now. */
  Runnable picture() {
    Map<String, VaultInfo> vaultsBefore = new TreeMap<>(vaults);
    Map<String, Map<String, Secret>> secretsBefore = new TreeMap<>();
    secrets.forEach((vault, all) -> secretsBefore.put(vault, new TreeMap<>(all)));
    Map<String, Map<String, String>> vaultLabelsBefore = new TreeMap<>(vaultLabels);
    Map<SecretRef, Map<String, String>> labelsBefore = new HashMap<>(labels);
    Map<SecretRef, List<Version>> versionsBefore = new HashMap<>();
    versions.forEach((ref, kept) -> versionsBefore.put(ref, new ArrayList<>(kept)));
    Map<SecretRef, String> descriptionsBefore = new HashMap<>(descriptions);
    return () -> {
      replace(vaults, vaultsBefore);
      replace(secrets, secretsBefore);
      replace(vaultLabels, vaultLabelsBefore);
      replace(labels, labelsBefore);
      replace(versions, versionsBefore);
      replace(descriptions, descriptionsBefore);
    };
  }

  private static <K, V> void replace(Map<K, V> content, Map<K, V> before) {
    content.clear();
    content.putAll(before);
  }

  @Override
  void requireOpen() {
    super.requireOpen();
    if (committing && !throughCommit && refusesOtherWays()) {
      throw new IllegalStateException("A commit is under way");
    }
  }

  boolean refusesOtherWays() {
    return true;
  }

  final List<Version> kept(String vault, String name) {
    requireOpen();
    requireNames(vault, name);
    requireSecret(vault, name);
    return versions.get(SecretRef.of(vault, name));
  }

  final Version requireVersion(String vault, String name, long number) {
    return kept(vault, name).stream()
        .filter(version -> version.number == number)
        .findFirst()
        .orElseThrow(() -> SecretNotFoundException.version(SecretRef.of(vault, name), number));
  }
}
