package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.KeyVariables;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens a {@link FileSecretStore} for {@code file:} and its directory. The variables of its key are
 * those of {@link KeyVariables}.
 *
 * <p>{@code TAILOR_SECRETMANAGER_ALLOW} stands for two settings of the store's builder, separated
 * by a comma: {@code shared-directory} for {@link FileSecretStore.Builder#allowSharedDirectory},
 * {@code network-file-system} for {@link FileSecretStore.Builder#allowNetworkFileSystem}.
 *
 * <p>Found by the {@link java.util.ServiceLoader}; applications don't call it.
 */
public final class FileSecretStoreProvider implements SecretStoreProvider {

  static final String ALLOW = "TAILOR_SECRETMANAGER_ALLOW";
  static final String SHARED_DIRECTORY = "shared-directory";
  static final String NETWORK_FILE_SYSTEM = "network-file-system";

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String SCHEME = "file";
  private static final String STORE = "a store in a file";

  /** For the {@link java.util.ServiceLoader}. */
  public FileSecretStoreProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public SecretStore open(String address, Map<String, String> environment) {
    requireNonNull(address, "address");
    requireNonNull(environment, "environment");
    Path directory = directory(address);
    Set<String> allowed = allowed(environment);
    requireOwnersOnly(directory, allowed, environment);
    return builder(directory, key(environment, false), allowed, environment).open();
  }

  /**
   * Makes the key, the directory and the store where they are missing. A key is not made where the
   * store is there: it could not open it.
   */
  @Override
  public SecretStore create(String address, Map<String, String> environment) {
    requireNonNull(address, "address");
    requireNonNull(environment, "environment");
    Path directory = directory(address);
    Set<String> allowed = allowed(environment);
    // Both before the key is made.
    requireOwnersOnly(directory, allowed, environment);
    Path file = FileSecretStore.fileIn(directory);
    boolean isThere = StoreFiles.local().exists(file);
    if (!isThere && !allowed.contains(NETWORK_FILE_SYSTEM)) {
      NetworkFileSystem.refuse(file, StoreFiles.local());
    }
    return builder(directory, key(environment, !isThere), allowed, environment).create();
  }

  private static FileSecretStore.Builder builder(
      Path directory, MasterKey key, Set<String> allowed, Map<String, String> environment) {
    FileSecretStore.Builder builder = FileSecretStore.builder(directory, key);
    KeyVariables.readPrevious(environment).ifPresent(builder::previousKey);
    if (allowed.contains(SHARED_DIRECTORY)) {
      builder.allowSharedDirectory();
    }
    if (allowed.contains(NETWORK_FILE_SYSTEM)) {
      builder.allowNetworkFileSystem();
    }
    return builder;
  }

  /** Refuses the store, together with its key if that is to be refused, too. */
  private static void requireOwnersOnly(
      Path directory, Set<String> allowed, Map<String, String> environment) {
    if (allowed.contains(SHARED_DIRECTORY)) {
      return;
    }
    String refusal = OwnersOnly.refusal(FileSecretStore.fileIn(directory));
    if (refusal == null) {
      return;
    }
    try {
      key(environment, false);
    } catch (SecretManagerException | IllegalStateException | IllegalArgumentException e) {
      if (!(e.getCause() instanceof NoSuchFileException)) { // it may be made the next time
        refusal += "\n" + e.getMessage();
      }
    }
    throw new SecretStorageException(refusal);
  }

  private static Set<String> allowed(Map<String, String> environment) {
    Set<String> allowed = new HashSet<>();
    for (String name : environment.getOrDefault(ALLOW, "").split(",", -1)) {
      if (!name.isBlank()) {
        allowed.add(name.strip());
      }
    }
    if (!Set.of(SHARED_DIRECTORY, NETWORK_FILE_SYSTEM).containsAll(allowed)) {
      throw new IllegalArgumentException(ALLOW + " must be " + SHARED_DIRECTORY + ", "
          + NETWORK_FILE_SYSTEM + ", or both with a comma between them");
    }
    return allowed;
  }

  private static MasterKey key(Map<String, String> environment, boolean make) {
    return make ? KeyVariables.create(environment, STORE) : KeyVariables.read(environment, STORE);
  }

  private static Path directory(String address) {
    String rest = address.startsWith(SCHEME + ":") ? address.substring(SCHEME.length() + 1) : "";
    if (!rest.isEmpty() && (!rest.startsWith("//") || rest.startsWith("///"))) {
      try {
        return rest.startsWith("///") ? Path.of(URI.create(address)) : Path.of(rest);
      } catch (IllegalArgumentException e) {
        // Its message, and that of its cause, hold the address.
      }
    }
    throw new IllegalArgumentException(URL + " must be file: and a directory, such as"
        + " file:/var/lib/app/secrets, or a URI such as file:///var/lib/app/secrets, in which a"
        + " space is %20; a host can't be named");
  }
}
