package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens the store that environment variables name, for those who manage secrets. Those who only
 * read them use {@link SecretManagers#fromEnvironment()}, which documents the variables.
 *
 * <p>A store in memory is part of this module. Every other store is in an artifact of its own, and
 * is found as a {@link SecretStoreProvider}: with the class loader of this class first, then with
 * the context class loader of the calling thread.
 */
public final class SecretStores {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";

  /** What is meant where no address is given. */
  private static final String PLATFORM = "tailor:";

  private static final String MEMORY = "memory:";

  /** After this many providers that fail to load, the search of a class loader ends. */
  private static final int MAX_BROKEN = 100;

  /** The artifacts of this library that open addresses of a scheme. */
  private static final Map<String, String> ARTIFACTS = Map.of(
      "file", "secretmanager-file",
      "jdbc", "secretmanager-postgresql",
      "etcd", "secretmanager-etcd",
      "tailor", "secretmanager-http",
      "https", "secretmanager-http",
      "http", "secretmanager-http");

  private SecretStores() {}

  /**
   * Opens the store. The caller owns it.
   *
   * @throws IllegalArgumentException if a variable holds what can't be used
   * @throws IllegalStateException if a variable is missing, or the artifact of the store; the
   *     message says which
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be opened
   */
  public static SecretStore fromEnvironment() {
    return open(System.getenv());
  }

  /**
   * Opens the store that the given variables name. The caller owns it.
   *
   * @throws IllegalArgumentException if a variable holds what can't be used
   * @throws IllegalStateException if a variable is missing, or the artifact of the store; the
   *     message says which
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be opened
   */
  public static SecretStore open(Map<String, String> environment) {
    String address = address(environment);
    return address.equals(MEMORY)
        ? InMemorySecretStore.create()
        : provider(address).open(address, environment);
  }

  /**
   * Opens the store that the given variables name. If the store does not exist and its kind can be
   * created this way, it first creates an empty one, with its key. The caller owns the store.
   *
   * @throws IllegalArgumentException if a variable holds what can't be used
   * @throws IllegalStateException if a variable is missing, or the artifact of the store; the
   *     message says which
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be created or
   *     opened
   */
  public static SecretStore create(Map<String, String> environment) {
    String address = address(environment);
    return address.equals(MEMORY)
        ? InMemorySecretStore.create()
        : provider(address).create(address, environment);
  }

  private static String address(Map<String, String> environment) {
    String address = requireNonNull(environment, "environment").get(URL);
    return address == null || address.isEmpty() ? PLATFORM : address;
  }

  private static SecretStoreProvider provider(String address) {
    String scheme = scheme(address);
    List<String> broken = new ArrayList<>();
    Set<String> known = new TreeSet<>(ARTIFACTS.keySet());
    SecretStoreProvider provider = find(scheme, SecretStores.class.getClassLoader(), known, broken);
    if (provider == null) {
      provider = find(scheme, Thread.currentThread().getContextClassLoader(), known, broken);
    }
    if (provider != null) {
      return provider;
    }
    String artifact = ARTIFACTS.get(scheme);
    if (artifact == null) {
      // Not the address itself: it may hold a password.
      throw new IllegalArgumentException(URL + " must be memory:, or begin with one of "
          + String.join(":, ", known) + ": and be an address of that kind");
    }
    throw new IllegalStateException(missing(scheme, artifact, broken));
  }

  /** Returns the text before the first colon, or an empty text without a colon. */
  private static String scheme(String address) {
    int colon = address.indexOf(':');
    return colon < 0 ? "" : address.substring(0, colon).toLowerCase(Locale.ROOT);
  }

  private static @Nullable SecretStoreProvider find(
      String scheme, @Nullable ClassLoader loader, Set<String> known, List<String> broken) {
    Iterator<SecretStoreProvider> providers =
        ServiceLoader.load(SecretStoreProvider.class, loader).iterator();
    // A class loader whose files can't be read fails again each time.
    while (broken.size() < MAX_BROKEN) {
      try {
        if (!providers.hasNext()) {
          return null;
        }
        SecretStoreProvider provider = providers.next();
        if (provider.schemes().contains(scheme)) {
          return provider;
        }
        known.addAll(provider.schemes());
      } catch (ServiceConfigurationError | LinkageError e) {
        // Another kind's provider must not stand in the way; if it is the one that is needed, the
        // message names it.
        broken.add(SecretSupport.oneLine(String.valueOf(e.getMessage())));
      }
    }
    return null;
  }

  private static String missing(String scheme, String artifact, List<String> broken) {
    String what = scheme.equals("tailor")
        ? URL + " is not set, so secrets are at Tailor Platform, and the artifact for it is missing"
        : "The artifact for " + URL + "=" + scheme + ":… is missing";
    return what + ". Add this dependency, in the version of secretmanager-client (or import"
        + " secretmanager-bom):\n\n"
        + "  <dependency>\n"
        + "    <groupId>tech.tailor.secretmanager</groupId>\n"
        + "    <artifactId>" + artifact + "</artifactId>\n"
        + "  </dependency>\n\n"
        + "If it is there and the application is a fat jar, its build lost META-INF/services:"
        + " with Maven's shade plugin, add the ServicesResourceTransformer."
        + (broken.isEmpty() ? "" : "\nCould not be loaded: " + String.join("; ", broken));
  }
}
