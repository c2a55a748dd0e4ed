package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens a {@link FileSecretStore} for {@code file:} and its directory. Its key is in one of two
 * variables:
 *
 * <ul>
 *   <li>{@code TAILOR_SECRETMANAGER_KEY_FILE}: the path of the key file; or {@code fd:} and the
 *       number of a file descriptor that was passed to this process, such as {@code fd:3}, as
 *       {@link MasterKey#fromFileDescriptor} reads it. A file of such a name is written
 *       {@code ./fd:3}.
 *   <li>{@code TAILOR_SECRETMANAGER_KEY}: the line that a key file holds, where there is no file.
 * </ul>
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
  private static final String KEY = "TAILOR_SECRETMANAGER_KEY";
  private static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  private static final String SCHEME = "file";
  private static final Pattern DESCRIPTOR = Pattern.compile("fd:([0-9]{1,9})");
  private static final String DESCRIPTOR_PREFIX = "fd:";

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
    return builder(directory, key(environment, false), allowed).open();
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
    return builder(directory, key(environment, !isThere), allowed).create();
  }

  private static FileSecretStore.Builder builder(
      Path directory, MasterKey key, Set<String> allowed) {
    FileSecretStore.Builder builder = FileSecretStore.builder(directory, key);
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
    String text = environment.getOrDefault(KEY, "");
    String file = environment.getOrDefault(KEY_FILE, "");
    if (text.isEmpty() == file.isEmpty()) {
      throw new IllegalStateException(URL + " names a store in a file, and its key must be in "
          + KEY_FILE
          + " (the path of the key file, or fd: and the number of a file descriptor) or in"
          + " " + KEY + " (the line that a key file holds): "
          + (text.isEmpty() ? "neither is set" : "both are set, and one must go"));
    }
    if (file.isEmpty()) {
      return MasterKey.fromEnvironment(KEY, environment);
    }
    if (file.startsWith(DESCRIPTOR_PREFIX)) {
      return MasterKey.fromFileDescriptor(descriptor(file));
    }
    Path path = keyFile(file);
    return make ? MasterKey.createFile(path) : MasterKey.fromFile(path);
  }

  private static Path keyFile(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) { // its message shows the text, which may be the key itself
      throw new IllegalArgumentException(
          KEY_FILE + " must be a path that this system and its locale can have");
    }
  }

  private static int descriptor(String text) {
    Matcher matcher = DESCRIPTOR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          KEY_FILE + " must be a path, or fd: and the number of a file"
              + " descriptor, such as fd:3; a file of such a name is written ./fd:3");
    }
    return Integer.parseInt(matcher.group(1));
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
