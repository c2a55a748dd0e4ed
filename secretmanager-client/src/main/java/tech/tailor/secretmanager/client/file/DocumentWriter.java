package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Locale;
import java.util.SortedMap;
import tech.tailor.secretmanager.spi.SecretVersionInfo.State;

/**
 * Writes a document in its canonical form: one document, one sequence of bytes. A member that has a
 * default is left out where it has it.
 */
final class DocumentWriter {

  static final int FORMAT = 1;

  /** So that a buffer seldom has to grow: what a secret with one short value comes to. */
  private static final int EXPECTED_BYTES_PER_SECRET = 400;

  private static final int EXPECTED_BYTES_BESIDE = 4 * 1024;

  private static final String AFTER_SEAL = "\"\n}\n";

  private DocumentWriter() {}

  /** All bytes before the seal's text, its opening quote included: what the seal vouches for. */
  static byte[] body(StoredDocument document) {
    int expectedBytes = EXPECTED_BYTES_BESIDE;
    for (StoredVault vault : document.vaults().values()) {
      expectedBytes += vault.secrets().size() * EXPECTED_BYTES_PER_SECRET;
    }
    CanonicalJson json = new CanonicalJson(expectedBytes).beginObject();
    json.member("format", FORMAT);
    json.hex("storeId", document.storeId());
    json.member("generation", document.generation());
    json.beginArray("keys");
    for (StoredDocument.WrappedKey key : document.keys()) {
      json.beginObject().member("id", key.id());
      if (key.protection() instanceof KeyProtection.ByPassphrase passphrase) {
        json.member("kdf", KeyProtection.ByPassphrase.KDF);
        json.member("iterations", passphrase.iterations());
        json.hex("salt", passphrase.salt());
      } else if (key.protection() instanceof KeyProtection.ByKms kms) {
        json.member("kms", kms.name());
      }
      json.hex("masterKey", key.masterKey());
      json.base64("wrapped", key.wrapped());
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
    byte[] end = (seal.toBase64() + AFTER_SEAL).getBytes(US_ASCII);
    byte[] file = Arrays.copyOf(body, body.length + end.length);
    System.arraycopy(end, 0, file, body.length, end.length);
    return file;
  }

  private static void write(StoredVault vault, CanonicalJson json) {
    json.beginObject();
    json.member("name", vault.name());
    json.hex("id", vault.id());
    json.member("createTime", vault.createTime());
    if (!vault.updateTime().equals(vault.createTime())) {
      json.member("updateTime", vault.updateTime());
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
    json.hex("id", secret.id());
    json.member("createTime", secret.createTime());
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
    json.member("createTime", version.createTime());
    if (version.state() != State.ENABLED) {
      json.member("state", version.state().name().toLowerCase(Locale.ROOT));
    }
    OpaqueBytes ciphertext = version.ciphertext();
    if (ciphertext != null) {
      json.member("key", version.key());
      json.base64("ciphertext", ciphertext);
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
}
