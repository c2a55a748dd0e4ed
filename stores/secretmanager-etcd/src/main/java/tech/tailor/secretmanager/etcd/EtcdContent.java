package tech.tailor.secretmanager.etcd;

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
 * notes what was read, and keeps changes in memory until {@link CommitWriter} writes them.
 */
final class EtcdContent implements StoreContent<StoredValue> {

  private final Snapshot source;
  private final Envelope envelope;
  private final String store;
  private final Instant now;
  private final ReadSet reads = new ReadSet();
  private final Map<String, Optional<Records.VaultRecord>> vaults = new HashMap<>();
  private final Map<SecretRef, Optional<Records.SecretRecord>> secrets = new HashMap<>();
  private Changes changes = new Changes(Map.of(), Map.of());

  EtcdContent(Snapshot source, Envelope envelope, String store, Instant now) {
    this.source = source;
    this.envelope = envelope;
    this.store = store;
    this.now = now;
  }

  /** What was changed so far; empty stands for a removal. */
  static final class Changes {
    final Map<String, Optional<Vault>> vaults;
    final Map<SecretRef, Optional<Secret<StoredValue>>> secrets;

    private Changes(
        Map<String, Optional<Vault>> vaults,
        Map<SecretRef, Optional<Secret<StoredValue>>> secrets) {
      this.vaults = new TreeMap<>(vaults);
      this.secrets = new LinkedHashMap<>(secrets);
    }

    private Map<String, Optional<Secret<StoredValue>>> of(String vault) {
      Map<String, Optional<Secret<StoredValue>>> found = new TreeMap<>();
      secrets.forEach((ref, secret) -> {
        if (ref.vault().equals(vault)) {
          found.put(ref.name(), secret);
        }
      });
      return found;
    }
  }

  Changes changes() {
    return changes;
  }

  ReadSet reads() {
    return reads;
  }

  /** Keeps what was read of a vault already. */
  void keep(String vault, Optional<Records.VaultRecord> record) {
    vaults.put(vault, record);
  }

  /** Keeps what was read of a secret already. */
  void keep(SecretRef ref, Optional<Records.SecretRecord> record) {
    secrets.put(ref, record);
  }

  /** The record of a vault, as etcd has it. */
  Optional<Records.VaultRecord> stored(String vault) {
    reads.vault(vault);
    return vaults.computeIfAbsent(vault, source::vault);
  }

  /** The record of a secret, as etcd has it. */
  Records.@Nullable SecretRecord stored(SecretRef ref) {
    load(ref.vault(), Set.of(ref.name()));
    return secrets.getOrDefault(ref, Optional.empty()).orElse(null);
  }

