package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** The forms that programs write a value in. Each copy is wiped as soon as it was looked at. */
final class ValueForms {

  private static final int SHORTEST = Fingerprints.WINDOW;

  private static final int MUST = 0;
  private static final int SLASH = 1;
  private static final int NOT_ASCII = 2;
  private static final int UNSAFE_IN_HTML = 4;

  private static final byte[] UPPER = "0123456789ABCDEF".getBytes(US_ASCII);
  private static final byte[] LOWER = "0123456789abcdef".getBytes(US_ASCII);

  private ValueForms() {}

  /**
   * Gives the forms of a value, those that are long enough. A form may come twice.
   *
   * @param value is not changed
   * @param action is given arrays that are wiped when it returns
   */
  static void forEach(byte[] value, Consumer<byte[]> action) {
    give(value.clone(), action);
    giveJsonEscaped(value, 0, value.length, action);
    forEachLine(value, action);
    if (value.length < SHORTEST) {
      return; // encoded, a few letters would be found in anything
    }
    give(percentEncoded(value, false, UPPER), action);
    give(percentEncoded(value, false, LOWER), action);
    give(percentEncoded(value, true, UPPER), action);
    give(shellQuoted(value), action);
    give(hex(value, LOWER), action);
    give(hex(value, UPPER), action);
    for (int before = 0; before < 3; before++) {
      byte[] encoded = base64(value, before);
      give(urlSafe(encoded), action);
      give(encoded, action);
    }
  }

  private static void give(byte[] form, Consumer<byte[]> action) {
    try {
      if (form.length >= SHORTEST) {
        action.accept(form);
      }
    } finally {
      Arrays.fill(form, (byte) 0);
    }
  }

  /** Without what surrounds every key and certificate. */
  private static void forEachLine(byte[] value, Consumer<byte[]> action) {
    int from = 0;
    for (int at = 0; at <= value.length; at++) {
      if (at == value.length || value[at] == '\n' || value[at] == '\r') {
        int start = from;
        int end = at;
        while (start < end && isBlank(value[start])) {
          start++;
        }
        while (end > start && isBlank(value[end - 1])) {
          end--;
        }
        boolean isPemBoundary = end - start >= 5 && value[start] == '-' && value[start + 4] == '-';
        if (end - start >= SHORTEST && !isPemBoundary) {
          give(Arrays.copyOfRange(value, start, end), action);
          giveJsonEscaped(value, start, end, action);
        }
        from = at + 1;
      }
    }
  }

  private static boolean isBlank(byte character) {
    return character == ' ' || character == '\t';
  }

  /** Gives the forms of several writers of JSON, which differ in what they escape. */
  private static void giveJsonEscaped(byte[] value, int from, int to, Consumer<byte[]> action) {
    give(jsonEscaped(value, from, to, MUST, LOWER), action);
    give(jsonEscaped(value, from, to, SLASH, UPPER), action);
    if (to - from < SHORTEST) {
      return;
    }
    boolean isAscii = true;
    boolean isSafeInHtml = true;
    for (int at = from; at < to; at++) {
      isAscii &= value[at] >= 0;
      isSafeInHtml &= !isUnsafeInHtml(value[at]);
    }
    if (!isAscii) { // Python's, PHP's and Jackson's
      give(jsonEscaped(value, from, to, NOT_ASCII, LOWER), action);
      give(jsonEscaped(value, from, to, SLASH | NOT_ASCII, LOWER), action);
      give(jsonEscaped(value, from, to, NOT_ASCII, UPPER), action);
    }
    if (!isSafeInHtml) { // Gson's
      give(jsonEscaped(value, from, to, UNSAFE_IN_HTML, LOWER), action);
    }
  }

  private static boolean isUnsafeInHtml(byte character) {
    return "<>&='".indexOf(character) >= 0;
  }

