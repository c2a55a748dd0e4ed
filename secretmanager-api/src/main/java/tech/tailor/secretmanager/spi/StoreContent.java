package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * What a versioned store holds, seen from one commit or one read: the port between the rules of a
 * store, which {@link StoreEditor} knows once for all stores, and the place where one store keeps
 * its records. It looks up, puts and removes records, and decides nothing.
 *
 * <p>The editor passes valid names only, and puts and removes only what exists or does not exist as
 * it must. A change is visible to later calls on the same content. It takes effect for others when
 * the store commits; how a store locks, commits and gives up is its own affair. For one thread.
 *
 * @param <V> how the store holds one value: a ciphertext, or a plaintext outside the Java heap
 */
public interface StoreContent<V> {

  /** How many vaults a store holds by default. */
  int DEFAULT_MAX_VAULTS = 10_000;

  /** How many secrets a vault holds by default. */
  int DEFAULT_MAX_SECRETS_PER_VAULT = 10_000;

  /**
   * A vault, without its secrets.
   *
   * @param name its name
   * @param id drawn when the vault was created, so that one created again is another one
   * @param createTime in whole milliseconds
   * @param updateTime when the vault itself was last changed, in whole milliseconds
   * @param labels by key
   */
  record Vault(
      String name,
      OpaqueBytes id,
      Instant createTime,
      Instant updateTime,
      Map<String, String> labels) {

    /** Checks that nothing is null. */
    public Vault {
      requireNonNull(name, "name");
      requireNonNull(id, "id");
      requireNonNull(createTime, "createTime");
      requireNonNull(updateTime, "updateTime");
      requireNonNull(labels, "labels");
    }
  }

  /**
   * A secret with its versions.
   *
   * @param name its name in the vault
   * @param id drawn when the secret was created, so that one created again is another one
   * @param createTime in whole milliseconds
   * @param description may be empty
   * @param labels by key
   * @param versions by ascending number, at least one; the last is the current one
   */
  record Secret<V>(
      String name,
      OpaqueBytes id,
      Instant createTime,
      String description,
      Map<String, String> labels,
      List<Version<V>> versions) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if there is no version
     */
    public Secret {
      requireNonNull(name, "name");
      requireNonNull(id, "id");
      requireNonNull(createTime, "createTime");
      requireNonNull(description, "description");
      requireNonNull(labels, "labels");
      versions = List.copyOf(requireNonNull(versions, "versions"));
      if (versions.isEmpty()) {
        throw new IllegalArgumentException("A secret has at least one version");
      }
    }

    /** The newest version. */
    public Version<V> current() {
      return versions.get(versions.size() - 1);
    }

    /** The secret with other versions. */
    Secret<V> with(List<Version<V>> others) {
      return new Secret<>(name, id, createTime, description, labels, others);
    }

