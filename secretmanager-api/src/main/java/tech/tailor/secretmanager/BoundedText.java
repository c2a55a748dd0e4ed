package tech.tailor.secretmanager;

/**
 * Text that may be looked at so many times, and no more: a regular expression that backtracks
 * without end can't be stopped in another way. Not thread-safe; it keeps the given array.
 */
final class BoundedText implements CharSequence {

  /** Some tenths of a second; each part of the largest value is looked at 150 times. */
  static final int MOST_STEPS = 10_000_000;

  private final char[] text;
  private int steps;

  BoundedText(char[] text) {
    this.text = text;
  }

  @Override
  public int length() {
    return text.length;
  }

  @Override
  public char charAt(int index) {
    if (++steps > MOST_STEPS) {
      throw new ExhaustedException();
    }
    return text[index];
  }

  /** No part of the text is handed out, since nobody would wipe it. */
  @Override
  public CharSequence subSequence(int start, int end) {
    throw new UnsupportedOperationException();
  }

  /** Returns nothing of the text. */
  @Override
  public String toString() {
    return "BoundedText[redacted]";
  }

  /** The text was looked at too many times. */
  static final class ExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ExhaustedException() {
      super("given up after " + MOST_STEPS + " steps", null, false, false);
    }
  }
}
