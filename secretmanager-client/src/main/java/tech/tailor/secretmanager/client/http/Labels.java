package tech.tailor.secretmanager.client.http;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The grammar of labels. */
final class Labels {

  private static final Pattern GRAMMAR = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  private Labels() {}

  /**
   * A copy of the labels, sorted.
   *
   * @throws IllegalArgumentException if a key or a value breaks the grammar
   */
  static Map<String, String> checked(Map<String, String> labels) {
    Map<String, String> checked = new TreeMap<>(requireNonNull(labels, "labels"));
    checked.forEach((key, value) -> {
      if (!GRAMMAR.matcher(key).matches() || !GRAMMAR.matcher(value).matches()) {
        throw new IllegalArgumentException("A label's key and its value must match ^"
            + GRAMMAR.pattern() + "$: 1 to 63 characters, lower-case letters, digits, hyphens and"
            + " underscores, with a letter first");
      }
    });
    return checked;
  }
}
