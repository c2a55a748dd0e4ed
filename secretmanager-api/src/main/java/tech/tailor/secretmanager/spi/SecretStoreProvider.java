package tech.tailor.secretmanager.spi;

import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens stores of one kind for an address, such as {@code file:/var/lib/app/secrets}.
 *
 * <p>The artifact of a store names its provider as a {@link java.util.ServiceLoader} service, in
 * {@code META-INF/services} and in its module descriptor. An application that builds a fat jar must
 * merge these files: with Maven's shade plugin, by the {@code ServicesResourceTransformer}.
 *
 * <p>An implementation is public with a public constructor without parameters, keeps no state, and
 * loads what its store needs only when a store is opened. It is called in the caller's thread. No
 * message of its exceptions holds a value, a token, or the address, which may hold a password.
 */
public interface SecretStoreProvider {

  /**
   * The schemes of the addresses that this provider opens, in lower case, such as {@code file}:
   * what comes before the first colon. Never empty, and the same at each call.
   */
  Set<String> schemes();

  /**
   * Opens the store at an address. The caller owns the store.
   *
   * @param address begins with one of the {@link #schemes}
   * @param environment the environment variables, from which keys, tokens and settings are taken
   * @throws IllegalArgumentException if the address or a variable is invalid
   * @throws IllegalStateException if a variable is missing
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be opened
   */
  SecretStore open(String address, Map<String, String> environment);

  /**
   * Opens the store at an address, and first creates an empty one, with its key, if it does not
   * exist. By default this calls {@link #open}, for stores that are created elsewhere.
   *
   * @param address begins with one of the {@link #schemes}
   * @param environment the environment variables, from which keys, tokens and settings are taken
   * @throws IllegalArgumentException if the address or a variable is invalid
   * @throws IllegalStateException if a variable is missing
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be created or
   *     opened
   */
  default SecretStore create(String address, Map<String, String> environment) {
    return open(address, environment);
  }
}
