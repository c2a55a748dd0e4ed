package tech.tailor.secretmanager;

/**
 * Text that ends a match after a bounded number of character reads: Java offers no other way to
 * stop a regular expression that backtracks without end. What a match does between two reads is
 * bounded by {@link UnreadSteps}. Keeps the given array. Not thread-safe.
 */
final class BoundedText implements CharSequence {

  /** The most steps. For the largest value, 76 of each character. */
  static final int MOST_STEPS = 10_000_000;

  private final char[] text;
  private final int stepsPerRead;
  private int steps;

  /**
   * Makes the text.
   *
   * @param stepsPerRead what a read counts, with what a match does until the next one
   */
  BoundedText(char[] text, int stepsPerRead) {
    this.text = text;
    this.stepsPerRead = stepsPerRead;
  }

  @Override
  public int length() {
    return text.length;
  }

  @Override
  public char charAt(int index) {
    steps += stepsPerRead;
    if (steps > MOST_STEPS) {
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
