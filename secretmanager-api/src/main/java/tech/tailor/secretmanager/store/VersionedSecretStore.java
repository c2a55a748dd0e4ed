package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretValue;

/**
 * A store that keeps earlier versions of a secret, and can make several changes in one commit. The
 * newest version is always the current one, the one that {@link #fetch} reads. While the current
 * version is disabled or destroyed, a fetch answers with a {@link SecretPreconditionException}, and
 * never with an earlier version; so a cache wipes what it has of the secret.
 *
 * <p>It keeps the newest {@link #versionsKept()} versions of each secret, those that are disabled
 * or destroyed included. Each version beyond goes with the update that puts it there, the oldest
 * first.
 *
 * <p>What {@link SecretStore} says of names, of threads, of failures and of a closed store holds
 * for the methods here too. The number of a version that is less than 1 is an
 * {@link IllegalArgumentException}.
 */
public interface VersionedSecretStore extends SecretStore {

  /** The longest description, in {@code char}s: {@value}. */
  int MAX_DESCRIPTION_LENGTH = 1_024;

  /** Describes several secrets with their labels and descriptions. */
  @Override
  default Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
    Map<String, SecretDetails> found = new LinkedHashMap<>();
    SecretStore.super.describeSecrets(vault, names).forEach((name, details) -> {
      try {
        found.put(
            name, SecretDetails.of(details.info(), details.labels(), description(vault, name)));
      } catch (SecretNotFoundException e) { // deleted meanwhile
        found.remove(name);
      }
    });
    return found;
  }

  /** How many versions of each secret are kept: at least 1. */
  int versionsKept();

  /**
   * The versions of a secret that are kept, by number in ascending order; never a value. The last
   * one is the current one.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  List<SecretVersionInfo> listVersions(String vault, String name);

  /**
   * Reads one version. The value is the caller's to close.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is disabled or destroyed
   */
  SecretValue readVersion(String vault, String name, long version);

  /**
   * Gives an existing secret a new value if its current version is still the expected one. So a
   * caller that derives a new value from one it read overwrites no other caller's value.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   * @throws SecretConflictException if the current version is another one; nothing was changed
   */
  SecretInfo updateSecret(String vault, String name, SecretValue value, long expectedVersion);

  /**
   * Makes what an earlier version held the value of a new version, which is the current one from
   * then on. No version is taken away.
   *
   * @param version the version to take the value from; the current one too is allowed
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is disabled or destroyed
   */
  SecretInfo rollBack(String vault, String name, long version);

  /**
   * Takes a version out of use, until it is enabled again. One that is disabled stays so.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is destroyed
   */
  SecretVersionInfo disableVersion(String vault, String name, long version);

  /**
   * Lets a version be read again. One that is enabled stays so.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is destroyed
   */
  SecretVersionInfo enableVersion(String vault, String name, long version);

  /**
   * Destroys the value of a version for ever; its number and its time are kept. One that is
   * destroyed stays so. Copies elsewhere, in a backup for example, are out of reach.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   */
  SecretVersionInfo destroyVersion(String vault, String name, long version);

  /**
   * The description of a secret; empty if it has none. A description is no secret: lists and files
   * show it.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  String description(String vault, String name);

  /**
   * Replaces the description of a secret; an empty one removes it. That is no new version, and
   * leaves the time of update.
   *
   * @param description one line of text: at most {@value #MAX_DESCRIPTION_LENGTH} {@code char}s, no
   *     control character, no unpaired surrogate
   * @throws IllegalArgumentException if the description is invalid
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  void setDescription(String vault, String name, String description);

  /**
   * Makes several changes at once: all of them, or none. The changes are made on the store that is
   * passed in, which reads what was changed so far; nobody else sees any of it before this returns.
   * If {@code changes} throws, or the commit fails, nothing was changed, as with a single change.
   * All changes of one commit are one generation of a file, and so are lost or kept together.
   *
   * <p>{@code changes} runs once, on the calling thread, while other writers wait: it should be
   * short, and read nothing slow. The store that is passed in is for that call and that thread
   * alone, and need not be closed; a commit inside a commit is a part of it. This store itself must
   * not be used from inside.
   *
   * @throws IllegalStateException if this store is changed from inside {@code changes} by another
   *     way than the store that is passed in
   */
  void inOneCommit(Consumer<? super VersionedSecretStore> changes);

  /**
   * Returns the given description, checked.
   *
   * @throws IllegalArgumentException if it is longer than {@value #MAX_DESCRIPTION_LENGTH}
   *     {@code char}s, or has a control character or an unpaired surrogate
   */
  static String requireDescription(String description) {
    if (requireNonNull(description, "description").length() > MAX_DESCRIPTION_LENGTH) {
      throw new IllegalArgumentException("A description has at most " + MAX_DESCRIPTION_LENGTH
          + " characters, got " + description.length());
    }
    boolean oneLine = description
        .codePoints()
        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    if (!oneLine) {
      throw new IllegalArgumentException("A description is one line of text: it must have no"
          + " control character and no unpaired surrogate");
    }
    return description;
  }

  /**
   * Returns the given number of a version, checked.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  static long requireVersion(long version) {
    if (version < 1) {
      throw new IllegalArgumentException("A version counts from 1, got " + version);
    }
    return version;
  }
}
