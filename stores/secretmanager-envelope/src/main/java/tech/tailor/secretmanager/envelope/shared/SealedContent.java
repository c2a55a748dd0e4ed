package tech.tailor.secretmanager.envelope.shared;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent;

/**
 * The records of a store as one read or one commit sees them: reads them when they are asked for,
 * and keeps changes in memory until the commit writes them. A damaged record fails what needs it,
 * and can be removed. For one thread.
 */
public class SealedContent implements StoreContent<StoredValue> {

  private final Source source;
  private final Envelope envelope;
  private final String store;
  private final Instant now;
  private final Map<String, Optional<VaultRecord>> vaults = new HashMap<>();
  private final Map<SecretRef, Optional<SecretRecord>> secrets = new HashMap<>();
  private final Map<String, Integer> secretCounts = new HashMap<>();
  private Changes changes = new Changes();

  /**
   * A content without changes.
   *
   * @param source reads what is asked for
   * @param envelope the store's data keys
   * @param store names the store in messages
   * @param now the time of the commit
   */
  public SealedContent(Source source, Envelope envelope, String store, Instant now) {
    this.source = source;
    this.envelope = envelope;
    this.store = store;
    this.now = now;
  }

  /** Reads records from one snapshot of the store. Damaged ones are given, too. */
  public interface Source {

    /** The record of a vault. */
    Optional<VaultRecord> vault(String name);

    /** The records of all vaults. */
    List<VaultRecord> vaults();

    /** How many vaults there are. */
    int vaultCount();

    /** The records of those of the secrets that exist. */
    List<SecretRecord> secrets(String vault, Set<String> names);

    /** The records of all secrets of a vault. */
    List<SecretRecord> secrets(String vault);

    /** The records of the secrets whose names come after the given one, at most {@code limit}. */
    List<SecretRecord> secretsAfter(String vault, String after, int limit);

    /** How many secrets a vault holds. */
    int secretCount(String vault);

    /** The ciphertext of a version. */
    Optional<OpaqueBytes> ciphertext(String vault, SecretId secret, long version);
  }

  /** Takes what was changed. */
  public interface Writer {

    /** A vault that was put or removed, with its record as it was read. */
    void vault(String name, @Nullable VaultRecord old, @Nullable Vault next);

    /** A secret that was put or removed, with its record as it was read. */
    void secret(SecretRef ref, @Nullable SecretRecord old, @Nullable Secret<StoredValue> next);
  }

  /** What was changed so far; empty stands for a removal. */
  private static final class Changes {
    private final Map<String, Optional<Vault>> vaults;
    private final Map<String, Map<String, Optional<Secret<StoredValue>>>> secrets = new TreeMap<>();

    /** How many secrets more than before a vault has. */
    private final Map<String, Integer> added;

    private Changes() {
      this.vaults = new TreeMap<>();
      this.added = new HashMap<>();
    }

    private Changes(Changes other) {
      this.vaults = new TreeMap<>(other.vaults);
      this.added = new HashMap<>(other.added);
      other.secrets.forEach((vault, all) -> secrets.put(vault, new TreeMap<>(all)));
    }

    private Map<String, Optional<Secret<StoredValue>>> of(String vault) {
      return secrets.getOrDefault(vault, Map.of());
    }

    private void put(
        String vault, String name, boolean wasThere, Optional<Secret<StoredValue>> secret) {
      secrets.computeIfAbsent(vault, any -> new TreeMap<>()).put(name, secret);
      added.merge(vault, (secret.isPresent() ? 1 : 0) - (wasThere ? 1 : 0), Integer::sum);
    }
  }

  /** Gives what was changed, by vault and name. */
  public final void writeTo(Writer writer) {
    changes.vaults.forEach(
        (name, vault) -> writer.vault(name, stored(name).orElse(null), vault.orElse(null)));
    changes.secrets.forEach((vault, all) -> all.forEach((name, secret) -> {
      SecretRef ref = SecretRef.of(vault, name);
      writer.secret(ref, stored(ref), secret.orElse(null));
    }));
  }

  /** Keeps what was read of a vault already. */
  public final void keep(String vault, Optional<VaultRecord> record) {
    vaults.put(vault, record);
  }

  /** Keeps what was read of a secret already. */
  public final void keep(SecretRef ref, Optional<SecretRecord> record) {
    secrets.put(ref, record);
  }

  private Optional<VaultRecord> stored(String vault) {
    return vaults.computeIfAbsent(vault, source::vault);
  }

  private @Nullable SecretRecord stored(SecretRef ref) {
    if (!secrets.containsKey(ref)) {
      load(ref.vault(), Set.of(ref.name()));
    }
    return secrets.getOrDefault(ref, Optional.empty()).orElse(null);
  }

  private void put(String vault, String name, Optional<Secret<StoredValue>> secret) {
    boolean isStored = stored(SecretRef.of(vault, name)) != null;
    Optional<Secret<StoredValue>> before = changes.of(vault).get(name);
    changes.put(vault, name, before == null ? isStored : before.isPresent(), secret);
  }

  private void load(String vault, Set<String> names) {
    Set<String> missing = new HashSet<>();
    for (String name : names) {
      if (!secrets.containsKey(SecretRef.of(vault, name))) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      List<SecretRecord> found = source.secrets(vault, missing);
      missing.forEach(name -> secrets.put(SecretRef.of(vault, name), Optional.empty()));
      found.forEach(record -> secrets.put(record.ref(), Optional.of(record)));
    }
  }

  @Override
  public final String describe() {
    return store;
  }

