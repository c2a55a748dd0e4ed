package tech.tailor.secretmanager.postgresql;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * The body of a vault's or a secret's record: canonical JSON, so that its seal is over exactly one
 * text, and operators can query it. Times are milliseconds since 1970.
 *
 * <p>It reads only what it writes: a body is read after its seal was verified.
 */
final class RecordBody {

  private RecordBody() {}

  static String of(Vault vault) {
    StringBuilder text = new StringBuilder("{\"created\":")
        .append(vault.createTime().toEpochMilli())
        .append(",\"updated\":")
        .append(vault.updateTime().toEpochMilli());
    return labels(text, vault.labels()).append('}').toString();
  }

  static String of(Secret<StoredValue> secret) {
    StringBuilder text = new StringBuilder("{\"created\":")
        .append(secret.createTime().toEpochMilli())
        .append(",\"description\":");
    string(text, secret.description());
    labels(text, secret.labels()).append(",\"versions\":[");
    String separator = "";
    for (Version<StoredValue> version : secret.versions()) {
      text.append(separator)
          .append("{\"number\":")
          .append(version.number())
          .append(",\"created\":")
          .append(version.createTime().toEpochMilli())
          .append(",\"state\":\"")
          .append(version.state())
          .append('"');
      StoredValue value = version.value();
      if (value != null) {
        text.append(",\"key\":")
            .append(value.key())
            .append(",\"sha256\":\"")
            .append(value.sha256().toHex())
            .append('"');
      }
      text.append('}');
      separator = ",";
    }
    return text.append("]}").toString();
  }

  /**
   * The vault of a body.
   *
   * @throws IllegalArgumentException if this class did not write it
   */
  static Vault vault(String name, OpaqueBytes id, String body) {
    Reader in = new Reader(body);
    Instant created = in.expect("{\"created\":").time();
    Instant updated = in.expect(",\"updated\":").time();
    Map<String, String> labels = in.labels();
    in.expect("}").end();
    return new Vault(name, id, created, updated, labels);
  }

  /**
   * The secret of a body.
   *
   * @throws IllegalArgumentException if this class did not write it
   */
  static Secret<StoredValue> secret(String name, OpaqueBytes id, String body) {
    Reader in = new Reader(body);
    Instant created = in.expect("{\"created\":").time();
    String description = in.expect(",\"description\":").string();
    Map<String, String> labels = in.labels();
    in.expect(",\"versions\":[");
    List<Version<StoredValue>> versions = new ArrayList<>();
    do {
      versions.add(version(in));
    } while (in.skip(","));
    in.expect("]}").end();
    return new Secret<>(name, id, created, description, labels, versions);
  }

  private static Version<StoredValue> version(Reader in) {
    long number = in.expect("{\"number\":").number();
    Instant created = in.expect(",\"created\":").time();
    State state = State.valueOf(in.expect(",\"state\":").string());
    @Nullable StoredValue value = null;
    if (in.skip(",\"key\":")) {
      long key = in.number();
      String sha256 = in.expect(",\"sha256\":").string();
      value = new StoredValue(key, OpaqueBytes.adopt(HexFormat.of().parseHex(sha256)), null);
    }
    in.expect("}");
    return new Version<>(number, created, state, value);
  }

  private static StringBuilder labels(StringBuilder text, Map<String, String> labels) {
    text.append(",\"labels\":{");
    String separator = "";
    for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
      text.append(separator);
      string(text, label.getKey());
      text.append(':');
      string(text, label.getValue());
      separator = ",";
    }
    return text.append('}');
  }

  private static void string(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c);
    }
    text.append('"');
  }

  private static final class Reader {

    private final String text;
    private int at;

    private Reader(String text) {
      this.text = text;
    }

    private boolean skip(String part) {
      boolean found = text.startsWith(part, at);
      at += found ? part.length() : 0;
      return found;
    }

    private Reader expect(String part) {
      if (!skip(part)) {
        throw unexpected();
      }
      return this;
    }

    private void end() {
      if (at != text.length()) {
        throw unexpected();
      }
    }

    private IllegalArgumentException unexpected() {
      return new IllegalArgumentException("The record's body is not of this format, at " + at);
    }

    private long number() {
      int from = at;
      skip("-");
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
      return Long.parseLong(text, from, at, 10);
    }

    private Instant time() {
      return Instant.ofEpochMilli(number());
    }

    private String string() {
      expect("\"");
      StringBuilder value = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '"') {
        at += text.charAt(at) == '\\' ? 1 : 0;
        value.append(text.charAt(at++));
      }
      expect("\"");
      return value.toString();
    }

    private Map<String, String> labels() {
      expect(",\"labels\":{");
      Map<String, String> labels = new TreeMap<>();
      while (!skip("}")) {
        String key = string();
        labels.put(key, expect(":").string());
        skip(",");
      }
      return labels;
    }
  }
}
