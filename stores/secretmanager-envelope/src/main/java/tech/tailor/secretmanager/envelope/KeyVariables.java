package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
 *   <li>{@code TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE}, or
 *       {@code TAILOR_SECRETMANAGER_PREVIOUS_KEY}: in the same way, a second key, which may open
 *       the store during a rotation of the master key.
 * </ul>
 */
public final class KeyVariables {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String KEY = "TAILOR_SECRETMANAGER_KEY";
  private static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  private static final String PREVIOUS_KEY = "TAILOR_SECRETMANAGER_PREVIOUS_KEY";
  private static final String PREVIOUS_KEY_FILE = "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE";
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

  /**
   * Reads the second key: the one from before a rotation of the master key, or the next one. Empty
   * if neither of its variables is set.
   *
   * @throws IllegalStateException if both variables are set
   * @throws IllegalArgumentException if a variable is invalid
   * @throws tech.tailor.secretmanager.SecretManagerException if the key can't be read
   */
  public static Optional<MasterKey> readPrevious(Map<String, String> environment) {
    boolean hasText = isSet(requireNonNull(environment, "environment"), PREVIOUS_KEY);
    boolean hasFile = isSet(environment, PREVIOUS_KEY_FILE);
    if (hasText && hasFile) {
      throw new IllegalStateException("The previous key must be in " + PREVIOUS_KEY_FILE + " or in "
          + PREVIOUS_KEY + ": both are set, and one must go");
    }
    return hasText || hasFile
        ? Optional.of(key(environment, PREVIOUS_KEY, PREVIOUS_KEY_FILE, false))
        : Optional.empty();
  }

  private static MasterKey key(Map<String, String> environment, String store, boolean make) {
    requireNonNull(store, "store");
    boolean hasText = isSet(requireNonNull(environment, "environment"), KEY);
    if (hasText == isSet(environment, KEY_FILE)) {
      throw new IllegalStateException(URL + " names " + store + ", and its key must be in "
          + KEY_FILE
          + " (the path of the key file, or fd: and the number of a file descriptor) or in"
          + " " + KEY + " (the line that a key file holds): "
          + (hasText ? "both are set, and one must go" : "neither is set"));
    }
    return key(environment, KEY, KEY_FILE, make);
  }

  /** The key of one of two variables, of which one is set. */
  private static MasterKey key(
      Map<String, String> environment, String text, String file, boolean make) {
    if (isSet(environment, text)) {
      return MasterKey.fromEnvironment(text, environment);
    }
    String place = environment.getOrDefault(file, "");
    if (place.startsWith(DESCRIPTOR_PREFIX)) {
      return MasterKey.fromFileDescriptor(descriptor(file, place));
    }
    Path path = keyFile(file, place);
    return make ? MasterKey.createFile(path) : MasterKey.fromFile(path);
  }

  private static boolean isSet(Map<String, String> environment, String variable) {
    return !environment.getOrDefault(variable, "").isEmpty();
  }

  private static Path keyFile(String variable, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) { // its message shows the text, which may be the key itself
      throw new IllegalArgumentException(
          variable + " must be a path that this system and its locale can have");
    }
  }

  private static int descriptor(String variable, String text) {
    Matcher matcher = DESCRIPTOR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(variable + " must be a path, or fd: and the number of a"
          + " file descriptor, such as fd:3; a file of such a name is written ./fd:3");
    }
    return Integer.parseInt(matcher.group(1));
  }
}
