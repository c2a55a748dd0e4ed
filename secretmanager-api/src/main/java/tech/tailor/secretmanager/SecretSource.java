package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The source of a declared secret's value. A plan reads it only when it is applied, and wipes the
 * value as soon as it is written. A lambda can be a source, for a value that the application has:
 *
 * <pre>{@code
 * SecretSource fromTheHardware = ref -> Optional.of(SecretValue.copyOf(module.export(ref.name())));
 * }</pre>
 *
 * <p>An implementation keeps no copy of the value.
 */
@FunctionalInterface
public interface SecretSource {

  /**
   * Reads the value. The caller owns it and closes it.
   *
   * @param ref the secret that gets the value
   * @return the value, or empty if the source has no value
   * @throws SecretManagerException if the source can't be read; the message never shows a value
   */
  Optional<SecretValue> read(SecretRef ref);

  /**
   * Returns whether the source knows, without reading a value, that {@link #read} would yield no
   * value now. A plan that skips empty values then leaves the secret alone, and is empty if nothing
   * else is to be done. Returns false if the source does not know. Default: false.
   *
   * @param ref the secret that gets the value
   */
  default boolean isKnownToBeEmpty(SecretRef ref) {
    return false;
  }

  /** Returns where the value comes from, in a few words, for a plan to show. */
  default String origin() {
    return "the application";
  }

  /**
   * Returns a source that reads an environment variable, in UTF-8. A variable that is not set, is
   * empty or consists of white space yields nothing. The JVM keeps the environment as text that
   * can't be wiped.
   *
   * <p>The JVM decodes the environment when it starts, and loses characters that the locale's
   * encoding doesn't have. Reading throws a {@link SecretEncodingException} for a value that may
   * have been changed that way: one with U+FFFD in it, and, unless the locale's encoding is UTF-8,
   * one with any character outside ASCII. Start the JVM with {@code LANG=C.UTF-8} then.
   *
   * @throws IllegalArgumentException if {@code variable} can't be the name of a variable: it is
   *     empty, longer than 255 characters, or has a character that is not visible ASCII or is
   *     {@code =}
   */
  static SecretSource environment(String variable) {
    return new EnvironmentSource(
        requireNonNull(variable, "variable"), System::getenv, DecodedText.ofEnvironment());
  }

  /**
   * Returns a source that reads every byte of a file. A file that is missing or empty yields
   * nothing. Reading throws a {@link SecretLimitException} beyond
   * {@value SecretValue#MAX_SIZE_BYTES} bytes, and a {@link SecretStorageException} if it is not a
   * readable file.
   */
  static SecretSource file(Path file) {
    return new FileSource(requireNonNull(file, "file"), false);
  }

  /**
   * Returns a source that reads a text file in UTF-8 without its last line end, which editors and
   * {@code echo} add. A file that consists of white space yields nothing. Otherwise as
   * {@link #file}. Reading throws a {@link SecretEncodingException} if the file isn't plain UTF-8:
   * if it begins with a byte order mark, is UTF-16, or holds U+FFFD.
   */
  static SecretSource textFile(Path file) {
    return new FileSource(requireNonNull(file, "file"), true);
  }

  /**
   * Returns a source that reads a secret of another store or vault through its manager. It
   * refreshes the secret first, so that it applies neither a cached nor a stale value. A secret
   * that doesn't exist yields nothing. The manager stays the caller's to close.
   */
  static SecretSource secret(SecretManager manager, SecretRef ref) {
    return new CopiedSource(requireNonNull(manager, "manager"), requireNonNull(ref, "ref"));
  }

  /**
   * Returns a source of random values: {@code bytes} bytes of a {@link java.security.SecureRandom},
   * as base64 for URLs without padding. Each read gives a new value.
   *
   * <p>So a plan replaces an existing value unless the secret's label says that it was applied. The
   * label is missing on a secret that was created by hand. Over a store without commits, it is also
   * missing if the process was killed before it wrote the label. The plan announces the
   * replacement.
   *
   * @throws IllegalArgumentException if there are fewer than 16 or more than 1,024 bytes
   */
  static SecretSource random(int bytes) {
    return new RandomSource(bytes);
  }

  /**
   * Returns a source that prompts at the terminal, without showing the typed text. A line that is
   * empty or consists of white space yields nothing. Without a terminal, reading fails with a
   * {@link SecretPreconditionException}. It fails with a {@link SecretEncodingException} if the
   * terminal's encoding may have changed the typed text, as {@link #environment} describes.
   */
  static SecretSource prompt() {
    return new PromptSource();
  }
}
