package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * A secret in a {@link StoredVault}. Immutable.
 *
 * @param name its name in the vault
 * @param id drawn when the secret was created, so that a secret created again is another one
 * @param createTime in whole milliseconds
 * @param description may be empty
 * @param labels by key
 * @param versions ascending, at least one; the last is the current one
 */
record StoredSecret(
    String name,
    OpaqueBytes id,
    Instant createTime,
    String description,
    SortedMap<String, String> labels,
    List<StoredVersion> versions) {

  static final SortedMap<String, String> NO_LABELS =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  StoredSecret {
    labels = labels.isEmpty() ? NO_LABELS : Collections.unmodifiableSortedMap(labels);
    versions = List.copyOf(versions);
  }

  /** A secret that nothing is said of. */
  StoredSecret(String name, OpaqueBytes id, Instant createTime, List<StoredVersion> versions) {
    this(name, id, createTime, "", NO_LABELS, versions);
  }

  StoredVersion current() {
    return versions.get(versions.size() - 1);
  }

  StoredSecret withVersions(List<StoredVersion> others) {
    return new StoredSecret(name, id, createTime, description, labels, others);
  }

  /**
   * One value of a secret, encrypted.
   *
   * @param version counts from 1
   * @param createTime in whole milliseconds
   * @param state whether it may be read
   * @param key the id of the data key that the value is encrypted with; 0 if it is destroyed
   * @param ciphertext the value; null if and only if it is destroyed
   */
  record StoredVersion(
      long version,
      Instant createTime,
      State state,
      long key,
      @Nullable OpaqueBytes ciphertext) {

    /** A version that may be read. */
    StoredVersion(long version, Instant createTime, long key, OpaqueBytes ciphertext) {
      this(version, createTime, State.ENABLED, key, ciphertext);
    }

    /**
     * The same version, which is not destroyed, encrypted with the newest data key; null if what
     * stands there was not encrypted for this place.
     */
    @Nullable
    StoredVersion under(Envelope envelope, OpaqueBytes vaultId, StoredSecret secret) {
      Envelope.Place place = new Envelope.Place(vaultId, secret.id, version, secret.name);
      OpaqueBytes next = envelope.resealValue(key, place, requireNonNull(ciphertext));
      return next == null
          ? null
          : new StoredVersion(version, createTime, state, envelope.sealingKey(), next);
    }
  }
}
