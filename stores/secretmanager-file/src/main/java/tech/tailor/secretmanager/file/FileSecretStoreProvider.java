package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens a {@link FileSecretStore} for {@code file:} and its directory; the variable
 * {@code TAILOR_SECRETMANAGER_KEY_FILE} names the file of its key. Found by the
 * {@link java.util.ServiceLoader}; applications don't call it.
 */
public final class FileSecretStoreProvider implements SecretStoreProvider {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  private static final String SCHEME = "file";

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
    return FileSecretStore.open(directory, MasterKey.fromFile(keyFile(environment)));
  }

  /** Makes the key, the directory and the store where they are missing. */
  @Override
  public SecretStore create(String address, Map<String, String> environment) {
    requireNonNull(address, "address");
    requireNonNull(environment, "environment");
    Path directory = directory(address);
    return FileSecretStore.create(directory, MasterKey.createFile(keyFile(environment)));
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

  private static Path keyFile(Map<String, String> environment) {
    String file = environment.get(KEY_FILE);
    if (file == null || file.isEmpty()) {
      throw new IllegalStateException(
          URL + " names a store in a file, and " + KEY_FILE + " must name the file of its key");
    }
    return Path.of(file);
  }
}
