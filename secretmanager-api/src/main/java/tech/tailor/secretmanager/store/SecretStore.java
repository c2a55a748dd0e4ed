package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A backend whose vaults and secrets can be managed. A change is visible to every {@link #fetch}
 * that begins after the method returned. A change that fails leaves the store as it was, unless the
 * method throws {@link tech.tailor.secretmanager.SecretOutcomeUnknownException}.
 *
 * <p>All methods are safe for use by several threads. The methods declared here throw
 * {@link IllegalArgumentException} if a name breaks the
 * {@linkplain tech.tailor.secretmanager.SecretRef#NAME_GRAMMAR grammar},
 * {@link IllegalStateException} after {@link #close()}, and a
 * {@link tech.tailor.secretmanager.SecretManagerException} if the store fails. A
 * {@link SecretValue} that is passed in stays the caller's to close.
 *
 * <p>Every store lists vaults and secrets by name in ascending order, regardless of the order of
 * its service: Tailor Platform's lists are newest first.
 *
 * <p>A store numbers the versions of a secret 1, 2, 3 …, or gives 0 for each.
 */
public interface SecretStore extends SecretBackend {

  /**
   * The grammar of a label's key and of its value, as a regular expression: 1 to 63 characters,
   * lower-case letters, digits, underscores and hyphens, a letter first. A value may be empty, too.
   * It is Tailor Platform's, as published with its SDK.
   */
  String LABEL_GRAMMAR = "^[a-z][a-z0-9_-]{0,62}$";

  /** The most labels of a vault or a secret: {@value}, as at Tailor Platform. */
  int MAX_LABELS = 20;

  /**
   * Checks the given labels and returns an immutable copy, by key in ascending order.
   *
   * @throws IllegalArgumentException if there are more than {@value #MAX_LABELS}, or a key or a
   *     value breaks the {@linkplain #LABEL_GRAMMAR grammar}
   */
  static Map<String, String> requireLabels(Map<String, String> labels) {
    Map<String, String> sorted = new TreeMap<>(requireNonNull(labels, "labels"));
    if (sorted.size() > MAX_LABELS) {
      throw new IllegalArgumentException(
          "There may be " + MAX_LABELS + " labels at most, got " + sorted.size());
    }
    sorted.forEach((key, value) -> {
      requireLabel("key", "", key);
      if (!requireNonNull(value, "value of a label").isEmpty()) {
        requireLabel("value", "be empty or ", value);
      }
    });
    return Collections.unmodifiableMap(sorted);
  }

  /**
   * Returns the given limit of a page, checked.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  static int requirePageLimit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("A page has at least 1 secret, got a limit of " + limit);
    }
    return limit;
  }

  private static void requireLabel(String part, String otherwise, String text) {
    if (!text.matches(LABEL_GRAMMAR)) {
      throw new IllegalArgumentException("Invalid " + part + " of a label: it must " + otherwise
          + "match " + LABEL_GRAMMAR
          + " (1 to 63 characters: lower-case letters, digits, underscores and hyphens, a letter"
          + " first)");
    }
  }

  /**
   * Creates an empty vault.
   *
   * @throws SecretAlreadyExistsException if a vault of that name exists
   */
  VaultInfo createVault(String vault);

  /** Returns all vaults, by name in ascending order. */
  List<VaultInfo> listVaults();

  /** Describes a vault; empty if it does not exist. */
  Optional<VaultInfo> describeVault(String vault);

  /**
   * Deletes an empty vault.
   *
   * @throws SecretNotFoundException if the vault does not exist
   * @throws SecretPreconditionException if the vault still holds secrets
   */
  void deleteVault(String vault);

  /**
   * Creates a secret, with the given value as its first version. An empty value is allowed; the
   * {@link SecretSource}, not the store, detects that nothing was typed or that a file is empty.
   *
   * @throws SecretNotFoundException if the vault does not exist
   * @throws SecretAlreadyExistsException if the vault has a secret of that name
   */
  SecretInfo createSecret(String vault, String name, SecretValue value);

  /**
   * Gives an existing secret a new value, which may be empty, as its next version.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  SecretInfo updateSecret(String vault, String name, SecretValue value);

  /**
   * Creates a secret, or gives it a new value as its next version if it exists. The value may be
   * empty.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  default SecretInfo put(String vault, String name, SecretValue value) {
    try {
      return updateSecret(vault, name, value);
    } catch (SecretNotFoundException e) {
      if (e.missing() != SecretNotFoundException.Missing.SECRET) {
        throw e;
      }
    }
    try {
      return createSecret(vault, name, value);
    } catch (SecretAlreadyExistsException e) { // created by another caller meanwhile
      return updateSecret(vault, name, value);
    }
  }

  /**
   * Reads the current value of a secret. The caller closes the value.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   * @throws tech.tailor.secretmanager.SecretManagerException if the value can't be read, for
   *     example because its current version is disabled
   */
  default SecretValue readSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    SecretOutcome outcome = fetch(vault, Set.of(name)).get(name);
    if (outcome instanceof SecretOutcome.Found found) {
      return found.value();
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      throw failed.failure();
    }
    throw SecretNotFoundException.of(
        ref,
        outcome instanceof SecretOutcome.Missing missing
            ? missing.missing()
            : SecretNotFoundException.Missing.SECRET);
  }

  /** Returns whether a secret exists, readable or not. */
  default boolean exists(String vault, String name) {
    return describeSecret(vault, name).isPresent();
  }

  /**
   * Describes several secrets of a vault with their labels and descriptions. The result has the
   * secrets that exist, by name, in the order of {@code names}. A store that keeps secrets together
   * reads them in one step; the default makes two calls for each secret.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  default Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
    List<SecretRef> refs = requireNonNull(names, "names").stream()
        .map(name -> SecretRef.of(vault, name))
        .toList();
    if (describeVault(vault).isEmpty()) {
      throw SecretNotFoundException.vault(vault);
    }
    Map<String, SecretDetails> found = new LinkedHashMap<>();
    for (SecretRef ref : refs) {
      String name = ref.name();
      try {
        describeSecret(vault, name)
            .ifPresent(info -> found.put(name, SecretDetails.of(info, labels(vault, name), "")));
      } catch (SecretNotFoundException e) { // deleted meanwhile
        found.remove(name);
      }
    }
    return found;
  }

  /**
   * Returns one page of the secrets of a vault, by name in ascending order, without values. The
   * next page begins after the last name of this one. A page with fewer secrets than the limit is
   * the last.
   *
   * @param after the name before the page, which need not exist; empty for the first page
   * @param limit the most secrets of the page, at least 1
   * @throws IllegalArgumentException if the limit is less than 1
   * @throws SecretNotFoundException if the vault does not exist
   */
  default List<SecretInfo> listSecrets(String vault, String after, int limit) {
    requireNonNull(after, "after");
    requirePageLimit(limit);
    return listSecrets(vault).stream()
        .filter(secret -> secret.name().compareTo(after) > 0)
        .limit(limit)
        .toList();
  }

  /**
   * Copies every vault and every secret of this store to another store: the current value, the
   * labels and, if both stores keep descriptions, the description. A vault that exists in the
   * target is used. A secret that exists there gets the value as its next version, unless it has
   * that value. Nothing is deleted. If the copy fails, the part that was copied stays, and a
   * repetition continues from there.
   *
   * @param target the store to copy to, which stays the caller's to close
   * @return the number of secrets that got a value
   * @throws SecretPreconditionException if the current version of a secret is disabled or destroyed
   * @throws tech.tailor.secretmanager.SecretManagerException if one of the stores fails
   */
  default int copyTo(SecretStore target) {
    return StoreCopy.copy(this, requireNonNull(target, "target"));
  }

  /**
   * Returns all secrets of a vault, by name in ascending order, without values.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  List<SecretInfo> listSecrets(String vault);

  /** Describes a secret without its value; empty if the secret or its vault does not exist. */
  Optional<SecretInfo> describeSecret(String vault, String name);

  /**
   * Deletes a secret with all its versions. A secret that is created later under the same name is a
   * new one, and begins at version 1.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  void deleteSecret(String vault, String name);

  /**
   * Returns the labels of a secret, by key in ascending order; a new secret has no labels. Labels
   * are not confidential: lists and files show them.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  Map<String, String> labels(String vault, String name);

  /**
   * Replaces all labels of a secret by the given ones. The version and the time of update stay as
   * they are.
   *
   * @throws IllegalArgumentException if the labels are not {@linkplain #requireLabels valid}
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  void setLabels(String vault, String name, Map<String, String> labels);

  /**
   * Returns the labels of a vault, by key in ascending order; a new vault has no labels.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  Map<String, String> vaultLabels(String vault);

  /**
   * Replaces all labels of a vault by the given ones.
   *
   * @throws IllegalArgumentException if the labels are not {@linkplain #requireLabels valid}
   * @throws SecretNotFoundException if the vault does not exist
   */
  void setVaultLabels(String vault, Map<String, String> labels);
}
