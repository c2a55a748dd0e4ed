package tech.tailor.secretmanager.client.memory;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.StoreContent;

/**
 * What a store in memory holds. Changes are made in place; until {@link #commit}, each can be taken
 * back and nothing is wiped. For use under the store's lock only.
 */
final class MemoryContent implements StoreContent<SecretMemory> {

  /** Nothing is bound to an id here. */
  private static final OpaqueBytes NO_ID = OpaqueBytes.adopt(new byte[0]);

  private final Clock clock;
  private final SortedMap<String, Held> vaults = new TreeMap<>();

  /** Takes back the changes that are not committed, the newest first. */
  private final Deque<Runnable> undo = new ArrayDeque<>();

  /** Values to wipe when the commit succeeds. */
  private final List<SecretMemory> dropped = new ArrayList<>();

  MemoryContent(Clock clock) {
    this.clock = clock;
  }

  private record Held(Vault vault, SortedMap<String, Secret<SecretMemory>> secrets) {}

  /** Lets the changes stand, and wipes what they dropped. */
  void commit() {
    undo.clear();
    dropped.forEach(SecretMemory::wipe);
    dropped.clear();
  }

  /** Takes back all changes that are not committed. */
  void giveUp() {
    backTo(0, 0);
  }

  /** Wipes all values. */
  void wipe() {
    vaults
        .values()
        .forEach(held -> held.secrets
            .values()
            .forEach(secret -> secret.versions().forEach(MemoryContent::wipe)));
  }

  private static void wipe(Version<SecretMemory> version) {
    SecretMemory value = version.value();
    if (value != null) {
      value.wipe();
    }
  }

  @Override
  public String describe() {
    return "store in memory";
  }

  @Override
  public @Nullable Vault vault(String name) {
    Held held = vaults.get(name);
    return held == null ? null : held.vault;
  }

  @Override
  public List<Vault> vaults() {
    return vaults.values().stream().map(Held::vault).toList();
  }

  @Override
  public int vaultCount() {
    return vaults.size();
  }

  @Override
  public void putVault(Vault vault) {
    Held before = vaults.get(vault.name());
    replace(
        vaults, vault.name(), new Held(vault, before == null ? new TreeMap<>() : before.secrets));
  }

  @Override
  public void removeVault(String name) {
    replace(vaults, name, null);
  }

  @Override
  public @Nullable Secret<SecretMemory> secret(String vault, String name) {
    Held held = vaults.get(vault);
    return held == null ? null : held.secrets.get(name);
  }

  @Override
  public List<Secret<SecretMemory>> secrets(String vault) {
    return List.copyOf(secretsOf(vault).values());
  }

  @Override
  public int secretCount(String vault) {
    return secretsOf(vault).size();
  }

  @Override
  public void putSecret(String vault, Secret<SecretMemory> secret) {
    replace(secretsOf(vault), secret.name(), secret);
  }

  @Override
  public void removeSecret(String vault, String name) {
    replace(secretsOf(vault), name, null);
  }

  @Override
  public SecretMemory seal(Vault vault, SecretId secret, long version, SecretValue value) {
    SecretMemory memory = value.<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf);
    undo.push(memory::wipe);
    return memory;
  }

  /** Under the lock, so that the value can't be wiped meanwhile. */
  @Override
  public @Nullable SecretValue open(Vault vault, SecretId secret, Version<SecretMemory> version) {
    SecretMemory memory = version.value();
    if (memory == null) {
      return null;
    }
    byte[] bytes = new byte[memory.sizeBytes()];
    return memory.copyTo(bytes)
        ? SecretSupport.adopt(bytes, SecretMetadata.of(version.number(), version.createTime()))
        : null;
  }

  @Override
  public void dropped(SecretMemory value) {
    dropped.add(value);
  }

  @Override
  public Runnable savepoint() {
    int changes = undo.size();
    int drops = dropped.size();
    return () -> backTo(changes, drops);
  }

  private void backTo(int changes, int drops) {
    while (undo.size() > changes) {
      undo.pop().run();
    }
    dropped.subList(drops, dropped.size()).clear();
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public OpaqueBytes newId() {
    return NO_ID;
  }

  private SortedMap<String, Secret<SecretMemory>> secretsOf(String vault) {
    Held held = vaults.get(vault);
    return held == null ? new TreeMap<>() : held.secrets;
  }

  private <T> void replace(SortedMap<String, T> map, String name, @Nullable T value) {
    T before = value == null ? map.remove(name) : map.put(name, value);
    undo.push(() -> {
      if (before == null) {
        map.remove(name);
      } else {
        map.put(name, before);
      }
    });
  }
}
