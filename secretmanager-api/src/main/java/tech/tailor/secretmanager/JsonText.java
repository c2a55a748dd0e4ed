package tech.tailor.secretmanager;

/**
 * Whether a text is JSON (RFC 8259). A recogniser and not a parser: it keeps nothing of the text,
 * which may be secret; a JSON library would keep it in buffers that it uses again.
 */
final class JsonText {

  private static final int MAX_DEPTH = 64;

  private final char[] text;
  private int at;

  private JsonText(char[] text) {
    this.text = text;
  }

  static boolean isValid(char[] text) {
    JsonText json = new JsonText(text);
    return json.value(0) && json.isEnd();
  }

  private boolean value(int depth) {
    skipWhiteSpace();
    return switch (peek()) {
      case '{' -> depth < MAX_DEPTH && object(depth + 1);
      case '[' -> depth < MAX_DEPTH && array(depth + 1);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  private boolean object(int depth) {
    at++;
    skipWhiteSpace();
    if (accept('}')) {
      return true;
    }
    do {
      skipWhiteSpace();
      if (!string()) {
        return false;
      }
      skipWhiteSpace();
      if (!accept(':') || !value(depth)) {
        return false;
      }
      skipWhiteSpace();
    } while (accept(','));
    return accept('}');
  }

  private boolean array(int depth) {
    at++;
    skipWhiteSpace();
    if (accept(']')) {
      return true;
    }
    do {
      if (!value(depth)) {
        return false;
      }
      skipWhiteSpace();
    } while (accept(','));
    return accept(']');
  }

  private boolean string() {
    if (!accept('"')) {
      return false;
    }
    while (at < text.length) {
      char c = text[at++];
      if (c == '"') {
        return true;
      }
      if (c < ' ' || (c == '\\' && !escape())) {
        return false;
      }
    }
    return false;
  }

  private boolean escape() {
    char c = peek();
    at++;
    if (c != 'u') {
      return "\"\\/bfnrt".indexOf(c) >= 0 && c != 0;
    }
    for (int i = 0; i < 4; i++) {
      if (!isHex(peek())) {
        return false;
      }
      at++;
    }
    return true;
  }

  private boolean number() {
    accept('-');
    if (!accept('0') && !digits()) {
      return false;
    }
    if (accept('.') && !digits()) {
      return false;
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      return digits();
    }
    return true;
  }

  private boolean digits() {
    int begin = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    return at > begin;
  }

  private boolean word(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (!accept(word.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean accept(char expected) {
    if (at < text.length && text[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  private boolean isEnd() {
    skipWhiteSpace();
    return at == text.length;
  }

  private void skipWhiteSpace() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      at++;
    }
  }

  /** The next character; a zero, which JSON never has outside a string, at the end. */
  private char peek() {
    return at < text.length ? text[at] : 0;
  }

  private static boolean isHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
