package tech.tailor.secretmanager.cli;

import java.util.Collection;
import java.util.Optional;

/** Finds what a misspelt name was meant to be. */
final class Spelling {

  /** More mistakes than these make another word. */
  private static final int MAX_DISTANCE = 2;

  private Spelling() {}

  /** The most similar of the names; empty if none is similar. */
  static Optional<String> closest(String typed, Collection<String> names) {
    String closest = "";
    int least = Math.min(MAX_DISTANCE, typed.length() / 2) + 1;
    for (String name : names) {
      int distance = distance(typed, name);
      if (distance < least) {
        least = distance;
        closest = name;
      }
    }
    return closest.isEmpty() ? Optional.empty() : Optional.of(closest);
  }

  /** How many letters were left out, added, replaced, or swapped with the next one. */
  static int distance(String one, String other) {
    int[][] distances = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int k = 0; k <= other.length(); k++) {
        distances[i][k] = i == 0 || k == 0
            ? i + k
            : Math.min(
                Math.min(distances[i - 1][k], distances[i][k - 1]) + 1,
                distances[i - 1][k - 1] + (one.charAt(i - 1) == other.charAt(k - 1) ? 0 : 1));
        boolean swapped = i > 1
            && k > 1
            && one.charAt(i - 1) == other.charAt(k - 2)
            && one.charAt(i - 2) == other.charAt(k - 1);
        if (swapped) {
          distances[i][k] = Math.min(distances[i][k], distances[i - 2][k - 2] + 1);
        }
      }
    }
    return distances[one.length()][other.length()];
  }
}
