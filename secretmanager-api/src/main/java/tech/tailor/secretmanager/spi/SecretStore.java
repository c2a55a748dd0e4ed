package tech.tailor.secretmanager.spi;

import java.util.List;
import java.util.Optional;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretValue;

/**
 * A backend whose vaults and secrets can be managed. What a method changed is there for every
 * {@link #fetch} that begins after the method returned; what it failed to change is as before,
 * unless it throws {@link tech.tailor.secretmanager.SecretOutcomeUnknownException}.
 *
 * <p>All methods are safe for use by several threads. Those declared here throw
 * {@link IllegalArgumentException} if a name breaks the
 * {@linkplain tech.tailor.secretmanager.SecretRef#NAME_GRAMMAR grammar},
 * {@link IllegalStateException} after {@link #close()}, and a
 * {@link tech.tailor.secretmanager.SecretManagerException} if the store fails. A
 * {@link SecretValue} that is passed in stays the caller's to close.
 *
 * <p>A store numbers the versions of a secret 1, 2, 3 …, or says 0 for each.
 */
public interface SecretStore extends SecretBackend {

  /**
   * Creates an empty vault.
   *
   * @throws SecretAlreadyExistsException if there is one of that name
   */
  VaultInfo createVault(String vault);

  /** All vaults, by name in ascending order. */
  List<VaultInfo> listVaults();

  /** Describes a vault; empty if there is none of that name. */
  Optional<VaultInfo> describeVault(String vault);

  /**
   * Deletes an empty vault.
   *
   * @throws SecretNotFoundException if there is none of that name
   * @throws SecretPreconditionException if it still holds secrets
   */
  void deleteVault(String vault);

  /**
   * Creates a secret, with the given value as its first version.
   *
   * @throws SecretNotFoundException if the vault does not exist
   * @throws SecretAlreadyExistsException if the vault has a secret of that name
   */
  SecretInfo createSecret(String vault, String name, SecretValue value);

  /**
   * Gives an existing secret a new value, as its next version.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  SecretInfo updateSecret(String vault, String name, SecretValue value);

  /**
   * All secrets of a vault, by name in ascending order; never a value.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  List<SecretInfo> listSecrets(String vault);

  /** Describes a secret without its value; empty if the secret or its vault does not exist. */
  Optional<SecretInfo> describeSecret(String vault, String name);

  /**
   * Deletes a secret with all its versions. A secret that is later created under the same name is
   * another one, and begins at version 1.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   */
  void deleteSecret(String vault, String name);
}