    /** The secret with a version in place of the one of the same number. */
    Secret<V> with(Version<V> changed) {
      List<Version<V>> all = new ArrayList<>(versions);
      all.replaceAll(version -> version.number == changed.number ? changed : version);
      return with(all);
    }
  }

  /**
   * One version of a secret.
   *
   * @param number counts from 1
   * @param createTime when it was written, in whole milliseconds
   * @param state whether it may be read
   * @param value as the store holds it; null if and only if the version is destroyed
   */
  record Version<V>(
      long number,
      Instant createTime,
      State state,
      @Nullable V value) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if a destroyed version has a value, or another one has none
     */
    public Version {
      requireNonNull(createTime, "createTime");
      requireNonNull(state, "state");
      if ((value == null) != (state == State.DESTROYED)) {
        throw new IllegalArgumentException(
            "A version has a value, unless it is destroyed; this one is " + state);
      }
    }
  }

  /** Names the store in messages, such as {@code store "/var/lib/app/secrets.json"}. */
  String describe();

  /** The vault of that name, or null. */
  @Nullable
  Vault vault(String name);

  /** All vaults, by name in ascending order. */
  List<Vault> vaults();

  /** How many vaults there are. */
  int vaultCount();

  /** Adds a vault, or replaces what is kept of it but its secrets. */
  void putVault(Vault vault);

  /** Removes a vault, which holds no secrets. */
  void removeVault(String name);

  /** The secret of that name, or null if it or its vault does not exist. */
  @Nullable
  Secret<V> secret(String vault, String name);

  /**
   * Those of the given secrets of a vault that exist, by name. By default, one after the other; a
   * store that can reads them in one round trip.
   */
  default Map<String, Secret<V>> secrets(String vault, Set<String> names) {
    Map<String, Secret<V>> found = new LinkedHashMap<>();
    for (String name : names) {
      Secret<V> secret = secret(vault, name);
      if (secret != null) {
        found.put(name, secret);
      }
    }
    return found;
  }

  /** All secrets of a vault that exists, by name in ascending order. */
  List<Secret<V>> secrets(String vault);

  /**
   * The secrets of a vault that exists whose names come after the given one, by name in ascending
   * order, at most {@code limit}. By default, a part of all; a store that can reads no others.
   */
  default List<Secret<V>> secretsAfter(String vault, String after, int limit) {
    requireNonNull(after, "after");
    return secrets(vault).stream()
        .filter(secret -> secret.name().compareTo(after) > 0)
        .limit(limit)
        .toList();
  }

  /** How many secrets a vault that exists holds. */
  int secretCount(String vault);

  /** Adds a secret to a vault that exists, or replaces it as a whole. */
  void putSecret(String vault, Secret<V> secret);

  /** Removes a secret. */
  void removeSecret(String vault, String name);

  /**
   * Removes a secret whose record is damaged, so that {@link #secret} gives no secret, but a
   * {@link SecretIntegrityException}. By default this is refused with the same exception.
   */
  default void removeDamagedSecret(String vault, String name) {
    secret(requireNonNull(vault, "vault"), requireNonNull(name, "name"));
  }

  /**
   * Makes of a value what the store holds of it, bound to its place.
   *
   * @param vault holds the secret
   * @param secret the id and name of the secret, which may not have been put yet
   * @param version the number of the version that the value becomes
   * @param value stays the caller's to close
   */
  V seal(Vault vault, SecretId secret, long version, SecretValue value);

  /**
   * Gives the value of a version that is not destroyed, with its number and its time; null if what
   * the store holds was not made for this place, or was damaged. The value is the caller's to
   * close.
   */
  @Nullable
  SecretValue open(Vault vault, SecretId secret, Version<V> version);

  /**
   * Learns that a value is no longer part of the content: its version was destroyed, deleted, or
   * exceeds those that are kept. A store that holds plaintext wipes the value when the commit has
   * succeeded. By default, nothing.
   */
  default void dropped(V value) {
    requireNonNull(value, "value");
  }

  /**
   * Sets a savepoint in this commit. Savepoints nest.
   *
   * @return takes back every change that was made since, and what was sealed since is no longer
   *     needed; the editor runs it at most once, and a later savepoint's first
   */
  Runnable savepoint();

  /** The time of the commit or the read. */
  Instant now();

  /** A new id, which no other record has. By default 16 random bytes. */
  default OpaqueBytes newId() {
    return OpaqueBytes.random(16);
  }

  /** How many vaults there may be. */
  default int maxVaults() {
    return DEFAULT_MAX_VAULTS;
  }

  /** How many secrets a vault may hold. */
  default int maxSecretsPerVault() {
    return DEFAULT_MAX_SECRETS_PER_VAULT;
  }

  /**
   * Which secret a value belongs to.
   *
   * @param id drawn when the secret was created
   * @param name its name in the vault
   */
  record SecretId(OpaqueBytes id, String name) {

    /** Checks that nothing is null. */
    public SecretId {
      requireNonNull(id, "id");
      requireNonNull(name, "name");
    }
  }
}
