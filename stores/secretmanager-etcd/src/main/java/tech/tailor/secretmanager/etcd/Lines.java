package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * The text of a record: lines of a name, a space and a value, in a fixed order, each ended by a
 * line feed. So one content has one text, which its seal is over.
 */
final class Lines {

  private Lines() {}

  /** Writes a text. */
  static final class Writer {

    private final StringBuilder text = new StringBuilder();

    Writer add(String name, Object value) {
      text.append(name).append(' ').append(value).append('\n');
      return this;
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  /** Reads a text, and accepts only what {@link Writer} writes. */
  static final class Reader {

    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    /** Whether the next line has this name. */
    boolean isNext(String name) {
      return text.startsWith(name + " ", at);
    }

    /** Whether there is no other line. */
    boolean isAtEnd() {
      return at == text.length();
    }

    /**
     * The value of the next line.
     *
     * @throws IllegalArgumentException if that has another name, or does not end
     */
    String next(String name) {
      int end = text.indexOf('\n', at);
      if (!isNext(name) || end < 0) {
        throw new IllegalArgumentException("There is no line \"" + name + "\" at " + at);
      }
      String value = text.substring(at + name.length() + 1, end);
      at = end + 1;
      return value;
    }

    long nextNumber(String name) {
      return Long.parseLong(next(name));
    }

    void end() {
      if (!isAtEnd()) {
        throw new IllegalArgumentException("There is more than the record's lines, at " + at);
      }
    }
  }

  /**
   * The text of bytes from etcd.
   *
   * @throws IllegalArgumentException if they are not UTF-8
   */
  static String decode(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("The record is not UTF-8", e);
    }
  }
}
