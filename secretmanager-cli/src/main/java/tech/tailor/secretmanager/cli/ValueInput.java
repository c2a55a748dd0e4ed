package tech.tailor.secretmanager.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/**
 * Where a new value comes from: a file, standard input, a hidden prompt; or an option, which the
 * shell's history keeps.
 */
final class ValueInput {

  @Option(
      names = {"-v", "--value"},
      paramLabel = "VALUE",
      description = "The value itself; the shell's history keeps it. Without it, the value is read"
          + " from standard input, or asked for without being shown.")
  @Nullable
  String value;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "A file whose every byte is the value.")
  @Nullable
  Path file;

  @Option(names = "--allow-empty", description = "Accept an empty value.")
  boolean allowEmpty;

  /** Reads the value, which the caller closes. */
  SecretValue read(SecretRef ref, Io io, Output output) throws IOException {
    if (value != null && file != null) {
      throw CliException.usage("Give one of --value and --file.");
    }
    SecretValue read = readAny(ref, io, output);
    boolean empty = read.<Boolean, RuntimeException>withBytes(bytes -> bytes.length == 0);
    if (empty && !allowEmpty) {
      read.close();
      throw CliException.of(
          "SECRET_VALUE_REQUIRED",
          "The value of secret " + ref + " is empty.",
          "Pipe it to standard input, or add --allow-empty if that is meant.");
    }
    return read;
  }

  private SecretValue readAny(SecretRef ref, Io io, Output output) throws IOException {
    if (value != null) {
      output.warn(
          "--value stays in the shell's history; pipe the value to standard input instead.");
      Arguments.requireExact(value);
      return SecretValue.of(value);
    }
    if (file != null) {
      return fromFile(file);
    }
    if (!io.terminal().isInput()) {
      return fromStandardInput(io);
    }
    if (!io.canAsk()) {
      throw CliException.of(
          "INTERACTIVE_PROMPT_REQUIRED",
          "There is no value, and nobody is asked in CI.",
          "Pipe it to standard input.");
    }
    char[] typed = io.terminal().readHidden("Value of " + ref + " (not shown): ");
    if (typed == null) {
      throw CliException.of("CANCELLED", "Cancelled; nothing was changed.");
    }
    try {
      return SecretValue.copyOf(typed);
    } finally {
      Arrays.fill(typed, '\0');
    }
  }

  private static SecretValue fromFile(Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "The file " + SecretSupport.quote(file) + " is missing or can't be read.",
          "Check the path and its mode.");
    }
    try (InputStream input = new FileInputStream(file.toFile())) {
      return of(input.readNBytes(SecretValue.MAX_SIZE_BYTES + 1));
    }
  }

  /** Text in UTF-8, without one line end at its end. */
  private static SecretValue fromStandardInput(Io io) throws IOException {
    byte[] bytes = io.in().readNBytes(SecretValue.MAX_SIZE_BYTES + 3);
    int end = bytes.length;
    if (end > 0 && bytes[end - 1] == '\n') {
      end -= end > 1 && bytes[end - 2] == '\r' ? 2 : 1;
    }
    byte[] text = Arrays.copyOf(bytes, end);
    Arrays.fill(bytes, (byte) 0);
    SecretValue value = of(text);
    try {
      value.<Boolean, RuntimeException>withChars(chars -> true);
      return value;
    } catch (SecretEncodingException e) {
      value.close();
      throw CliException.of(
          "SECRET_VALUE_INVALID_UTF8",
          "The value on standard input is not UTF-8 text.",
          "Give binary values with --file, or encode them in base64.");
    }
  }

  private static SecretValue of(byte[] bytes) {
    if (bytes.length > SecretValue.MAX_SIZE_BYTES) {
      Arrays.fill(bytes, (byte) 0);
      throw CliException.of(
          "SECRET_VALUE_TOO_LARGE",
          "The value is larger than 128 KiB, the most that a secret holds.",
          "Store the data elsewhere, encrypted, and its key as a secret.");
    }
    try {
      return SecretValue.copyOf(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