  @Override
  public final @Nullable Vault vault(String name) {
    Optional<Vault> changed = changes.vaults.get(name);
    return changed == null
        ? stored(name).map(record -> record.vault(store)).orElse(null)
        : changed.orElse(null);
  }

  @Override
  public final List<Vault> vaults() {
    Map<String, Vault> all = new TreeMap<>();
    source.vaults().forEach(record -> all.put(record.name(), record.vault(store)));
    overlay(all, changes.vaults);
    return List.copyOf(all.values());
  }

  private static <T> void overlay(Map<String, T> all, Map<String, Optional<T>> changed) {
    changed.forEach((name, change) -> {
      all.remove(name);
      change.ifPresent(put -> all.put(name, put));
    });
  }

  @Override
  public final int vaultCount() {
    int count = source.vaultCount();
    for (Map.Entry<String, Optional<Vault>> changed : changes.vaults.entrySet()) {
      count += changed.getValue().isPresent() ? 1 : 0;
      count -= stored(changed.getKey()).isPresent() ? 1 : 0;
    }
    return count;
  }

  @Override
  public final void putVault(Vault vault) {
    stored(vault.name());
    changes.vaults.put(vault.name(), Optional.of(vault));
  }

  @Override
  public void removeVault(String name) {
    stored(name);
    changes.vaults.put(name, Optional.empty());
  }

  @Override
  public final @Nullable Secret<StoredValue> secret(String vault, String name) {
    return secrets(vault, Set.of(name)).get(name);
  }

  @Override
  public final Map<String, Secret<StoredValue>> secrets(String vault, Set<String> names) {
    load(vault, names);
    Map<String, Secret<StoredValue>> found = new LinkedHashMap<>();
    for (String name : names) {
      Optional<Secret<StoredValue>> change = changes.of(vault).get(name);
      SecretRecord record = stored(SecretRef.of(vault, name));
      if (change != null) {
        change.ifPresent(secret -> found.put(name, secret));
      } else if (record != null) {
        found.put(name, record.secret(store));
      }
    }
    return found;
  }

  @Override
  public final List<Secret<StoredValue>> secrets(String vault) {
    Map<String, Optional<Secret<StoredValue>>> changed = changes.of(vault);
    Map<String, Secret<StoredValue>> all = new TreeMap<>();
    for (SecretRecord record : source.secrets(vault)) {
      String name = record.ref().name();
      if (!changed.containsKey(name)) {
        all.put(name, record.secret(store));
      }
    }
    overlay(all, changed);
    return new ArrayList<>(all.values());
  }

  /** One page from the source, where nothing was changed yet. */
  @Override
  public final List<Secret<StoredValue>> secretsAfter(String vault, String after, int limit) {
    return changes.of(vault).isEmpty()
        ? source.secretsAfter(vault, after, limit).stream()
            .map(record -> record.secret(store))
            .toList()
        : StoreContent.super.secretsAfter(vault, after, limit);
  }

  @Override
  public final int secretCount(String vault) {
    return secretCounts.computeIfAbsent(vault, source::secretCount)
        + changes.added.getOrDefault(vault, 0);
  }

  @Override
  public final void putSecret(String vault, Secret<StoredValue> secret) {
    put(vault, secret.name(), Optional.of(secret));
  }

  @Override
  public final void removeSecret(String vault, String name) {
    put(vault, name, Optional.empty());
  }

  /** A record needs not be read to be removed. */
  @Override
  public final void removeDamagedSecret(String vault, String name) {
    removeSecret(vault, name);
  }

  @Override
  public final StoredValue seal(Vault vault, SecretId secret, long version, SecretValue value) {
    return StoredValue.of(
        envelope.sealingKey(), envelope.sealValue(place(vault, secret, version), value));
  }

  @Override
  public final @Nullable SecretValue open(
      Vault vault, SecretId secret, Version<StoredValue> version) {
    StoredValue value = version.value();
    OpaqueBytes ciphertext =
        value == null ? null : ciphertext(source, vault, secret, version.number(), value);
    return value == null || ciphertext == null
        ? null
        : envelope.openValue(
            value.key(),
            place(vault, secret, version.number()),
            ciphertext,
            SecretMetadata.of(version.number(), version.createTime()));
  }

  /**
   * Encrypts a version again, with the newest data key; null if its value is damaged.
   *
   * @param source has the ciphertext
   */
  public static @Nullable Version<StoredValue> resealed(
      Source source,
      Envelope envelope,
      Vault vault,
      SecretId secret,
      Version<StoredValue> version,
      StoredValue value) {
    OpaqueBytes ciphertext = ciphertext(source, vault, secret, version.number(), value);
    OpaqueBytes next = ciphertext == null
        ? null
        : envelope.resealValue(value.key(), place(vault, secret, version.number()), ciphertext);
    return next == null
        ? null
        : new Version<>(
            version.number(),
            version.createTime(),
            version.state(),
            StoredValue.of(envelope.sealingKey(), next));
  }

  private static @Nullable OpaqueBytes ciphertext(
      Source source, Vault vault, SecretId secret, long version, StoredValue value) {
    return value.genuine(
        value.ciphertext() == null
            ? source.ciphertext(vault.name(), secret, version).orElse(null)
            : value.ciphertext());
  }

  @Override
  public final Runnable savepoint() {
    Changes before = new Changes(changes);
    return () -> changes = before;
  }

  @Override
  public final Instant now() {
    return now;
  }

  private static Envelope.Place place(Vault vault, SecretId secret, long version) {
    return new Envelope.Place(vault.id(), secret.id(), version, secret.name());
  }
}
