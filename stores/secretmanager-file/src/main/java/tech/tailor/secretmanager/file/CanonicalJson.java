package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.util.Arrays;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Writes JSON in exactly one way: two spaces a level, one member or element a line, {@code "name":
 * value}, {@code []} for an empty array. It is what {@code JSON.stringify(document, null, 2)}
 * writes, with all that is not printable ASCII escaped as {@code \\u0000}. Only {@link #freeText}
 * needs an escape; the other texts are names of a grammar, hex, base64, timestamps. What it writes,
 * {@link CanonicalInput} reads.
 */
final class CanonicalJson {

  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private byte[] bytes;
  private int size;
  private int depth;
  private boolean empty;

  /** The time that was written last, and how: the next one is often the same. */
  private @Nullable Instant lastTime;

  private String lastTimeText = "";

  /** Creates a writer with space for {@code expectedBytes} bytes, which grows as needed. */
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

  CanonicalJson beginArray(CanonicalMember name) {
    return name(name).begin('[');
  }

  CanonicalJson endArray() {
    return end(']');
  }

  /** An object of texts by name, which is not empty. */
  CanonicalJson texts(CanonicalMember name, SortedMap<String, String> texts) {
    name(name).begin('{');
    texts.forEach((key, value) -> {
      nextLine();
      put('"').put(key).put("\": \"").put(value).put('"');
    });
    return end('}');
  }

  CanonicalJson member(CanonicalMember name, String value) {
    return name(name).put('"').put(value).put('"');
  }

  /** A text of any characters but control characters. */
  CanonicalJson freeText(CanonicalMember name, String value) {
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

  CanonicalJson member(CanonicalMember name, long value) {
    return name(name).put(Long.toString(value));
  }

  CanonicalJson member(CanonicalMember name, Instant time) {
    if (!time.equals(lastTime)) {
      lastTime = time;
      lastTimeText = CanonicalTime.format(time);
    }
    return member(name, lastTimeText);
  }

  CanonicalJson hex(CanonicalMember name, OpaqueBytes value) {
    name(name).put('"');
    for (int i = 0; i < value.sizeBytes(); i++) {
      putHex(value.at(i) & 0xff);
    }
    return put('"');
  }

  CanonicalJson base64(CanonicalMember name, OpaqueBytes value) {
    return name(name).put('"').put(value.toBase64()).put('"');
  }

  /** Begins the last member, a seal of all that was written until its opening quote. */
  CanonicalJson openSeal() {
    return name(CanonicalMember.SEAL).put('"');
  }

  /** Ends the document with what that seal is. */
  CanonicalJson closeSeal(OpaqueBytes seal) {
    return put(seal.toBase64()).put('"').end('}').put('\n');
  }

  int sizeBytes() {
    return size;
  }

  /** What was written so far, and more behind it. No copy; for a reader, before more is written. */
  byte[] buffer() {
    return bytes;
  }

  /** What was written so far. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private CanonicalJson putHex(int value) {
    ensureRoom(2);
    bytes[size++] = HEX[value >> 4];
    bytes[size++] = HEX[value & 0xf];
    return this;
  }

  private CanonicalJson name(CanonicalMember name) {
    if (!empty) {
      put(',');
    }
    empty = false;
    return put(name.at(depth));
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
      put(CanonicalMember.line(depth));
    }
    put(bracket);
    empty = false;
    return this;
  }

  private void nextLine() {
    if (!empty) {
      put(',');
    }
    put(CanonicalMember.line(depth));
    empty = false;
  }

  private CanonicalJson put(char ascii) {
    ensureRoom(1);
    bytes[size++] = (byte) ascii;
    return this;
  }

  private CanonicalJson put(byte[] ascii) {
    ensureRoom(ascii.length);
    System.arraycopy(ascii, 0, bytes, size, ascii.length);
    size += ascii.length;
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
