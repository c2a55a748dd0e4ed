package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A value that occurs nowhere else, and all the shapes in which it could come to light.
 *
 * @param text the value
 */
record Canary(String text) {

  private static final String LETTERS_AND_DIGITS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int LENGTH = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new one of letters and digits, which most encodings leave as it is. */
  static Canary plain() {
    return new Canary(RANDOM
        .ints(LENGTH, 0, LETTERS_AND_DIGITS.length())
        .mapToObj(i -> LETTERS_AND_DIGITS.substring(i, i + 1))
        .collect(Collectors.joining()));
  }

  /** A new one that encodings change: quotes, a backslash, control and non-ASCII characters. */
  static Canary awkward() {
    String plain = plain().text();
    return new Canary(plain.substring(0, 8) + "\"\\/\n\té€<&'" + plain.substring(8));
  }

  /** The base64 of a new key of 32 bytes. */
  static Canary key() {
    byte[] key = new byte[32];
    RANDOM.nextBytes(key);
    return new Canary(Base64.getEncoder().encodeToString(key));
  }

  /** Each shape by its name. */
  Map<String, byte[]> shapes() {
    Map<String, byte[]> shapes = new LinkedHashMap<>();
    byte[] bytes = text.getBytes(UTF_8);
    shapes.put("raw", bytes);
    shapes.put("first half", text.substring(0, text.length() / 2).getBytes(UTF_8));
    shapes.put("second half", text.substring(text.length() / 2).getBytes(UTF_8));
    shapes.put("ISO-8859-1", text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    shapes.put("UTF-16LE", text.getBytes(UTF_16LE));
    shapes.put("UTF-16BE", text.getBytes(UTF_16BE));
    for (int offset = 0; offset < 3; offset++) {
      shapes.put("base64 at " + offset, base64(Base64.getEncoder(), bytes, offset));
      shapes.put("base64url at " + offset, base64(Base64.getUrlEncoder(), bytes, offset));
    }
    String hex = HexFormat.of().formatHex(bytes);
    shapes.put("hex", ascii(hex));
    shapes.put("HEX", ascii(hex.toUpperCase(Locale.ROOT)));
    shapes.put("hex with spaces", ascii(HexFormat.ofDelimiter(" ").formatHex(bytes)));
    shapes.put("hex with colons", ascii(HexFormat.ofDelimiter(":").formatHex(bytes)));
    String form = URLEncoder.encode(text, UTF_8);
    shapes.put("form", ascii(form));
    shapes.put("URL", ascii(form.replace("+", "%20")));
    shapes.put("JSON", json("").getBytes(UTF_8));
    shapes.put("JSON fit for HTML", json("<>&='").getBytes(UTF_8));
    shapes.put("JSON in ASCII", json("é€").getBytes(UTF_8));
    shapes.put("numbers", ascii(inside(Arrays.toString(bytes))));
    shapes.put("numbers without spaces", ascii(inside(Arrays.toString(bytes)).replace(" ", "")));
    shapes.put("characters", inside(Arrays.toString(text.toCharArray())).getBytes(UTF_8));
    return shapes;
  }

  /**
   * What doesn't depend on the bytes around it when it begins at the offset in a group of three.
   */
  private static byte[] base64(Base64.Encoder encoder, byte[] bytes, int offset) {
    byte[] padded = new byte[offset + bytes.length];
    System.arraycopy(bytes, 0, padded, offset, bytes.length);
    String encoded = encoder.withoutPadding().encodeToString(padded);
    int from = offset == 0 ? 0 : offset + 1;
    int to = padded.length / 3 * 4;
    return ascii(encoded.substring(from, to));
  }

  /** As JSON, with the given characters escaped beyond what JSON asks for. */
  private String json(String escaped) {
    return text.chars()
        .mapToObj(c -> switch (c) {
          case '"' -> "\\\"";
          case '\\' -> "\\\\";
          case '\n' -> "\\n";
          case '\t' -> "\\t";
          default -> escaped.indexOf(c) < 0 ? Character.toString(c) : String.format("\\u%04x", c);
        })
        .collect(Collectors.joining());
  }

  private static String inside(String list) {
    return list.substring(1, list.length() - 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(UTF_8);
  }
}
