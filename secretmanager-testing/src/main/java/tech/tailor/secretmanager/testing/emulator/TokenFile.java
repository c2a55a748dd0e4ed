package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that holds one access token, with white space around it or none. */
final class TokenFile {

  private static final int MAX_BYTES = 8_192;

  private TokenFile() {}

  /**
   * The token in the file, which is made with a token that is made up where it is missing.
   *
   * @throws IllegalArgumentException if the file holds anything but one token
   * @throws UncheckedIOException if it can't be read or made
   */
  static String tokenIn(Path file) {
    try {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? read(file) : make(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file of a token, " + file + ", can't be read or made ("
              + e.getClass().getSimpleName()
              + "); it must be a readable file, or be missing in a directory that is there",
          e);
    }
  }

  private static String read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES);
    }
    String token = new String(bytes, ISO_8859_1).strip();
    if (!Tokens.isWellFormed(token)) {
      throw new IllegalArgumentException(
          "The file of a token, " + file + ", must hold one token and nothing else; " + Tokens.RULE
              + ". Where the file is missing, one is made up");
    }
    return token;
  }

  private static String make(Path file) throws IOException {
    String token = Tokens.random();
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, (token + "\n").getBytes(US_ASCII), StandardOpenOption.WRITE);
    return token;
  }
}
