package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tech.tailor.secretmanager.SecretUnavailableException;

/** What may be a token, and where the CLI's users keep one. */
final class Tokens {

  static final List<String> VARIABLES = List.of("TAILOR_PLATFORM_TOKEN", "TAILOR_TOKEN");

  private Tokens() {}

  /**
   * A token that may stand in a header.
   *
   * @param what names it in a message
   */
  static String require(String token, String what) {
    if (!isValid(token)) {
      throw new IllegalArgumentException(what + " must be 1 to " + HttpLimits.TOKEN_LENGTH
          + " visible ASCII characters, without white space; it is not shown here");
    }
    return token;
  }

  static boolean isValid(String token) {
    return !token.isEmpty()
        && token.length() <= HttpLimits.TOKEN_LENGTH
        && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** The token in a file, as it stands there now. */
  static String read(Path file) {
    try (InputStream in = open(file)) {
      return new String(in.readNBytes(HttpLimits.TOKEN_LENGTH + 1), US_ASCII).strip();
    } catch (IOException e) {
      throw new SecretUnavailableException("The file of the access token, " + quote(file)
          + ", can't be read: " + e.getClass().getSimpleName());
    }
  }

  /**
   * Opens a file that is read at once: opening a pipe would wait for a writer.
   *
   * @throws SecretUnavailableException if there is something else than a file, or a link to one
   */
  static InputStream open(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new SecretUnavailableException("The file " + quote(file)
          + " can't be read: it is not a regular file; a pipe could be read only once");
    }
    return Files.newInputStream(file);
  }
}
