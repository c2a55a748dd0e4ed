package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Writes JSON in exactly one way: two spaces a level, one member or element a line, {@code "name":
 * value}, {@code []} for an empty array. It is what {@code JSON.stringify(document, null, 2)}
 * writes. Texts are ASCII that needs no escape: names of the grammar, hex, base64, timestamps.
 */
final class CanonicalJson {

  private final StringBuilder text = new StringBuilder(1024);
  private int depth;
  private boolean empty;

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

  CanonicalJson beginArray(String name) {
    return name(name).begin('[');
  }

  CanonicalJson endArray() {
    return end(']');
  }

  CanonicalJson member(String name, String value) {
    name(name).text.append('"').append(value).append('"');
    return this;
  }

  CanonicalJson member(String name, long value) {
    name(name).text.append(value);
    return this;
  }

  /** Begins a member whose value is a text that somebody else writes, up to its opening quote. */
  CanonicalJson openText(String name) {
    name(name).text.append('"');
    return this;
  }

  byte[] toBytes() {
    return text.toString().getBytes(US_ASCII);
  }

  private CanonicalJson name(String name) {
    nextLine();
    text.append('"').append(name).append("\": ");
    return this;
  }

  private CanonicalJson begin(char bracket) {
    text.append(bracket);
    depth++;
    empty = true;
    return this;
  }

  private CanonicalJson end(char bracket) {
    depth--;
    if (!empty) {
      text.append('\n').append("  ".repeat(depth));
    }
    text.append(bracket);
    empty = false;
    return this;
  }

  private void nextLine() {
    if (!empty) {
      text.append(',');
    }
    text.append('\n').append("  ".repeat(depth));
    empty = false;
  }
}
