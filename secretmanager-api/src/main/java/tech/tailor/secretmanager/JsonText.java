package tech.tailor.secretmanager;

import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a text is JSON (RFC 8259), and where a member of an object stands in it. A recogniser and
 * not a parser: it keeps nothing of the text, which may be secret; a JSON library would keep it in
 * buffers that it uses again.
 */
final class JsonText {

  private static final int MAX_DEPTH = 64;

  private final char[] text;

  /** The member of the outermost object that is looked for; null for none. */
  private final @Nullable String member;

  private int at;
  private int found;
  private int begin;
  private int end;

  private JsonText(char[] text, @Nullable String member) {
    this.text = text;
    this.member = member;
  }

  static boolean isValid(char[] text) {
    JsonText json = new JsonText(text, null);
    return json.value(0) && json.isEnd();
  }

  /** What {@link #member} found. */
  enum Found {
    NO_OBJECT,
    NONE,
    ONE,
    SEVERAL
  }

  /**
   * Looks for a member of the object that the text is. If there is one, its value goes to the
   * consumer, in an array that is wiped afterwards: the characters of a string, unescaped; of any
   * other value, its JSON.
   */
  static Found member(char[] text, String name, Consumer<char[]> value) {
    JsonText json = new JsonText(text, name);
    json.skipWhiteSpace();
    if (json.peek() != '{' || !json.value(0) || !json.isEnd()) {
      return Found.NO_OBJECT;
    }
    if (json.found != 1) {
      return json.found == 0 ? Found.NONE : Found.SEVERAL;
    }
    char[] chars = text[json.begin] == '"'
        ? unescaped(text, json.begin, json.end)
        : Arrays.copyOfRange(text, json.begin, json.end);
    try {
      value.accept(chars);
    } finally {
      Arrays.fill(chars, '\0');
    }
    return Found.ONE;
  }

  /** The characters of a valid string, which stands there with its quotes. */
  private static char[] unescaped(char[] text, int begin, int end) {
    char[] scratch = new char[end - begin];
    int size = 0;
    for (int i = begin + 1; i < end - 1; i++) {
      char c = text[i];
      if (c == '\\') {
        c = text[++i];
        switch (c) {
          case 'b' -> c = '\b';
          case 'f' -> c = '\f';
          case 'n' -> c = '\n';
          case 'r' -> c = '\r';
          case 't' -> c = '\t';
          case 'u' -> {
            int unit = 0;
            for (int digit = 0; digit < 4; digit++) {
              unit = unit * 16 + Character.digit(text[++i], 16);
            }
            c = (char) unit;
          }
          default -> {} // itself
        }
      }
      scratch[size++] = c;
    }
    char[] chars = Arrays.copyOf(scratch, size);
    Arrays.fill(scratch, '\0');
    return chars;
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
      int nameBegin = at;
      if (!string()) {
        return false;
      }
      boolean wanted = depth == 1 && isMember(nameBegin, at);
      skipWhiteSpace();
      if (!accept(':')) {
        return false;
      }
      skipWhiteSpace();
      int valueBegin = at;
      if (!value(depth)) {
        return false;
      }
      if (wanted) {
        found++;
        begin = valueBegin;
        end = at;
      }
      skipWhiteSpace();
    } while (accept(','));
    return accept('}');
  }

  private boolean isMember(int nameBegin, int nameEnd) {
    if (member == null) {
      return false;
    }
    char[] name = unescaped(text, nameBegin, nameEnd);
    boolean same = member.contentEquals(CharBuffer.wrap(name));
    Arrays.fill(name, '\0');
    return same;
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
