package tech.tailor.secretmanager.postgresql;

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
 * The records of a workspace as one read or one commit sees them: reads them when they are asked
 * for, and keeps changes in memory until {@link CommitWriter} writes them.
 */
final class PostgresContent implements StoreContent<StoredValue> {

  /** How many secrets a vault may hold: so many were measured. */
  static final int MAX_SECRETS_PER_VAULT = 100_000;

  private final RecordSource source;
  private final Envelope envelope;
  private final String store;
  private final Instant now;
  private final Loaded loaded;
  private Changes changes = new Changes();

  PostgresContent(
      RecordSource source, Envelope envelope, String store, Instant now, Loaded loaded) {
    this.source = source;
    this.envelope = envelope;
    this.store = store;
    this.now = now;
    this.loaded = loaded;
  }

  /** What was read so far; an absence was read, too. */
  static final class Loaded {
    final Map<String, Optional<Records.VaultRow>> vaults = new HashMap<>();
    final Map<SecretRef, Optional<Records.SecretRow>> secrets = new HashMap<>();
    final Map<String, Integer> secretCounts = new HashMap<>();

    /** A secret that was read, whether it exists or not. */
    Records.@Nullable SecretRow secret(SecretRef ref) {
      return secrets.getOrDefault(ref, Optional.empty()).orElse(null);
    }
  }

  /** What was changed so far; empty stands for a removal. */
  static final class Changes {
    final Map<String, Optional<Vault>> vaults;
    final Map<String, Map<String, Optional<Secret<StoredValue>>>> secrets;

    Changes() {
      this(Map.of(), Map.of());
    }

    private Changes(
        Map<String, Optional<Vault>> vaults,
        Map<String, Map<String, Optional<Secret<StoredValue>>>> secrets) {
      this.vaults = new TreeMap<>(vaults);
      this.secrets = new TreeMap<>();
      secrets.forEach((vault, all) -> this.secrets.put(vault, new TreeMap<>(all)));
    }

    private Map<String, Optional<Secret<StoredValue>>> of(String vault) {
      return secrets.computeIfAbsent(vault, name -> new TreeMap<>());
    }
  }

  Loaded loaded() {
    return loaded;
  }

  Changes changes() {
    return changes;
  }

  @Override
  public String describe() {
    return store;
  }

  @Override
  public @Nullable Vault vault(String name) {
    Optional<Vault> changed = changes.vaults.get(name);
    if (changed != null) {
      return changed.orElse(null);
    }
    return stored(name).map(Records.VaultRow::vault).orElse(null);
  }

  private Optional<Records.VaultRow> stored(String vault) {
    return loaded.vaults.computeIfAbsent(vault, source::vault);
  }

  @Override
  public List<Vault> vaults() {
    TreeMap<String, Vault> all = new TreeMap<>();
    source.vaults().forEach(row -> all.put(row.vault().name(), row.vault()));
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
    changes.vaults.put(name, Optional.empty());
  }

  @Override
  public @Nullable Secret<StoredValue> secret(String vault, String name) {
    return secrets(vault, Set.of(name)).get(name);
  }

  @Override
  public Map<String, Secret<StoredValue>> secrets(String vault, Set<String> names) {
    Map<String, Optional<Secret<StoredValue>>> changed =
        changes.secrets.getOrDefault(vault, Map.of());
    load(vault, names);
    Map<String, Secret<StoredValue>> found = new LinkedHashMap<>();
    for (String name : names) {
      Optional<Secret<StoredValue>> change = changed.get(name);
      if (change != null) {
        change.ifPresent(secret -> found.put(name, secret));
        continue;
      }
      Records.SecretRow row = loaded.secret(SecretRef.of(vault, name));
      if (row != null) {
        found.put(name, row.secret());
      }
    }
    return found;
  }

  private void load(String vault, Set<String> names) {
    Set<String> missing = new HashSet<>();
    for (String name : names) {
      if (!loaded.secrets.containsKey(SecretRef.of(vault, name))) {
        missing.add(name);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    List<Records.SecretRow> rows = source.secrets(vault, missing);
    missing.forEach(name -> loaded.secrets.put(SecretRef.of(vault, name), Optional.empty()));
    rows.forEach(
        row -> loaded.secrets.put(SecretRef.of(vault, row.secret().name()), Optional.of(row)));
  }

  @Override
  public List<Secret<StoredValue>> secrets(String vault) {
    TreeMap<String, Secret<StoredValue>> all = new TreeMap<>();
    source.secrets(vault).forEach(row -> all.put(row.secret().name(), row.secret()));
    changes.secrets.getOrDefault(vault, Map.of()).forEach((name, secret) -> {
      all.remove(name);
      secret.ifPresent(changed -> all.put(name, changed));
    });
    return new ArrayList<>(all.values());
  }

  /** One page from the database, where nothing was changed yet. */
  @Override
  public List<Secret<StoredValue>> secretsAfter(String vault, String after, int limit) {
    return changes.secrets.containsKey(vault)
        ? StoreContent.super.secretsAfter(vault, after, limit)
        : source.secretsAfter(vault, after, limit).stream()
            .map(Records.SecretRow::secret)
            .toList();
  }

  @Override
  public int secretCount(String vault) {
    int count = loaded.secretCounts.computeIfAbsent(vault, source::secretCount);
    for (Map.Entry<String, Optional<Secret<StoredValue>>> changed :
        changes.secrets.getOrDefault(vault, Map.of()).entrySet()) {
      count += changed.getValue().isPresent() ? 1 : 0;
      count -= loaded.secret(SecretRef.of(vault, changed.getKey())) != null ? 1 : 0;
    }
    return count;
  }

  @Override
  public void putSecret(String vault, Secret<StoredValue> secret) {
    load(vault, Set.of(secret.name()));
    changes.of(vault).put(secret.name(), Optional.of(secret));
  }

  @Override
  public void removeSecret(String vault, String name) {
    load(vault, Set.of(name));
    changes.of(vault).put(name, Optional.empty());
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
    OpaqueBytes ciphertext = value.ciphertext() == null
        ? source.ciphertext(secret.id(), version.number()).orElse(null)
        : value.ciphertext();
    if (ciphertext == null || !Digests.sha256(ciphertext).equals(value.sha256())) {
      return null;
    }
    return envelope.openValue(
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

  @Override
  public int maxSecretsPerVault() {
    return MAX_SECRETS_PER_VAULT;
  }

  private static Envelope.Place place(Vault vault, SecretId secret, long version) {
    return new Envelope.Place(vault.id(), secret.id(), version, secret.name());
  }
}
