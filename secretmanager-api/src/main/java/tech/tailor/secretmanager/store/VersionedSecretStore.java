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
 * newest version is always the current one, which {@link #fetch} reads. While the current version
 * is disabled or destroyed, a fetch answers with a {@link SecretPreconditionException}, and never
 * with an earlier version; so a cache wipes its entry of the secret.
 *
 * <p>The store keeps the newest {@link #versionsKept()} versions of each secret, including disabled
 * and destroyed ones. An update removes the versions beyond that number, the oldest first.
 *
 * <p>The rules of {@link SecretStore} for names, threads, failures and a closed store apply to the
 * methods here, too. A version number less than 1 causes an {@link IllegalArgumentException}.
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

  /** Returns how many versions of each secret the store keeps: at least 1. */
  int versionsKept();

  /**
   * Returns the kept versions of a secret, by number in ascending order, without values. The last
   * one is the current one.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  List<SecretVersionInfo> listVersions(String vault, String name);

  /**
   * Reads one version. The caller closes the value.
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
   * @throws SecretConflictException if the current version is not the expected one; nothing was
   *     changed
   */
  SecretInfo updateSecret(String vault, String name, SecretValue value, long expectedVersion);

  /**
   * Creates a new current version with the value of an earlier version, which stays.
   *
   * @param version the version to take the value from; the current one is allowed, too
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is disabled or destroyed
   */
  SecretInfo rollBack(String vault, String name, long version);

  /**
   * Disables a version until it is enabled again. A disabled version stays disabled.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is destroyed
   */
  SecretVersionInfo disableVersion(String vault, String name, long version);

  /**
   * Enables a version, so that it can be read again. An enabled version stays enabled.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   * @throws SecretPreconditionException if the version is destroyed
   */
  SecretVersionInfo enableVersion(String vault, String name, long version);

  /**
   * Destroys the value of a version permanently; its number and its time are kept. A destroyed
   * version stays destroyed. Copies elsewhere, such as in a backup, are out of reach.
   *
   * @throws SecretNotFoundException if the version, the secret or its vault does not exist
   */
  SecretVersionInfo destroyVersion(String vault, String name, long version);

  /**
   * Returns the description of a secret, or an empty text. Descriptions are not confidential: lists
   * and files show them.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  String description(String vault, String name);

  /**
   * Replaces the description of a secret; an empty one removes it. The version and the time of
   * update stay as they are.
   *
   * @param description one line of text: at most {@value #MAX_DESCRIPTION_LENGTH} {@code char}s, no
   *     control character, no unpaired surrogate
   * @throws IllegalArgumentException if the description is invalid
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  void setDescription(String vault, String name, String description);

  /**
   * Makes several changes in one commit: all of them, or none. {@code changes} makes them on the
   * store that it gets, which reads the changes made so far. No other reader sees any of them
   * before this returns. If {@code changes} throws, or the commit fails, nothing was changed, as
   * with a single change. All changes of one commit are one generation of a file, and so are lost
   * or kept together.
   *
   * <p>{@code changes} runs once, on the calling thread, while other writers wait. So it should be
   * short, and read nothing slow. The store that it gets is for that call and that thread alone,
   * and need not be closed. A commit inside a commit is a part of the outer one. {@code changes}
   * must not use this store itself.
   *
   * @throws IllegalStateException if {@code changes} changes this store other than through the
   *     store that it gets
   */
  void inOneCommit(Consumer<? super VersionedSecretStore> changes);

  /**
   * Checks the given description and returns it.
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
   * Checks the given version number and returns it.
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
