package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the value of a declared secret comes from. It is read when a plan is applied, and not
 * before; what it yields is wiped as soon as it was written. A lambda is one, for what the
 * application has itself:
 *
 * <pre>{@code
 * SecretSource fromTheHardware = ref -> Optional.of(SecretValue.copyOf(module.export(ref.name())));
 * }</pre>
 *
 * <p>An implementation keeps nothing of what it yields.
 */
@FunctionalInterface
public interface SecretSource {

  /**
   * Reads the value, which belongs to the caller, who closes it.
   *
   * @param ref the secret that it is to be the value of
   * @return the value, or empty if the source has no value
   * @throws SecretManagerException if it can't be read; the message never shows a value
   */
  Optional<SecretValue> read(SecretRef ref);

  /**
   * Whether it is known, without reading a value, that {@link #read} would yield none now. A plan
   * that skips empty values then leaves the secret, and so is empty when nothing else is to be
   * done. What can't be told is false. Default: false.
   *
   * @param ref the secret that it is to be the value of
   */
  default boolean isKnownToBeEmpty(SecretRef ref) {
    return false;
  }

  /** Where the value comes from, as a plan shows it in a few words. */
  default String origin() {
    return "the application";
  }

  /**
   * An environment variable, in UTF-8; one that is not set, is empty or has white space alone
   * yields nothing. The JVM keeps the environment as text that nobody can wipe.
   *
   * <p>The JVM decodes the environment when it starts, and loses what the locale's encoding doesn't
   * have. Reading throws a {@link SecretEncodingException} for a value that may have been changed
   * so: one with U+FFFD in it; and, unless the locale is of UTF-8, one with any character outside
   * ASCII. {@code LANG=C.UTF-8} is the remedy.
   *
   * @throws IllegalArgumentException if it is no name of a variable: empty, longer than 255
   *     characters, or with a character that is no visible ASCII or is {@code =}
   */
  static SecretSource environment(String variable) {
    return new EnvironmentSource(
        requireNonNull(variable, "variable"), System::getenv, DecodedText.ofEnvironment());
  }

  /**
   * The whole content of a file, every byte of it; a file that is missing or empty yields nothing.
   * Reading it throws a {@link SecretLimitException} beyond {@value SecretValue#MAX_SIZE_BYTES}
   * bytes, and a {@link SecretStorageException} for what is not a readable file.
   */
  static SecretSource file(Path file) {
    return new FileSource(requireNonNull(file, "file"), false);
  }

  /**
   * The content of a text file in UTF-8 without the line end at its end, which editors and
   * {@code echo} leave; one with white space alone yields nothing. Otherwise as {@link #file}.
   * Reading it throws a {@link SecretEncodingException} if it isn't plain UTF-8: if it begins with
   * a byte order mark, is UTF-16, or holds U+FFFD.
   */
  static SecretSource textFile(Path file) {
    return new FileSource(requireNonNull(file, "file"), true);
  }

  /**
   * A secret that another manager reads: of another store, of another vault. It is refreshed before
   * it is read, so that neither a cached nor a stale value is applied. One that doesn't exist
   * yields nothing. The manager stays the caller's to close.
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
   * A prompt at the terminal, which doesn't show what is typed; a line that is empty, or has white
   * space alone, yields nothing. Without a terminal reading fails with a
   * {@link SecretPreconditionException}, and with a {@link SecretEncodingException} if the
   * terminal's encoding may have changed what was typed, as {@link #environment} has it.
   */
  static SecretSource prompt() {
    return new PromptSource();
  }
}
