package tech.tailor.secretmanager;

/**
 * Text that ends a match after a bounded number of character reads: Java offers no other way to
 * stop a regular expression that backtracks without end. Keeps the given array. Not thread-safe.
 */
final class BoundedText implements CharSequence {

  /** The most character reads. For the largest value, 76 reads of each character. */
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

  /** Throws, since nobody would wipe the part. */
  @Override
  public CharSequence subSequence(int start, int end) {
    throw new UnsupportedOperationException("A part of a value is not handed out");
  }

  /** Returns nothing of the text. */
  @Override
  public String toString() {
    return "BoundedText[redacted]";
  }

  /** Thrown when the reads are used up. Its message holds nothing of the text. */
  static final class ExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ExhaustedException() {
      super("given up after " + MOST_STEPS + " steps", null, false, false);
    }
  }
}
