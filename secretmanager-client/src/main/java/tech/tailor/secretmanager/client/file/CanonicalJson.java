package tech.tailor.secretmanager.client.file;

import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Writes JSON in exactly one way: two spaces a level, one member or element a line, {@code "name":
 * value}, {@code []} for an empty array. It is what {@code JSON.stringify(document, null, 2)}
 * writes, with all that is not printable ASCII escaped as {@code \\u0000}. Only {@link #freeText}
 * needs an escape; the other texts are names of a grammar, hex, base64, timestamps. What it writes,
 * {@link CanonicalInput} reads.
 */
final class CanonicalJson {

  /** How deep a document is, the lines outside of it included; the format needs fewer. */
  static final int DEPTHS = 12;

  /** A line's beginning, by depth. */
  private static final String[] LINES = IntStream.range(0, DEPTHS)
      .mapToObj(depth -> "\n" + "  ".repeat(depth))
      .toArray(String[]::new);

  private static final String HEX = "0123456789abcdef";
  private static final String BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private byte[] bytes;
  private int size;
  private int depth;
  private boolean empty;

  /** With room for so many bytes; it makes more when it needs it. */
  CanonicalJson(int expectedBytes) {
    bytes = new byte[Math.max(expectedBytes, 1024)];
  }

  /** Begins the document, or an element of an array. */
  CanonicalJson beginObject() {
    if (depth > 0) {
      nextLine();
    }
    return begin('{');
  }

  CanonicalJson endObject() {
    return end('}');
  }

  CanonicalJson beginObject(String name) {
    return name(name).begin('{');
  }

  CanonicalJson beginArray(String name) {
    return name(name).begin('[');
  }

  CanonicalJson endArray() {
    return end(']');
  }

  CanonicalJson member(String name, String value) {
    return name(name).put('"').put(value).put('"');
  }

  /** A text of any characters but control characters. */
  CanonicalJson freeText(String name, String value) {
    name(name).put('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        put('\\').put(c);
      } else if (c >= ' ' && c <= '~') {
        put(c);
      } else {
        put("\\u").putHex(c >> 8).putHex(c & 0xff);
      }
    }
    return put('"');
  }

  CanonicalJson member(String name, long value) {
    return name(name).put(Long.toString(value));
  }

  CanonicalJson member(String name, Instant time) {
    return member(name, CanonicalTime.format(time));
  }

  CanonicalJson hex(String name, OpaqueBytes value) {
    name(name).put('"');
    for (int i = 0; i < value.sizeBytes(); i++) {
      putHex(value.at(i) & 0xff);
    }
    return put('"');
  }

  CanonicalJson base64(String name, OpaqueBytes value) {
    openText(name);
    int length = value.sizeBytes();
    ensureRoom((length + 2) / 3 * 4);
    int from = 0;
    for (; from + 3 <= length; from += 3) {
      putBase64(value.at(from), value.at(from + 1), value.at(from + 2), 4);
    }
    if (from < length) {
      boolean two = from + 2 == length;
      putBase64(value.at(from), two ? value.at(from + 1) : 0, (byte) 0, two ? 3 : 2);
      put(two ? "=" : "==");
    }
    return put('"');
  }

  /** Begins a member whose value is a text that somebody else writes, up to its opening quote. */
  CanonicalJson openText(String name) {
    return name(name).put('"');
  }

  /** What was written so far. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void putBase64(byte first, byte second, byte third, int digits) {
    int three = (first & 0xff) << 16 | (second & 0xff) << 8 | (third & 0xff);
    for (int digit = 0; digit < digits; digit++) {
      bytes[size++] = (byte) BASE64.charAt(three >> (18 - 6 * digit) & 0x3f);
    }
  }

  private CanonicalJson putHex(int value) {
    return put(HEX.charAt(value >> 4)).put(HEX.charAt(value & 0xf));
  }

  private CanonicalJson name(String name) {
    nextLine();
    return put('"').put(name).put("\": ");
  }

  private CanonicalJson begin(char bracket) {
    put(bracket);
    depth++;
    empty = true;
    return this;
  }

  private CanonicalJson end(char bracket) {
    depth--;
    if (!empty) {
      put(LINES[depth]);
    }
    put(bracket);
    empty = false;
    return this;
  }

  private void nextLine() {
    if (!empty) {
      put(',');
    }
    put(LINES[depth]);
    empty = false;
  }

  private CanonicalJson put(char ascii) {
    ensureRoom(1);
    bytes[size++] = (byte) ascii;
    return this;
  }

  private CanonicalJson put(String ascii) {
    int length = ascii.length();
    ensureRoom(length);
    for (int i = 0; i < length; i++) {
      bytes[size + i] = (byte) ascii.charAt(i);
    }
    size += length;
    return this;
  }

  private void ensureRoom(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
    }
  }
}
