package tech.tailor.secretmanager.client;

import java.util.Arrays;

/** How far a sample is from being uniform between two bounds. */
final class KolmogorovSmirnov {

  /**
   * A uniform sample is farther than this once in two million times: the limit of {@code 2 exp(-2
   * d^2)}.
   */
  static final double FAR = 2.76;

  private KolmogorovSmirnov() {}

  /** The largest distance of the sample's distribution from the uniform one, times root n. */
  static double distance(double[] sample, double from, double to) {
    double[] sorted = sample.clone();
    Arrays.sort(sorted);
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      double expected = Math.min(1, Math.max(0, (sorted[i] - from) / (to - from)));
      distance = Math.max(distance, Math.abs(expected - (double) i / sorted.length));
      distance = Math.max(distance, Math.abs(expected - (i + 1.0) / sorted.length));
    }
    return distance * Math.sqrt(sorted.length);
  }
}
