package tech.tailor.secretmanager.postgresql;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of a query that asks for secrets by their names. A few are a parameter each: of an array
 * the server assumes ten elements when it plans for any parameters, finds a plan for the array at
 * hand to be cheaper, and plans each query again, which takes five times as long as to run it.
 */
final class NameCondition {

  private static final int MOST_APART = 16;

  private final List<String> names;

  NameCondition(Set<String> names) {
    this.names = List.copyOf(names);
  }

  /** The condition on a column. */
  String on(String column) {
    return names.size() > MOST_APART
        ? column + " = ANY (?)"
        : column + " IN (" + String.join(", ", Collections.nCopies(names.size(), "?")) + ")";
  }

  /** Adds the condition's parameters to those of the statement. */
  void addTo(List<@Nullable Object> parameters) {
    if (names.size() > MOST_APART) {
      parameters.add(names.toArray(new String[0]));
    } else {
      parameters.addAll(names);
    }
  }
}
