package tech.tailor.secretmanager.file;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
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

  /** The version of that number, or null if it is not kept. */
  @Nullable
  StoredVersion version(long number) {
    for (StoredVersion version : versions) {
      if (version.version() == number) {
        return version;
      }
    }
    return null;
  }

  /** The secret with a new current version, of which no more than the given number are kept. */
  StoredSecret withNext(StoredVersion next, int versionsKept) {
    int dropped = Math.max(0, versions.size() + 1 - versionsKept);
    List<StoredVersion> kept = new ArrayList<>(versions.subList(dropped, versions.size()));
    kept.add(next);
    return withVersions(kept);
  }

  /** The secret with a version in place of the one of the same number. */
  StoredSecret with(StoredVersion changed) {
    List<StoredVersion> all = new ArrayList<>(versions);
    all.replaceAll(version -> version.version() == changed.version() ? changed : version);
    return withVersions(all);
  }

  StoredSecret withVersions(List<StoredVersion> others) {
    return new StoredSecret(name, id, createTime, description, labels, others);
  }

  StoredSecret withDescription(String other) {
    return new StoredSecret(name, id, createTime, other, labels, versions);
  }

  StoredSecret withLabels(SortedMap<String, String> others) {
    return new StoredSecret(name, id, createTime, description, others, versions);
  }

  SecretInfo info() {
    return new SecretInfo(name, current().version(), createTime, current().createTime());
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

    /** The version without its value. */
    StoredVersion destroyed() {
      return new StoredVersion(version, createTime, State.DESTROYED, 0, null);
    }

    /** The version, to be read or not. */
    StoredVersion with(State other) {
      return new StoredVersion(version, createTime, other, key, ciphertext);
    }

    SecretVersionInfo info() {
      return new SecretVersionInfo(version, createTime, state);
    }
  }
}
