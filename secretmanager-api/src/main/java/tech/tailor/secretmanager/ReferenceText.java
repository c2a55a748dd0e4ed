package tech.tailor.secretmanager;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Text with references in it, taken apart: what stands between them, and the secrets they name. One
 * pass over the text, and what a reference stands for is never looked at. A reference has two
 * spellings, which differ in one character. Immutable.
 */
final class ReferenceText {

  /** What begins each of the two spellings, which its next character tells apart. */
  private static final String KEYWORD = "{secret";

  private static final String SEPARATORS = "@:";
  private static final int OPENING_LENGTH = KEYWORD.length() + 1;
  private static final String SYNTAX = "${secret@VAULT/NAME}";
  private static final int LONGEST_QUOTE = 2 * 63 + 1;

  /** Literals and {@link SecretRef}s, in order. */
  private final List<Object> parts;

  private ReferenceText(List<Object> parts) {
    this.parts = parts;
  }

  /**
   * Takes the text apart.
   *
   * @param place says where it stands, for a message
   * @param found is told of each reference
   * @throws IllegalArgumentException if a reference is malformed
   */
  static ReferenceText parse(String text, Place place, Consumer<SecretRef> found) {
    List<Object> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int done = 0;
    for (int at = opening(text, 0); at >= 0; at = opening(text, done)) {
      int dollars = dollarsBefore(text, at);
      literal.append(text, done, at - dollars).append("$".repeat(dollars / 2));
      done = at + OPENING_LENGTH;
      if (dollars % 2 == 0) {
        literal.append(text, at, done);
      } else {
        int end = endOfNames(text, done);
        SecretRef ref = reference(text, done, end, place);
        found.accept(ref);
        if (!literal.isEmpty()) {
          parts.add(literal.toString());
          literal.setLength(0);
        }
        parts.add(ref);
        done = end + 1;
      }
    }
    literal.append(text, done, text.length());
    if (!literal.isEmpty()) {
      parts.add(literal.toString());
    }
    requireNoLoss(text, parts, place);
    return new ReferenceText(List.copyOf(parts));
  }

  /** Text that is read as the given literal, whatever that holds. */
  static String escape(String literal) {
    StringBuilder escaped = new StringBuilder(literal.length());
    int done = 0;
    for (int at = opening(literal, 0); at >= 0; at = opening(literal, done)) {
      escaped.append(literal, done, at).append("$".repeat(dollarsBefore(literal, at)));
      done = at + OPENING_LENGTH;
      escaped.append(literal, at, done);
    }
    return escaped.append(literal, done, literal.length()).toString();
  }

  /** Whether the text is one reference and nothing else. */
  boolean isOneReference() {
    return parts.size() == 1 && parts.get(0) instanceof SecretRef;
  }

  /** The text with the given values in place of its references. */
  String fill(Map<SecretRef, String> values) {
    StringBuilder filled = new StringBuilder();
    for (Object part : parts) {
      filled.append(part instanceof SecretRef ref ? values.get(ref) : (String) part);
    }
    return filled.toString();
  }

  /**
   * Whether the text holds what begins a reference, escaped or not: where it is not taken apart, it
   * can't be right.
   */
  static boolean mentionsReference(String text) {
    for (int at = opening(text, 0); at >= 0; at = opening(text, at + OPENING_LENGTH)) {
      if (dollarsBefore(text, at) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Where the next reference opens, behind its dollar; negative if nowhere. */
  private static int opening(String text, int from) {
    int at = text.indexOf(KEYWORD, from);
    while (at >= 0 && !isOpening(text, at)) {
      at = text.indexOf(KEYWORD, at + 1);
    }
    return at;
  }

  private static boolean isOpening(String text, int at) {
    int separator = at + KEYWORD.length();
    return separator < text.length() && SEPARATORS.indexOf(text.charAt(separator)) >= 0;
  }

  /**
   * What stands around a reference was lost as a value would be, if it came from the same place.
   */
  private static void requireNoLoss(String text, List<Object> parts, Place place) {
    boolean hasReference = parts.stream().anyMatch(SecretRef.class::isInstance);
    String damage = hasReference ? DecodedText.damage(text) : null;
    if (damage != null) {
      throw new IllegalArgumentException("The text around a reference"
          + (place.path().isEmpty() ? "" : " at " + place.path()) + " " + damage);
    }
  }

  private static int dollarsBefore(String text, int at) {
    int first = at;
    while (first > 0 && text.charAt(first - 1) == '$') {
      first--;
    }
    return at - first;
  }

  private static int endOfNames(String text, int from) {
    int end = from;
    while (end < text.length() && mayBeMeantAsName(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** What names are made of, and what they are often written with by mistake. */
  private static boolean mayBeMeantAsName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_'
        || c == '/';
  }

  private static SecretRef reference(String text, int from, int end, Place place) {
    if (end == text.length()) {
      throw malformed(text, from, end, place, "it is not closed by \"}\"");
    }
    if (text.charAt(end) != '}') {
      throw malformed(text, from, end, place, "no name has the character at index " + end);
    }
    int slash = text.indexOf('/', from);
    if (slash < 0 || slash >= end) {
      throw malformed(text, from, end, place, "it has no \"/\" between vault and name");
    }
    String vault = text.substring(from, slash);
    String name = text.substring(slash + 1, end);
    if (!SecretRef.isValid(vault) || !SecretRef.isValid(name)) {
      throw malformed(
          text, from, end, place, "vault and name must match " + SecretRef.NAME_GRAMMAR);
    }
    return SecretRef.of(vault, name);
  }

  /**
   * Shows what stands between the braces of a reference that is closed, and is made of letters that
   * names are made of; else nothing of the text, which may be secret, too.
   */
  private static IllegalArgumentException malformed(
      String text, int from, int end, Place place, String broken) {
    boolean isClosed = end < text.length() && text.charAt(end) == '}';
    String shown = isClosed && end - from <= LONGEST_QUOTE ? text.substring(from, end) + "}" : "…";
    int begin = from - OPENING_LENGTH;
    String opening = text.substring(begin, from);
    return new IllegalArgumentException("Invalid reference \"$" + opening + shown + "\""
        + place.ofIndex(begin - 1) + ": " + broken + ". A reference is " + SYNTAX
        + "; for the text itself write $$" + opening);
  }

  /**
   * Where something stands in a configuration, as far as a message may show it.
   *
   * @param path such as {@code headers.Authorization}; empty for what stands for itself
   */
  record Place(String path) {

    static final Place ITSELF = new Place("");

    private static final int LONGEST_KEY = 64;

    Place key(Object key) {
      String text = key instanceof String || key instanceof Number ? key.toString() : "?";
      String shown = text.substring(0, Math.min(text.length(), LONGEST_KEY))
          .replaceAll("[^A-Za-z0-9._-]", "?");
      return new Place(path.isEmpty() ? shown : path + "." + shown);
    }

    Place index(int index) {
      return new Place(path + "[" + index + "]");
    }

    String ofIndex(int index) {
      return " at index " + index + (path.isEmpty() ? "" : " of " + path);
    }
  }
}
