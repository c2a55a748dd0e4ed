package tech.tailor.secretmanager;

/**
 * Whether a text is an absolute URI, as far as the characters of RFC 3986 go. It keeps nothing of
 * the text; {@link java.net.URI} would need a {@code String} of it.
 */
final class UriText {

  private static final String MARKS = "-._~:/?#[]@!$&'()*+,;=";

  private UriText() {}

  static boolean isValid(char[] text) {
    int colon = 0;
    while (colon < text.length && isSchemeCharacter(text[colon], colon)) {
      colon++;
    }
    if (colon == 0 || colon + 1 >= text.length || text[colon] != ':') {
      return false;
    }
    for (int at = colon + 1; at < text.length; at++) {
      if (text[at] == '%') {
        if (at + 2 >= text.length || !isHex(text[at + 1]) || !isHex(text[at + 2])) {
          return false;
        }
        at += 2;
      } else if (!isLetter(text[at]) && !isDigit(text[at]) && MARKS.indexOf(text[at]) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSchemeCharacter(char c, int at) {
    return isLetter(c) || (at > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'));
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isHex(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
