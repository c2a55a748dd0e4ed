package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Locale;
import java.util.SortedMap;
import tech.tailor.secretmanager.spi.SecretVersionInfo.State;

/**
 * Writes a document in its canonical form: one document, one sequence of bytes. A member that has a
 * default is left out where it has it.
 */
final class DocumentWriter {

  static final int FORMAT = 1;

  private static final byte[] AFTER_SEAL = "\"\n}\n".getBytes(US_ASCII);

  private DocumentWriter() {}

  /** All bytes before the seal's text, its opening quote included: what the seal vouches for. */
  static byte[] body(StoredDocument document) {
    CanonicalJson json = new CanonicalJson().beginObject();
    json.member("format", FORMAT);
    json.member("storeId", document.storeId().toHex());
    json.member("generation", document.generation());
    json.beginArray("keys");
    for (StoredDocument.WrappedKey key : document.keys()) {
      json.beginObject().member("id", key.id());
      if (key.protection() instanceof KeyProtection.ByPassphrase passphrase) {
        json.member("kdf", KeyProtection.ByPassphrase.KDF);
        json.member("iterations", passphrase.iterations());
        json.member("salt", passphrase.salt().toHex());
      } else if (key.protection() instanceof KeyProtection.ByKms kms) {
        json.member("kms", kms.name());
      }
      json.member("masterKey", key.masterKey().toHex());
      json.member("wrapped", key.wrapped().toBase64());
      json.endObject();
    }
    json.endArray();
    json.beginArray("vaults");
    for (StoredVault vault : document.vaults().values()) {
      write(vault, json);
    }
    json.endArray();
    return json.openText("seal").toBytes();
  }

  /** The whole file. */
  static byte[] file(byte[] body, OpaqueBytes seal) {
    byte[] text = seal.toBase64().getBytes(US_ASCII);
    ByteArrayOutputStream file =
        new ByteArrayOutputStream(body.length + text.length + AFTER_SEAL.length);
    file.writeBytes(body);
    file.writeBytes(text);
    file.writeBytes(AFTER_SEAL);
    return file.toByteArray();
  }

  private static void write(StoredVault vault, CanonicalJson json) {
    json.beginObject();
    json.member("name", vault.name());
    json.member("id", vault.id().toHex());
    json.member("createTime", text(vault.createTime()));
    if (!vault.updateTime().equals(vault.createTime())) {
      json.member("updateTime", text(vault.updateTime()));
    }
    writeLabels(vault.labels(), json);
    json.beginArray("secrets");
    for (StoredSecret secret : vault.secrets().values()) {
      write(secret, json);
    }
    json.endArray().endObject();
  }

  private static void write(StoredSecret secret, CanonicalJson json) {
    json.beginObject();
    json.member("name", secret.name());
    json.member("id", secret.id().toHex());
    json.member("createTime", text(secret.createTime()));
    if (!secret.description().isEmpty()) {
      json.freeText("description", secret.description());
    }
    writeLabels(secret.labels(), json);
    json.beginArray("versions");
    for (StoredSecret.StoredVersion version : secret.versions()) {
      write(version, json);
    }
    json.endArray().endObject();
  }

  private static void write(StoredSecret.StoredVersion version, CanonicalJson json) {
    json.beginObject();
    json.member("version", version.version());
    json.member("createTime", text(version.createTime()));
    if (version.state() != State.ENABLED) {
      json.member("state", version.state().name().toLowerCase(Locale.ROOT));
    }
    OpaqueBytes ciphertext = version.ciphertext();
    if (ciphertext != null) {
      json.member("key", version.key());
      json.member("ciphertext", ciphertext.toBase64());
    }
    json.endObject();
  }

  private static void writeLabels(SortedMap<String, String> labels, CanonicalJson json) {
    if (labels.isEmpty()) {
      return;
    }
    json.beginObject("labels");
    labels.forEach((key, value) -> json.member(key, value));
    json.endObject();
  }

  private static String text(Instant time) {
    return CanonicalTime.format(time);
  }
}
