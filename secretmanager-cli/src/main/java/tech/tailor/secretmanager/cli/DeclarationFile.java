package tech.tailor.secretmanager.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;

/**
 * A declaration in JSON or YAML, as {@code declaration.schema.json} describes it. It says where
 * values come from, and never holds one.
 */
final class DeclarationFile {

  static final Set<String> TOP = Set.of("$schema", "owner", "vaults");
  static final Set<String> SECRET =
      Set.of("description", "source", "required", "valueVersion", "labels", "format", "pattern");

  private static final String ENVIRONMENT = "env:";
  private static final String FILE = "file:";
  private static final String TEXT_FILE = "text-file:";
  private static final String RANDOM = "random:";
  private static final String PROMPT = "prompt";

  private final Optional<String> owner;
  private final List<SecretDefinition> definitions;

  private DeclarationFile(Optional<String> owner, List<SecretDefinition> definitions) {
    this.owner = owner;
    this.definitions = definitions;
  }

  /** Who owns the declaration, if the file says so. */
  Optional<String> owner() {
    return owner;
  }

  SecretDefinition[] definitions() {
    return definitions.toArray(SecretDefinition[]::new);
  }

  /**
   * Reads a file; paths in it are relative to its directory.
   *
   * @param variables gives the source for a variable of the environment
   * @throws CliException if it is malformed; the message names the place
   */
  static DeclarationFile read(Path file, Function<String, SecretSource> variables) {
    String where = "The declaration " + SecretSupport.quote(file);
    String text = TextFile.read(file);
    boolean isJson = String.valueOf(file.getFileName()).endsWith(".json");
    Object content;
    try {
      content = Json.read(isJson ? new JsonFactory() : new YAMLFactory(), text);
    } catch (IOException e) {
      throw CliException.usage(
          where + " is not " + (isJson ? "JSON" : "YAML") + ": " + e.getMessage() + ".");
    }
    Map<?, ?> top = object(content, where);
    requireKnown(top, TOP, where);
    Map<?, ?> vaults = object(top.get("vaults"), where + ", vaults");
    if (vaults.isEmpty()) {
      throw CliException.usage(where + ", vaults: at least one vault must be declared.");
    }
    Sources sources = new Sources(file.toAbsolutePath().resolveSibling(""), variables);
    List<SecretDefinition> definitions = new ArrayList<>();
    vaults.forEach((vault, secrets) -> definitions.add(
        definition(vault.toString(), object(secrets, where + ", " + vault), sources, where)));
    Optional<String> owner =
        Optional.ofNullable(top.get("owner")).map(value -> text(value, where + ", owner"));
    return new DeclarationFile(owner, definitions);
  }

  private static SecretDefinition definition(
      String vault, Map<?, ?> secrets, Sources sources, String where) {
    if (secrets.isEmpty()) {
      throw CliException.usage(where + ", " + vault + ": at least one secret must be declared.");
    }
    SecretDefinition.Builder builder = SecretDefinition.defineSecret(vault);
    secrets.forEach((name, content) -> {
      String at = where + ", " + vault + "/" + name;
      Map<?, ?> members = object(content, at);
      requireKnown(members, SECRET, at);
      builder.secret(name.toString(), secret -> declare(secret, members, sources, at));
    });
    return builder.build();
  }

  private static void declare(
      DeclaredSecret.Builder secret, Map<?, ?> members, Sources sources, String at) {
    for (Map.Entry<?, ?> member : members.entrySet()) {
      String key = member.getKey().toString();
      Object value = member.getValue();
      String here = at + ", " + key;
      switch (key) {
        case "description" -> secret.description(text(value, here));
        case "source" -> secret.source(sources.of(text(value, here), here));
        case "required" -> {
          if (!(value instanceof Boolean required)) {
            throw CliException.usage(here + " must be true or false.");
          }
          if (!required) {
            secret.optional();
          }
        }
        case "valueVersion" -> {
          if (!(value instanceof Long version) || version < 1 || version > Integer.MAX_VALUE) {
            throw CliException.usage(here + " must be a whole number from 1.");
          }
          secret.valueVersion(version.intValue());
        }
        case "labels" ->
          object(value, here)
              .forEach(
                  (label, text) -> secret.label(label.toString(), text(text, here + ", " + label)));
        case "format" -> secret.shape(shape(text(value, here), here));
        default -> secret.shape(SecretShape.pattern(text(value, here)));
      }
    }
  }

  private static SecretShape shape(String format, String at) {
    return switch (format) {
      case "json" -> SecretShape.json();
      case "uri" -> SecretShape.uri();
      case "pem" -> SecretShape.pem();
      default -> throw CliException.usage(at + " must be json, uri or pem.");
    };
  }

  /** Where the values of one file come from. */
  private record Sources(Path directory, Function<String, SecretSource> variables) {

    private SecretSource of(String text, String at) {
      if (text.startsWith(ENVIRONMENT)) {
        return variables.apply(text.substring(ENVIRONMENT.length()));
      } else if (text.startsWith(TEXT_FILE)) {
        return SecretSource.textFile(directory.resolve(text.substring(TEXT_FILE.length())));
      } else if (text.startsWith(FILE)) {
        return SecretSource.file(directory.resolve(text.substring(FILE.length())));
      } else if (text.matches(RANDOM + "[0-9]{1,4}")) {
        return SecretSource.random(Integer.parseInt(text.substring(RANDOM.length())));
      } else if (text.equals(PROMPT)) {
        return SecretSource.prompt();
      }
      // Not the text: it may be the value itself.
      throw CliException.usage(at + " must be env:NAME, file:PATH, text-file:PATH, random:BYTES or"
          + " prompt, and never a value.");
    }
  }

  private static void requireKnown(Map<?, ?> object, Set<String> known, String at) {
    for (Object key : object.keySet()) {
      if (!known.contains(key.toString())) {
        String similar = Spelling.closest(key.toString(), known)
            .map(name -> " Did you mean " + name + "?")
            .orElse("");
        throw CliException.usage(at + ": unknown member "
            + SecretSupport.quote(key.toString()) + "." + similar
            + (key.equals("value") ? " A declaration says where a value comes from: source." : ""));
      }
    }
  }

  private static Map<?, ?> object(@Nullable Object value, String at) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw CliException.usage(at + " must be an object.");
  }

  private static String text(@Nullable Object value, String at) {
    if (value instanceof String text) {
      return text;
    }
    throw CliException.usage(at + " must be a string.");
  }
}