  private void load(String vault, Set<String> names) {
    Set<String> missing = new HashSet<>();
    for (String name : names) {
      SecretRef ref = SecretRef.of(vault, name);
      reads.secret(ref);
      if (!secrets.containsKey(ref)) {
        missing.add(name);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    Map<String, Records.SecretRecord> found = source.secrets(vault, missing);
    missing.forEach(
        name -> secrets.put(SecretRef.of(vault, name), Optional.ofNullable(found.get(name))));
  }

  @Override
  public String describe() {
    return store;
  }

  @Override
  public @Nullable Vault vault(String name) {
    Optional<Vault> changed = changes.vaults.get(name);
    return changed == null
        ? stored(name).map(Records.VaultRecord::vault).orElse(null)
        : changed.orElse(null);
  }

  @Override
  public List<Vault> vaults() {
    reads.allVaults();
    TreeMap<String, Vault> all = new TreeMap<>();
    source.vaults().forEach(record -> all.put(record.vault().name(), record.vault()));
    changes.vaults.forEach((name, vault) -> {
      all.remove(name);
      vault.ifPresent(changed -> all.put(name, changed));
    });
    return List.copyOf(all.values());
  }

  @Override
  public int vaultCount() {
    int count = source.vaultCount();
    for (Map.Entry<String, Optional<Vault>> changed : changes.vaults.entrySet()) {
      count += changed.getValue().isPresent() ? 1 : 0;
      count -= stored(changed.getKey()).isPresent() ? 1 : 0;
    }
    return count;
  }

  @Override
  public void putVault(Vault vault) {
    stored(vault.name());
    changes.vaults.put(vault.name(), Optional.of(vault));
  }

  @Override
  public void removeVault(String name) {
    stored(name);
    reads.allSecrets(name); // none may be created meanwhile
    changes.vaults.put(name, Optional.empty());
  }

  @Override
  public @Nullable Secret<StoredValue> secret(String vault, String name) {
    return secrets(vault, Set.of(name)).get(name);
  }

  @Override
  public Map<String, Secret<StoredValue>> secrets(String vault, Set<String> names) {
    load(vault, names);
    Map<String, Secret<StoredValue>> found = new LinkedHashMap<>();
    for (String name : names) {
      SecretRef ref = SecretRef.of(vault, name);
      Optional<Secret<StoredValue>> change = changes.secrets.get(ref);
      Records.SecretRecord record = stored(ref);
      if (change != null) {
        change.ifPresent(secret -> found.put(name, secret));
      } else if (record != null) {
        found.put(name, record.secret());
      }
    }
    return found;
  }

  @Override
  public List<Secret<StoredValue>> secrets(String vault) {
    reads.allSecrets(vault);
    TreeMap<String, Secret<StoredValue>> all = new TreeMap<>();
    source.secrets(vault).forEach(record -> all.put(record.secret().name(), record.secret()));
    changes.of(vault).forEach((name, secret) -> {
      all.remove(name);
      secret.ifPresent(changed -> all.put(name, changed));
    });
    return new ArrayList<>(all.values());
  }

  /** One page from etcd, where nothing was changed yet. */
  @Override
  public List<Secret<StoredValue>> secretsAfter(String vault, String after, int limit) {
    if (!changes.of(vault).isEmpty()) {
      return StoreContent.super.secretsAfter(vault, after, limit);
    }
    reads.allSecrets(vault);
    return source.secretsAfter(vault, after, limit).stream()
        .map(Records.SecretRecord::secret)
        .toList();
  }

  @Override
  public int secretCount(String vault) {
    int count = source.secretCount(vault);
    for (Map.Entry<String, Optional<Secret<StoredValue>>> changed :
        changes.of(vault).entrySet()) {
      count += changed.getValue().isPresent() ? 1 : 0;
      count -= stored(SecretRef.of(vault, changed.getKey())) != null ? 1 : 0;
    }
    return count;
  }

  @Override
  public void putSecret(String vault, Secret<StoredValue> secret) {
    load(vault, Set.of(secret.name()));
    changes.secrets.put(SecretRef.of(vault, secret.name()), Optional.of(secret));
  }

  @Override
  public void removeSecret(String vault, String name) {
    load(vault, Set.of(name));
    changes.secrets.put(SecretRef.of(vault, name), Optional.empty());
  }

  @Override
  public StoredValue seal(Vault vault, SecretId secret, long version, SecretValue value) {
    return StoredValue.of(
        envelope.sealingKey(), envelope.sealValue(place(vault, secret, version), value));
  }

  @Override
  public @Nullable SecretValue open(Vault vault, SecretId secret, Version<StoredValue> version) {
    StoredValue value = version.value();
    if (value == null) {
      return null;
    }
    OpaqueBytes ciphertext = value.ciphertext();
    if (ciphertext == null) {
      StoredValue found = StoredValue.with(
          value,
          source.ciphertext(vault.name(), secret.name(), version.number()).orElse(null));
      ciphertext = found == null ? null : found.ciphertext();
    }
    return ciphertext == null
        ? null
        : envelope.openValue(
            value.key(),
            place(vault, secret, version.number()),
            ciphertext,
            SecretMetadata.of(version.number(), version.createTime()));
  }

  @Override
  public Runnable savepoint() {
    Changes before = new Changes(changes.vaults, changes.secrets);
    return () -> changes = before;
  }

  @Override
  public Instant now() {
    return now;
  }

  static Envelope.Place place(Vault vault, SecretId secret, long version) {
    return new Envelope.Place(vault.id(), secret.id(), version, secret.name());
  }
}
