package tech.tailor.secretmanager;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.BaseStream;

/**
 * Recognises objects that may hold a reference where nobody would resolve it: the nodes of JSON and
 * YAML trees, containers that are neither maps nor collections, and what shows a reference as its
 * text. Knows the nodes of other libraries by name, without the libraries.
 */
final class ForeignNodes {

  /** The types that all nodes of a library have in common. */
  private static final Set<String> NODES = Set.of(
      "com.fasterxml.jackson.core.TreeNode",
      "tools.jackson.core.TreeNode",
      "com.google.gson.JsonElement",
      "org.yaml.snakeyaml.nodes.Node",
      "org.yaml.snakeyaml.nodes.NodeTuple",
      "org.snakeyaml.engine.v2.nodes.Node",
      "org.snakeyaml.engine.v2.nodes.NodeTuple",
      "jakarta.json.JsonValue",
      "javax.json.JsonValue",
      "kotlinx.serialization.json.JsonElement",
      "com.typesafe.config.ConfigValue",
      "org.json.JSONObject",
      "org.json.JSONArray");

  private static final Pattern VAULT_MEMBER = Pattern.compile("\"vault(_name|Name)?\"\\s*:\\s*\"");
  private static final Pattern NAME_MEMBER =
      Pattern.compile("\"(secret_name|secretName|secret_key|secretKey|key)\"\\s*:\\s*\"");

  /** Members as records, and classes of generators such as Lombok, show them. */
  private static final Pattern VAULT_FIELD = Pattern.compile("\\b(vault_name|vaultName)=");

  private static final Pattern NAME_FIELD =
      Pattern.compile("\\b(secret_name|secretName|secret_key|secretKey)=");

  private ForeignNodes() {}

  /** Whether the object may hold others, among which references are not looked for. */
  static boolean isNode(Object value) {
    return value instanceof Object[]
        || value instanceof Optional
        || value instanceof Map.Entry
        || value instanceof Iterator
        || value instanceof BaseStream
        || value instanceof SecretTemplate
        || (value instanceof Iterable && !(value instanceof Path))
        || isNode(value.getClass());
  }

  /** Whether the object shows a reference as its text. */
  static boolean showsReference(Object value) {
    if (value instanceof Number || value instanceof Boolean) {
      return false;
    }
    String text = value instanceof char[] chars ? new String(chars) : shown(value);
    return ReferenceText.mentionsReference(text)
        || (VAULT_MEMBER.matcher(text).find() && NAME_MEMBER.matcher(text).find())
        || (VAULT_FIELD.matcher(text).find() && NAME_FIELD.matcher(text).find());
  }

  private static boolean isNode(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      if (NODES.contains(each.getName())) {
        return true;
      }
      for (Class<?> implemented : each.getInterfaces()) {
        if (isNode(implemented)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String shown(Object value) {
    try {
      return String.valueOf(value);
    } catch (RuntimeException | StackOverflowError e) {
      return ""; // it has no text that anybody could take for a reference
    }
  }
}
