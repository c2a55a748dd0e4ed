package tech.tailor.secretmanager.stress;

import java.util.Arrays;

/** A value without a zero, and what a reader that raced with its wipe got of it. */
final class Plaintext {

  /** The reader was refused, and holds nothing. */
  static final int REFUSED = 0;

  static final int WHOLE = 1;

  /** Some bytes of the value, and some zeros. */
  static final int TORN = 2;

  /** Zeros, passed off as the value. */
  static final int ZEROED = 3;

  static final int SIZE_BYTES = 256;

  private static final byte[] FULL = new byte[SIZE_BYTES];
  private static final byte[] ZEROS = new byte[FULL.length];

  static {
    Arrays.fill(FULL, (byte) 'Z');
  }

  private Plaintext() {}

  static byte[] fresh() {
    return FULL.clone();
  }

  /** What an answered read is. No loop of ours: a model checker would step through it. */
  static int judge(byte[] bytes) {
    return Arrays.equals(bytes, FULL) ? WHOLE : Arrays.equals(bytes, ZEROS) ? ZEROED : TORN;
  }

  /** What a refused read is: nothing of the value may be left in its hands. */
  static int judgeRefused(byte[] bytes) {
    return judge(bytes) == ZEROED ? REFUSED : TORN;
  }
}
