package tech.tailor.secretmanager.cli;

import java.util.Map;
import java.util.stream.Collectors;

/** Labels as a table shows them. */
final class LabelsText {

  private LabelsText() {}

  /** {@code team=orders,value-version=1}. */
  static String of(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }
}