  /**
   * Returns the text of a JSON string.
   *
   * @param what the flags of what is escaped in addition to quotes, backslashes and control
   *     characters
   */
  private static byte[] jsonEscaped(byte[] value, int from, int to, int what, byte[] digits) {
    Wiped escaped = new Wiped(6 * (to - from));
    for (int at = from; at < to; at++) {
      byte next = value[at];
      int named = "\b\t\n\f\r".indexOf(next);
      if (next == '"' || next == '\\' || (next == '/' && (what & SLASH) != 0)) {
        escaped.add('\\').add(next);
      } else if (named >= 0) {
        escaped.add('\\').add("btnfr".charAt(named));
      } else if (next >= 0
          && (next < ' ' || (isUnsafeInHtml(next) && (what & UNSAFE_IN_HTML) != 0))) {
        escaped.addUnicode(next, digits);
      } else if (next < 0 && (what & NOT_ASCII) != 0) {
        int end = at + 1;
        while (end < to && isContinuation(value[end])) {
          end++;
        }
        addCharacter(escaped, value, at, end, digits);
        at = end - 1;
      } else {
        escaped.add(next);
      }
    }
    return escaped.take();
  }

  /** Escapes one character of several bytes. Malformed UTF-8 gives a form that no text holds. */
  private static void addCharacter(Wiped escaped, byte[] value, int from, int to, byte[] digits) {
    int codePoint = value[from] & (0xff >> Math.min(to - from + 1, 7));
    for (int at = from + 1; at < to; at++) {
      codePoint = codePoint << 6 | (value[at] & 0x3f);
    }
    if (codePoint > 0xffff) {
      escaped.addUnicode(Character.highSurrogate(codePoint), digits);
      escaped.addUnicode(Character.lowSurrogate(codePoint), digits);
    } else {
      escaped.addUnicode(codePoint, digits);
    }
  }

  private static boolean isContinuation(byte next) {
    return (next & 0xc0) == 0x80;
  }

  private static byte[] percentEncoded(byte[] value, boolean plusForSpace, byte[] digits) {
    IntPredicate isPlain = plusForSpace
        ? c -> isLetterOrDigit(c) || "-_.*".indexOf(c) >= 0
        : c -> isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0;
    Wiped encoded = new Wiped(3 * value.length);
    for (byte next : value) {
      if (isPlain.test(next)) {
        encoded.add(next);
      } else if (plusForSpace && next == ' ') {
        encoded.add('+');
      } else {
        encoded.add('%').addHex(next, digits);
      }
    }
    return encoded.take();
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** Within single quotes, as for a POSIX shell. */
  private static byte[] shellQuoted(byte[] value) {
    Wiped quoted = new Wiped(4 * value.length);
    for (byte next : value) {
      if (next == '\'') {
        quoted.add('\'').add('\\').add('\'');
      }
      quoted.add(next);
    }
    return quoted.take();
  }

  private static byte[] hex(byte[] value, byte[] digits) {
    Wiped hex = new Wiped(2 * value.length);
    for (byte next : value) {
      hex.addHex(next, digits);
    }
    return hex.take();
  }

  /** What of Base64 depends on the value alone, where it begins after so many bytes. */
  private static byte[] base64(byte[] value, int before) {
    byte[] shifted = new byte[before + value.length];
    System.arraycopy(value, 0, shifted, before, value.length);
    byte[] encoded = Base64.getEncoder().encode(shifted);
    byte[] part = Arrays.copyOfRange(encoded, (before * 8 + 5) / 6, shifted.length * 8 / 6);
    Arrays.fill(shifted, (byte) 0);
    Arrays.fill(encoded, (byte) 0);
    return part;
  }

  private static byte[] urlSafe(byte[] base64) {
    byte[] safe = base64.clone();
    for (int at = 0; at < safe.length; at++) {
      safe[at] = safe[at] == '+' ? (byte) '-' : safe[at] == '/' ? (byte) '_' : safe[at];
    }
    return safe;
  }

  /** Bytes that are added one by one, of which no copy stays. */
  private static final class Wiped {

    private final byte[] bytes;
    private int size;

    Wiped(int mostBytes) {
      this.bytes = new byte[mostBytes];
    }

    Wiped add(int next) {
      bytes[size++] = (byte) next;
      return this;
    }

    void addHex(byte next, byte[] digits) {
      add(digits[(next & 0xf0) >> 4]).add(digits[next & 0xf]);
    }

    void addUnicode(int character, byte[] digits) {
      add('\\').add('u');
      addHex((byte) (character >> 8), digits);
      addHex((byte) character, digits);
    }

    byte[] take() {
      byte[] all = Arrays.copyOf(bytes, size);
      Arrays.fill(bytes, (byte) 0);
      return all;
    }
  }
}
