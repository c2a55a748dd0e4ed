package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Reads JSON that was written by {@link CanonicalJson}, and no other: what it takes, it would write
 * with the same bytes. Each byte is looked at once, and nothing is read ahead of it.
 */
final class CanonicalInput {

  private static final byte[] HEX = digits("0123456789abcdef");
  private static final byte[] BASE64 =
      digits("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  private static final byte NO_DIGIT = -1;

  private final byte[] bytes;

  /** Holds decoded bytes until their number is known; has space for three bytes more. */
  private byte[] scratch = new byte[1024];

  private int at;
  private int depth;
  private boolean empty;

  CanonicalInput(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The bytes are no document of this form. The message tells where, and never what stood there.
   */
  static class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Returns how many bytes precede the text of the next member, which has that name. */
  int positionOfText(CanonicalMember name) {
    return afterName(name) + 1; // if it is another member, reading it fails
  }

  /** The document begins. */
  void beginDocument() throws MalformedException {
    expect('{');
    open();
  }

  /** An object ends, the document included. */
  void endObject() throws MalformedException {
    depth--;
    expectLine();
    expect('}');
    empty = false;
  }

  /** The bytes end, with one line feed. */
  void endDocument() throws MalformedException {
    expect('\n');
    require(at == bytes.length, "more after the end");
  }

  void beginArray(CanonicalMember name) throws MalformedException {
    name(name);
    expect('[');
    open();
  }

  /** Whether another object of the array begins; else the array has ended. */
  boolean nextElement() throws MalformedException {
    boolean first = empty;
    if (first ? is(']') : !is(',')) {
      depth--;
      if (!first) {
        expectLine();
      }
      expect(']');
      empty = false;
      return false;
    }
    nextLine();
    expect('{');
    open();
    return true;
  }

  /** An object begins whose members are texts of any name. */
  void beginTexts(CanonicalMember name) throws MalformedException {
    name(name);
    expect('{');
    open();
  }

  /** The name of the next text; null if the object has ended, which has one at least. */
  @Nullable
  String nextName() throws MalformedException {
    if (!empty && !is(',')) {
      endObject();
      return null;
    }
    nextLine();
    String name = quoted();
    expect(':');
    expect(' ');
    return name;
  }

  /** Whether the next member has that name. */
  boolean isNext(CanonicalMember name) {
    return afterName(name) >= 0;
  }

  /** A text without anything that needs an escape; what it holds is for others to check. */
  String text(CanonicalMember name) throws MalformedException {
    name(name);
    return quoted();
  }

  /** The value of what {@link #nextName} named. */
  String quoted() throws MalformedException {
    expect('"');
    int from = at;
    int end = endOfText();
    for (int i = from; i < end; i++) {
      byte c = bytes[i];
      if (c < ' ' || c > '~' || c == '\\') {
        throw malformed("no plain text");
      }
    }
    at = end + 1;
    return new String(bytes, from, end - from, ISO_8859_1);
  }

  /** A text whose characters beyond printable ASCII are escaped. */
  String freeText(CanonicalMember name) throws MalformedException {
    name(name);
    expect('"');
    StringBuilder text = new StringBuilder();
    while (!is('"')) {
      require(text.length() < StoreLimits.TEXT_LENGTH, "a text that is too long");
      text.append(is('\\') ? escaped() : printable());
    }
    at++;
    return text.toString();
  }

  long number(CanonicalMember name) throws MalformedException {
    name(name);
    int from = at;
    long number = 0;
    while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
      int digit = bytes[at] - '0';
      require(number <= (Long.MAX_VALUE - digit) / 10, "a number that is too large");
      number = number * 10 + digit;
      at++;
    }
    require(at > from && (at == from + 1 || bytes[from] != '0'), "no number");
    return number;
  }

  OpaqueBytes hex(CanonicalMember name, int sizeBytes) throws MalformedException {
    name(name);
    expect('"');
    require(bytes.length - at > 2 * sizeBytes, "no end of the text");
    byte[] decoded = new byte[sizeBytes];
    int from = at;
    int all = 0;
    for (int i = 0; i < sizeBytes; i++) {
      int high = HEX[bytes[from + 2 * i] & 0xff];
      int low = HEX[bytes[from + 2 * i + 1] & 0xff];
      all |= high | low;
      decoded[i] = (byte) (high << 4 | low);
    }
    require(all >= 0, "no hex digits");
    at = from + 2 * sizeBytes;
    expect('"');
    return OpaqueBytes.adopt(decoded);
  }

  OpaqueBytes base64(CanonicalMember name) throws MalformedException {
    name(name);
    expect('"');
    int from = at;
    int next = at; // a local one, as the array: fields would be read again after each byte
    byte[] text = bytes;
    int to = 0;
    byte[] decoded = scratch;
    while (text.length - next >= 4) {
      int four = BASE64[text[next] & 0xff] << 18
          | BASE64[text[next + 1] & 0xff] << 12
          | BASE64[text[next + 2] & 0xff] << 6
          | BASE64[text[next + 3] & 0xff];
      if (four < 0) {
        break;
      }
      if (to + 6 > decoded.length) {
        require(next - from < StoreLimits.TEXT_LENGTH, "a text that is too long");
        scratch = Arrays.copyOf(decoded, 2 * decoded.length);
        decoded = scratch;
      }
      decoded[to] = (byte) (four >> 16);
      decoded[to + 1] = (byte) (four >> 8);
      decoded[to + 2] = (byte) four;
      to += 3;
      next += 4;
    }
    at = next;
    if (!is('"')) {
      to = lastBase64(decoded, to);
    }
    require(at - from <= StoreLimits.TEXT_LENGTH, "a text that is too long");
    expect('"');
    return OpaqueBytes.adopt(Arrays.copyOf(decoded, to));
  }

  /**
   * The last four characters, of which one or two are padding. Returns how many bytes there are.
   */
  private int lastBase64(byte[] decoded, int size) throws MalformedException {
    require(bytes.length - at > 4 && bytes[at + 3] == '=', "no base64");
    boolean two = bytes[at + 2] == '=';
    int three = BASE64[bytes[at] & 0xff] << 12
        | BASE64[bytes[at + 1] & 0xff] << 6
        | (two ? 0 : BASE64[bytes[at + 2] & 0xff]);
    int unusedBits = two ? 0x3c0 : 0x3;
    require(three >= 0 && (three & unusedBits) == 0, "no base64");
    decoded[size] = (byte) (three >> 10);
    if (!two) {
      decoded[size + 1] = (byte) (three >> 2);
    }
    at += 4;
    return size + (two ? 1 : 2);
  }

  Instant time(CanonicalMember name) throws MalformedException {
    name(name);
    expect('"');
    int from = at;
    int end = endOfText();
    try {
      Instant time = CanonicalTime.parse(bytes, from, end);
      at = end + 1;
      return time;
    } catch (DateTimeException e) {
      throw malformed("no time");
    }
  }

  MalformedException malformed(String what) {
    return new MalformedException(what + " at byte " + at);
  }

  void require(boolean holds, String otherwise) throws MalformedException {
    if (!holds) {
      throw malformed(otherwise);
    }
  }

  private void open() {
    depth++;
    empty = true;
  }

  private void name(CanonicalMember name) throws MalformedException {
    int after = afterName(name);
    if (after < 0) {
      throw malformed("no member \"" + name + "\"");
    }
    at = after;
    empty = false;
  }

  /** Where the value of the next member is, if it has that name; else less than 0. */
  private int afterName(CanonicalMember name) {
    byte[] expected = name.at(depth);
    int from = empty ? at : at + 1;
    int end = from + expected.length;
    boolean isNext = end <= bytes.length
        && (empty || bytes[at] == ',')
        && Arrays.equals(bytes, from, end, expected, 0, expected.length);
    return isNext ? end : -1;
  }

  private void nextLine() throws MalformedException {
    if (!empty) {
      expect(',');
    }
    expectLine();
    empty = false;
  }

  private void expectLine() throws MalformedException {
    byte[] line = CanonicalMember.line(depth);
    require(
        bytes.length - at >= line.length
            && Arrays.equals(bytes, at, at + line.length, line, 0, line.length),
        "another white space");
    at += line.length;
  }

  private boolean is(char expected) {
    return at < bytes.length && bytes[at] == expected;
  }

  private void expect(char expected) throws MalformedException {
    if (!is(expected)) {
      throw malformed("no '" + expected + "'");
    }
    at++;
  }

  /** Where the quote is that ends a text without escapes. */
  private int endOfText() throws MalformedException {
    int limit = Math.min(bytes.length, at + StoreLimits.TEXT_LENGTH + 1);
    int end = at;
    while (end < limit && bytes[end] != '"') {
      end++;
    }
    require(end < limit, end < bytes.length ? "a text that is too long" : "no end of the text");
    return end;
  }

  private char printable() throws MalformedException {
    require(at < bytes.length && bytes[at] >= ' ' && bytes[at] <= '~', "no printable character");
    return (char) bytes[at++];
  }

  /** What stands for a character that can't stand for itself. */
  private char escaped() throws MalformedException {
    at++;
    if (is('"') || is('\\')) {
      return (char) bytes[at++];
    }
    expect('u');
    require(bytes.length - at >= 4, "no end of the escape");
    int c = 0;
    for (int i = 0; i < 4; i++) {
      int digit = HEX[bytes[at] & 0xff];
      require(digit >= 0, "no hex digit");
      c = c << 4 | digit;
      at++;
    }
    require(c < ' ' || c > '~', "an escape that is not needed");
    return (char) c;
  }

  private static byte[] digits(String alphabet) {
    byte[] values = new byte[256];
    Arrays.fill(values, NO_DIGIT);
    for (int value = 0; value < alphabet.length(); value++) {
      values[alphabet.charAt(value)] = (byte) value;
    }
    return values;
  }
}
