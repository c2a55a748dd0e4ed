package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A token at rest: no text that a mapper or a dump of fields would print, until it is needed as
 * one.
 */
final class HeldToken {

  /** Transient, because mappers that read private fields, as Gson does, leave such fields out. */
  private final transient byte[] ascii;

  HeldToken(String token) {
    this.ascii = token.getBytes(US_ASCII);
  }

  String text() {
    return new String(ascii, US_ASCII);
  }

  /** Returns the same text for every token. */
  @Override
  public String toString() {
    return "HeldToken[redacted]";
  }
}
