package tech.tailor.secretmanager.cli;

import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretValue;

/** How other programs read secrets. */
enum ExportFormat {
  dotenv,
  docker,
  json,
  k8s,
  systemd;

  /** Whether what it writes becomes variables of a shell or a container. */
  boolean hasVariables() {
    return this == dotenv || this == docker;
  }

  /**
   * What each secret is called in this format, with its own name.
   *
   * @throws CliException if two would have the same
   */
  Map<String, String> names(Collection<String> names) {
    if (hasVariables()) {
      return EnvironmentNames.variables(names);
    }
    Map<String, String> same = new TreeMap<>();
    names.forEach(name -> same.put(name, name));
    return same;
  }

  /**
   * The secrets as one text.
   *
   * @throws CliException if a value can't be written so; the message names its secret alone
   */
  String text(String vault, Map<String, String> names, Map<String, SecretValue> values) {
    StringBuilder text = new StringBuilder();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    if (this == k8s) { // in quotes: YAML takes names such as null, on and 123 for other types
      text.append("apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"").append(vault);
      text.append("\"\ntype: Opaque\ndata:").append(names.isEmpty() ? " {}\n" : "\n");
    }
    names.forEach((label, name) -> {
      SecretValue value = values.get(name);
      if (value == null) {
        return;
      }
      switch (this) {
        case dotenv ->
          text.append(label)
              .append('=')
              .append(DotEnv.quoted(withoutNul(name, value)))
              .append('\n');
        case docker -> text.append(label).append('=').append(line(name, value)).append('\n');
        case json -> object.put(label, plain(name, value));
        default ->
          text.append("  \"")
              .append(label)
              .append("\": \"")
              .append(
                  value.<String, RuntimeException>withBytes(Base64.getEncoder()::encodeToString))
              .append("\"\n");
      }
    });
    return this == json ? Json.write(object) + "\n" : text.toString();
  }

  private static String plain(String name, SecretValue value) {
    try {
      return value.<String, RuntimeException>withChars(String::new);
    } catch (SecretEncodingException e) {
      throw CliException.of(
          "SECRET_VALUE_INVALID_UTF8",
          "The secret \"" + name + "\" is not text, and this format holds text.",
          "Use --format k8s or systemd.");
    }
  }

  private static String withoutNul(String name, SecretValue value) {
    String text = plain(name, value);
    if (text.indexOf(0) >= 0) {
      throw CliException.usage("The secret \"" + name + "\" has a NUL character, which no variable"
          + " can hold; use --format json, k8s or systemd.");
    }
    return text;
  }

  private static String line(String name, SecretValue value) {
    String text = withoutNul(name, value);
    if (text.chars().anyMatch(c -> c == '\n' || c == '\r')) {
      throw CliException.usage("The secret \"" + name + "\" has a line end, which docker's format"
          + " can't hold; use --format json, k8s or systemd.");
    }
    return text;
  }
}
