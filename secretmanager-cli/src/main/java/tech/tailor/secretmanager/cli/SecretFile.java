package tech.tailor.secretmanager.cli;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretRef;

/** Reads the secrets in a file, in one of the formats that {@code import} takes. */
final class SecretFile {

  /** The formats. */
  enum Format {
    dotenv,
    properties,
    json;

    /** The format that a file's name tells. */
    static Format of(String fileName) {
      String name = fileName.toLowerCase(Locale.ROOT);
      if (name.endsWith(".json")) {
        return json;
      } else if (name.endsWith(".properties")) {
        return properties;
      } else if (name.endsWith(".env") || name.startsWith(".env")) {
        return dotenv;
      }
      throw CliException.usage(
          "The file's name doesn't tell its format; add --format dotenv, properties or json.");
    }
  }

  private SecretFile() {}

  /**
   * The secrets in a text, by name: {@code db-password} for {@code DB_PASSWORD} or
   * {@code db.password}.
   *
   * @throws CliException if the text is malformed, a name can't be that of a secret, or two names
   *     become the same; no message holds a value
   */
  static Map<String, byte[]> parse(Format format, String text, String where) {
    Map<String, byte[]> secrets = new TreeMap<>();
    Map<String, String> origins = new LinkedHashMap<>();
    entries(format, text, where).forEach((key, value) -> {
      String name = EnvironmentNames.secret(key);
      if (!name.matches(SecretRef.NAME_GRAMMAR)) {
        // Not the name: a line of a value that is cut in lines would be taken for one.
        throw CliException.usage("The name of entry " + (origins.size() + 1) + " in " + where
            + " can't be that of a secret: 3 to 63 letters, digits, - and _, with a letter or a"
            + " digit at either end.");
      }
      String other = origins.put(name, key);
      if (other != null) {
        throw CliException.usage("The names " + other + " and " + key + " would both be the secret "
            + name + "; rename one.");
      }
      secrets.put(name, value.getBytes(StandardCharsets.UTF_8));
    });
    return secrets;
  }

  private static Map<String, String> entries(Format format, String text, String where) {
    return switch (format) {
      case dotenv -> DotEnv.parse(text, where);
      case properties -> properties(text, where);
      case json -> json(text, where);
    };
  }

  private static Map<String, String> properties(String text, String where) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) { // its message may quote a value
      throw CliException.usage(where + " is not a properties file: check its \\u escapes.");
    }
    Map<String, String> entries = new TreeMap<>();
    properties.forEach((key, value) -> entries.put(key.toString(), value.toString()));
    return entries;
  }

  private static Map<String, String> json(String text, String where) {
    Object value;
    try {
      value = Json.read(new JsonFactory(), text);
    } catch (IOException e) {
      throw CliException.usage(where + " is not JSON: " + e.getMessage() + ".");
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw CliException.usage(where + " must be a JSON object: {\"name\": \"value\"}.");
    }
    Map<String, String> entries = new LinkedHashMap<>();
    object.forEach((key, member) -> {
      if (!(member instanceof String secret)) {
        throw CliException.usage(where + ": the value of \"" + key + "\" must be a string.");
      }
      entries.put(key.toString(), secret);
    });
    return entries;
  }
}
