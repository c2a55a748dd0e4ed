package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tech.tailor.secretmanager.SecretSupport;

/** Files that users name: read whole and strictly, with a line for what keeps them from it. */
final class TextFile {

  /** More is a mistake: 10,000 secrets of a kilobyte are a sixth of it. */
  private static final long MAX_BYTES = 64L << 20;

  private TextFile() {}

  /**
   * The text of a file, without a byte order mark.
   *
   * @throws CliException if it is missing, can't be read, is too large or isn't UTF-8
   */
  static String read(Path file) {
    String name = SecretSupport.quote(file);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw CliException.of("INVALID_ARGUMENT", "The file " + name + " is larger than 64 MiB.");
      }
      return decoded(Files.readAllBytes(file), "The file " + name);
    } catch (NoSuchFileException e) {
      throw CliException.of(
          "INVALID_ARGUMENT", "There is no file " + name + ".", "Check the path.");
    } catch (IOException e) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "The file " + name + " can't be read (" + e.getClass().getSimpleName() + ").",
          "Check its mode and owner.");
    }
  }

  /** Bytes as text, strictly. */
  static String decoded(byte[] bytes, String what) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw CliException.of(
          "SECRET_VALUE_INVALID_UTF8", what + " is not UTF-8.", "Save it as UTF-8.");
    }
  }
}
