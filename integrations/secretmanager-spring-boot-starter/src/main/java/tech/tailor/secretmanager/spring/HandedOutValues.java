package tech.tailor.secretmanager.spring;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * The values that references in properties were resolved to, to be found in texts that an
 * application shows. Beans that were given a value keep it after a rotation, and so the last few of
 * each secret are kept here too, as long as the environment is: the report of a failed start is
 * written after everything is closed. Thread-safe.
 */
final class HandedOutValues {

  private static final int KEPT_OF_EACH = 4;

  /** What is shorter would be found in texts that have nothing to do with it. */
  private static final int SHORTEST_PART = 6;

  /** Spring cuts what it quotes after a hundred characters. */
  private static final int LONGEST_PART = 90;

  private final Map<SecretRef, Deque<SecretValue>> values = new HashMap<>();

  synchronized void add(SecretRef ref, String text) {
    Deque<SecretValue> ofSecret = values.computeIfAbsent(ref, key -> new ArrayDeque<>());
    if (ofSecret.stream().anyMatch(value -> value.matches(text))) {
      return;
    }
    ofSecret.addLast(SecretValue.of(text));
    if (ofSecret.size() > KEPT_OF_EACH) {
      ofSecret.removeFirst().close();
    }
  }

  /**
   * Returns whether a text is one of them, or holds a line of one that has at least six characters.
   */
  synchronized boolean isAnyIn(String text) {
    return values.values().stream()
        .flatMap(Deque::stream)
        .map(SecretValue::revealString)
        .anyMatch(value -> value.equals(text) || value.lines().anyMatch(line -> isIn(line, text)));
  }

  private static boolean isIn(String line, String text) {
    String part = line.strip();
    return part.length() >= SHORTEST_PART
        && text.contains(part.substring(0, Math.min(part.length(), LONGEST_PART)));
  }
}
