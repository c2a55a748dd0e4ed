package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The master key that environment variables name, for providers of stores:
 *
 * <ul>
 *   <li>{@code TAILOR_SECRETMANAGER_KEY_FILE}: the path of the key file; or {@code fd:} and the
 *       number of a file descriptor that was passed to this process, such as {@code fd:3}, as
 *       {@link MasterKey#fromFileDescriptor} reads it. A file of such a name is written
 *       {@code ./fd:3}.
 *   <li>{@code TAILOR_SECRETMANAGER_KEY}: the line that a key file holds, where there is no file.
 * </ul>
 */
public final class KeyVariables {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String KEY = "TAILOR_SECRETMANAGER_KEY";
  private static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  private static final Pattern DESCRIPTOR = Pattern.compile("fd:([0-9]{1,9})");
  private static final String DESCRIPTOR_PREFIX = "fd:";

  private KeyVariables() {}

  /**
   * Reads the key.
   *
   * @param store what the address names, such as {@code a store in a file}
   * @throws IllegalStateException if neither variable is set, or both are
   * @throws IllegalArgumentException if a variable is invalid
   * @throws tech.tailor.secretmanager.SecretManagerException if the key can't be read
   */
  public static MasterKey read(Map<String, String> environment, String store) {
    return key(environment, store, false);
  }

  /**
   * Reads the key, and first makes its file where the variables name one that is missing.
   *
   * @param store what the address names, such as {@code a store in a file}
   * @throws IllegalStateException if neither variable is set, or both are
   * @throws IllegalArgumentException if a variable is invalid
   * @throws tech.tailor.secretmanager.SecretManagerException if the key can't be made or read
   */
  public static MasterKey create(Map<String, String> environment, String store) {
    return key(environment, store, true);
  }

  private static MasterKey key(Map<String, String> environment, String store, boolean make) {
    requireNonNull(store, "store");
    String text = requireNonNull(environment, "environment").getOrDefault(KEY, "");
    String file = environment.getOrDefault(KEY_FILE, "");
    if (text.isEmpty() == file.isEmpty()) {
      throw new IllegalStateException(URL + " names " + store + ", and its key must be in "
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
}
