package tech.tailor.secretmanager.cli;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** A secret and the variable that a program finds it in. Holds the value until it is closed. */
final class SecretInEnvironment implements AutoCloseable {

  private static final Charset LOCALE =
      Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

  private final String variable;
  private final byte[] bytes;

  /**
   * Copies the value.
   *
   * @throws CliException if no variable can hold it. The JDK would quote it in its message
   */
  SecretInEnvironment(String variable, SecretRef ref, SecretValue value) {
    this.variable = variable;
    requireText(ref, value);
    this.bytes = value.<byte[], RuntimeException>withBytes(byte[]::clone);
    for (byte next : bytes) {
      if (next == 0) {
        close();
        throw CliException.usage("The secret " + ref + " holds a NUL character, and a variable"
            + " can't; give the program a file instead, or encode the value in base64.");
      }
    }
  }

  private static void requireText(SecretRef ref, SecretValue value) {
    try {
      value.<Boolean, RuntimeException>withChars(chars -> true);
    } catch (SecretEncodingException e) {
      throw CliException.of(
          "SECRET_VALUE_INVALID_UTF8",
          "The secret " + ref + " is not UTF-8 text, and a variable holds text.",
          "Encode the value in base64.");
    }
  }

  String variable() {
    return variable;
  }

  /** The value, which stays this object's. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * The value as the JDK hands it to a program: it encodes it once more, as the locale says.
   *
   * @throws CliException if the locale's encoding would change it
   */
  String text() {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (!Arrays.equals(text.getBytes(LOCALE), bytes)) {
      throw CliException.usage("The value for " + variable + " has characters that the locale's"
          + " encoding doesn't keep; set LANG=C.UTF-8.");
    }
    return text;
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }
}
