package tech.tailor.secretmanager.etcd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * The records of one store: makes the text of a vault or a secret, and reads one whose seal it
 * verifies. Times are milliseconds since 1970.
 */
final class Records {

  private static final String FORMAT = "1";

  private final Keys keys;
  private final Envelope envelope;
  private final String store;

  Records(Keys keys, Envelope envelope, String store) {
    this.keys = keys;
    this.envelope = envelope;
    this.store = store;
  }

  SealedText seal(Vault vault, long generation) {
    Lines.Writer out = new Lines.Writer()
        .add("vault", FORMAT)
        .add("id", vault.id().toHex())
        .add("generation", generation)
        .add("created", vault.createTime().toEpochMilli())
        .add("updated", vault.updateTime().toEpochMilli());
    labels(out, vault.labels());
    return SealedText.seal(envelope, keys.vault(vault.name()), out.toString());
  }

  SealedText seal(String vault, Secret<StoredValue> secret, long generation) {
    Lines.Writer out = new Lines.Writer()
        .add("secret", FORMAT)
        .add("id", secret.id().toHex())
        .add("generation", generation)
        .add("created", secret.createTime().toEpochMilli())
        .add("description", secret.description());
    labels(out, secret.labels());
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      out.add(
          "version",
          version.number() + " " + version.createTime().toEpochMilli() + " " + version.state()
              + (value == null ? "" : " " + value.key() + " " + value.sha256().toHex()));
    }
    return SealedText.seal(envelope, keys.secret(vault, secret.name()), out.toString());
  }

  private static void labels(Lines.Writer out, Map<String, String> labels) {
    new TreeMap<>(labels).forEach((key, value) -> out.add("label", key + " " + value));
  }

  /** The record of a vault. */
  VaultRecord vault(String name, byte[] content) {
    SealedText sealed = sealed(content);
    try {
      return new VaultRecord(
          name,
          sealed.key(),
          sealed.seal(),
          sealed.isGenuine(envelope, keys.vault(name))
              ? vault(name, new Lines.Reader(sealed.text()))
              : null);
    } catch (IllegalArgumentException e) { // of another form
      return new VaultRecord(name, sealed.key(), sealed.seal(), null);
    }
  }

  private static Vault vault(String name, Lines.Reader in) {
    requireFormat(in.next("vault"));
    OpaqueBytes id = bytes(in.next("id"));
    in.nextNumber("generation");
    Instant created = Instant.ofEpochMilli(in.nextNumber("created"));
    Instant updated = Instant.ofEpochMilli(in.nextNumber("updated"));
    Map<String, String> labels = labels(in);
    in.end();
    return new Vault(name, id, created, updated, labels);
  }

  /**
   * The record of a secret.
   *
   * @param key where it stands
   */
  SecretRecord secret(String key, byte[] content) {
    SecretRef ref = keys.secretAt(key);
    if (ref == null) {
      throw Damage.of(store, "record of a secret with an impossible name");
    }
    SealedText sealed = sealed(content);
    try {
      return new SecretRecord(
          ref,
          sealed.key(),
          sealed.seal(),
          sealed.isGenuine(envelope, key)
              ? secret(ref.name(), new Lines.Reader(sealed.text()))
              : null);
    } catch (IllegalArgumentException e) { // of another form
      return new SecretRecord(ref, sealed.key(), sealed.seal(), null);
    }
  }

  /** What stands there; a text without a seal of this form gets one that no key has made. */
  private static SealedText sealed(byte[] content) {
    try {
      return SealedText.of(content);
    } catch (IllegalArgumentException e) {
      return new SealedText("", 0, OpaqueBytes.adopt(new byte[0]));
    }
  }

  private static Secret<StoredValue> secret(String name, Lines.Reader in) {
    requireFormat(in.next("secret"));
    OpaqueBytes id = bytes(in.next("id"));
    in.nextNumber("generation");
    Instant created = Instant.ofEpochMilli(in.nextNumber("created"));
    String description = in.next("description");
    Map<String, String> labels = labels(in);
    List<Version<StoredValue>> versions = new ArrayList<>();
    while (!in.isAtEnd()) {
      versions.add(version(in.next("version").split(" ", -1)));
    }
    return new Secret<>(name, id, created, description, labels, versions);
  }

  private static Version<StoredValue> version(String[] words) {
    if (words.length != 3 && words.length != 5) {
      throw new IllegalArgumentException("A version has 3 or 5 words, got " + words.length);
    }
    @Nullable
    StoredValue value =
        words.length == 3 ? null : new StoredValue(Long.parseLong(words[3]), bytes(words[4]), null);
    return new Version<>(
        Long.parseLong(words[0]),
        Instant.ofEpochMilli(Long.parseLong(words[1])),
        State.valueOf(words[2]),
        value);
  }

  private static Map<String, String> labels(Lines.Reader in) {
    Map<String, String> labels = new TreeMap<>();
    while (in.isNext("label")) {
      String label = in.next("label");
      int space = label.indexOf(' ');
      labels.put(label.substring(0, Math.max(space, 0)), label.substring(space + 1));
    }
    return labels;
  }

  private static void requireFormat(String format) {
    if (!format.equals(FORMAT)) {
      throw new IllegalArgumentException("The record is of the format " + format);
    }
  }

  private static OpaqueBytes bytes(String hex) {
    return OpaqueBytes.adopt(HexFormat.of().parseHex(hex));
  }
}
