package tech.tailor.secretmanager.testing.contract;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * The simplest store that keeps the contract. It is open for extension, so that a mutant can break
 * one rule and keep all others.
 */
class ReferenceStore implements SecretStore {

  record Secret(byte[] bytes, long version, Instant createTime, Instant updateTime) {
    SecretInfo info(String name) {
      return SecretInfo.of(name, version, createTime, updateTime);
    }
  }

  final Map<String, VaultInfo> vaults = new TreeMap<>();
  final Map<String, Map<String, Secret>> secrets = new TreeMap<>();
  final Map<String, Map<String, String>> vaultLabels = new TreeMap<>();
  final Map<SecretRef, Map<String, String>> labels = new HashMap<>();
  boolean closed;

  /** Fills the store through its own methods. */
  final ReferenceStore holding(Map<SecretRef, SecretValue> values) {
    values.keySet().stream().map(SecretRef::vault).distinct().forEach(this::createVault);
    values.forEach((ref, value) -> createSecret(ref.vault(), ref.name(), value));
    return this;
  }

  @Override
  public synchronized Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    requireOpen();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    for (String name : names) {
      outcomes.put(name, outcome(vault, name));
    }
    return outcomes;
  }

  SecretOutcome outcome(String vault, String name) {
    if (!vaults.containsKey(vault)) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    Secret secret = secrets.get(vault).get(name);
    return secret == null
        ? new SecretOutcome.Missing(Missing.SECRET)
        : new SecretOutcome.Found(value(secret));
  }

  SecretValue value(Secret secret) {
    return SecretSupport.adopt(
        secret.bytes.clone(), SecretMetadata.of(secret.version, secret.updateTime));
  }

  /** What is kept of a value. */
  byte[] bytes(SecretValue value) {
    return value.<byte[], RuntimeException>withBytes(byte[]::clone);
  }

  @Override
  public synchronized VaultInfo createVault(String vault) {
    requireOpen();
    requireVaultName(vault);
    if (vaults.containsKey(vault)) {
      throw new SecretAlreadyExistsException("There is a vault " + vault);
    }
    return addVault(vault);
  }

  final VaultInfo addVault(String vault) {
    Instant now = Instant.now();
    VaultInfo info = VaultInfo.of(vault, now, now);
    vaults.put(vault, info);
    secrets.put(vault, new TreeMap<>());
    return info;
  }

  @Override
  public synchronized List<VaultInfo> listVaults() {
    requireOpen();
    return new ArrayList<>(vaults.values());
  }

  @Override
  public synchronized Optional<VaultInfo> describeVault(String vault) {
    requireOpen();
    requireVaultName(vault);
    return Optional.ofNullable(vaults.get(vault));
  }

  @Override
  public synchronized void deleteVault(String vault) {
    requireOpen();
    requireVaultName(vault);
    if (!requireVault(vault).isEmpty()) {
      throw new SecretPreconditionException("The vault " + vault + " holds secrets");
    }
    removeVault(vault);
  }

  void removeVault(String vault) {
    vaults.remove(vault);
    secrets.remove(vault);
    vaultLabels.remove(vault);
  }

  @Override
  public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
    requireOpen();
    requireNames(vault, name);
    Map<String, Secret> there = requireVault(vault);
    if (there.containsKey(name)) {
      throw new SecretAlreadyExistsException("There is a secret " + name);
    }
    Instant now = Instant.now();
    return write(vault, name, new Secret(bytes(value), 1, now, now));
  }

  @Override
  public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
    requireOpen();
    requireNames(vault, name);
    Secret before = requireSecret(vault, name);
    return write(
        vault,
        name,
        new Secret(bytes(value), before.version + 1, before.createTime, Instant.now()));
  }

  final synchronized SecretInfo write(String vault, String name, Secret secret) {
    secrets.get(vault).put(name, secret);
    return secret.info(name);
  }

  @Override
  public synchronized List<SecretInfo> listSecrets(String vault) {
    requireOpen();
    requireVaultName(vault);
    List<SecretInfo> infos = new ArrayList<>();
    requireVault(vault).forEach((name, secret) -> infos.add(secret.info(name)));
    return infos;
  }

  @Override
  public synchronized Optional<SecretInfo> describeSecret(String vault, String name) {
    requireOpen();
    requireNames(vault, name);
    return Optional.ofNullable(secrets.get(vault))
        .map(there -> there.get(name))
        .map(secret -> secret.info(name));
  }

  @Override
  public synchronized void deleteSecret(String vault, String name) {
    requireOpen();
    requireNames(vault, name);
    requireSecret(vault, name);
    removeSecret(vault, name);
  }

  void removeSecret(String vault, String name) {
    secrets.get(vault).remove(name);
    labels.remove(SecretRef.of(vault, name));
  }

  @Override
  public synchronized Map<String, String> labels(String vault, String name) {
    requireOpen();
    requireNames(vault, name);
    requireSecret(vault, name);
    return labels.getOrDefault(SecretRef.of(vault, name), Map.of());
  }

  @Override
  public synchronized void setLabels(String vault, String name, Map<String, String> labels) {
    requireOpen();
    requireNames(vault, name);
    Map<String, String> checked = checked(labels);
    requireSecret(vault, name);
    putLabels(SecretRef.of(vault, name), checked);
  }

  void putLabels(SecretRef ref, Map<String, String> checked) {
    labels.put(ref, checked);
  }

  @Override
  public synchronized Map<String, String> vaultLabels(String vault) {
    requireOpen();
    requireVaultName(vault);
    requireVault(vault);
    return vaultLabels.getOrDefault(vault, Map.of());
  }

  @Override
  public synchronized void setVaultLabels(String vault, Map<String, String> labels) {
    requireOpen();
    requireVaultName(vault);
    Map<String, String> checked = checked(labels);
    requireVault(vault);
    putVaultLabels(vault, checked);
  }

  void putVaultLabels(String vault, Map<String, String> checked) {
    vaultLabels.put(vault, checked);
  }

  Map<String, String> checked(Map<String, String> labels) {
    return SecretStore.requireLabels(labels);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The store is closed");
    }
  }

  void requireVaultName(String vault) {
    SecretRef.requireVaultName(vault);
  }

  void requireNames(String vault, String name) {
    SecretRef.of(vault, name);
  }

  final Map<String, Secret> requireVault(String vault) {
    if (!vaults.containsKey(vault)) {
      throw SecretNotFoundException.vault(vault);
    }
    return secrets.get(vault);
  }

  final synchronized Secret requireSecret(String vault, String name) {
    Secret secret = requireVault(vault).get(name);
    if (secret == null) {
      throw SecretNotFoundException.of(SecretRef.of(vault, name), Missing.SECRET);
    }
    return requireNonNull(secret);
  }
}
