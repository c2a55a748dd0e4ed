package tech.tailor.secretmanager;

/**
 * Whether a text is PEM (RFC 7468, and the header lines that older keys have). Before a block there
 * may be text that explains it, as {@code openssl} writes. It keeps nothing of the text, and
 * doesn't look into what the base64 says.
 */
final class PemText {

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private final char[] text;
  private int lineBegin;
  private int lineEnd;
  private int next;

  private PemText(char[] text) {
    this.text = text;
  }

  static boolean isValid(char[] text) {
    PemText pem = new PemText(text);
    boolean endsWithBlock = false;
    while (pem.nextLine()) {
      if (pem.isDashed()) {
        if (!pem.block()) {
          return false;
        }
        endsWithBlock = true;
      } else if (!pem.isBlank()) {
        endsWithBlock = false; // text, which explains what comes next
      }
    }
    return endsWithBlock;
  }

  /** Whether the line begins like one that begins or ends a block, which text must not. */
  private boolean isDashed() {
    return begins(BEGIN) || begins(END);
  }

  private boolean begins(String prefix) {
    return lineEnd - lineBegin >= prefix.length() && has(prefix, lineBegin);
  }

  /** From a line that begins a block to the one that ends it. */
  private boolean block() {
    if (!isBoundary(BEGIN)) {
      return false;
    }
    int labelBegin = lineBegin + BEGIN.length();
    int labelLength = lineEnd - DASHES.length() - labelBegin;
    if (!nextLine()) {
      return false;
    }
    if (isHeader()) {
      while (!isBlank()) {
        if (!nextLine()) {
          return false;
        }
      }
      if (!nextLine()) {
        return false;
      }
    }
    int characters = 0;
    int padding = 0;
    while (!isBoundary(END)) {
      for (int at = lineBegin; at < lineEnd; at++) {
        if (text[at] == '=') {
          padding++;
        } else if (padding > 0 || !isBase64(text[at])) {
          return false;
        }
        characters++;
      }
      if (!nextLine()) {
        return false;
      }
    }
    return characters > 0
        && characters % 4 == 0
        && padding <= 2
        && isLabel(labelBegin, labelLength);
  }

  /** Whether the line that ends the block names what the one that begins it does. */
  private boolean isLabel(int labelBegin, int labelLength) {
    int begin = lineBegin + END.length();
    if (lineEnd - DASHES.length() - begin != labelLength) {
      return false;
    }
    for (int i = 0; i < labelLength; i++) {
      if (text[begin + i] != text[labelBegin + i]) {
        return false;
      }
    }
    return true;
  }

  private boolean isBoundary(String prefix) {
    return lineEnd - lineBegin >= prefix.length() + DASHES.length()
        && has(prefix, lineBegin)
        && has(DASHES, lineEnd - DASHES.length());
  }

  private boolean has(String expected, int begin) {
    for (int i = 0; i < expected.length(); i++) {
      if (text[begin + i] != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isHeader() {
    for (int at = lineBegin; at < lineEnd; at++) {
      if (text[at] == ':') {
        return true;
      }
    }
    return false;
  }

  private boolean isBlank() {
    return lineBegin == lineEnd;
  }

  /** Moves on to the next line, without the white space at its ends. */
  private boolean nextLine() {
    if (next >= text.length) {
      return false;
    }
    lineBegin = next;
    while (next < text.length && text[next] != '\n' && text[next] != '\r') {
      next++;
    }
    lineEnd = next;
    boolean twofold = next + 1 < text.length && text[next] == '\r' && text[next + 1] == '\n';
    next += twofold ? 2 : 1;
    while (lineBegin < lineEnd && isSpace(text[lineBegin])) {
      lineBegin++;
    }
    while (lineEnd > lineBegin && isSpace(text[lineEnd - 1])) {
      lineEnd--;
    }
    return true;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isBase64(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/';
  }
}
