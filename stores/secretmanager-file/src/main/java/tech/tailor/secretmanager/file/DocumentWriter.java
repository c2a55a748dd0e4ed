package tech.tailor.secretmanager.file;

import static tech.tailor.secretmanager.file.CanonicalMember.CIPHERTEXT;
import static tech.tailor.secretmanager.file.CanonicalMember.CREATE_TIME;
import static tech.tailor.secretmanager.file.CanonicalMember.DESCRIPTION;
import static tech.tailor.secretmanager.file.CanonicalMember.FORMAT;
import static tech.tailor.secretmanager.file.CanonicalMember.GENERATION;
import static tech.tailor.secretmanager.file.CanonicalMember.ID;
import static tech.tailor.secretmanager.file.CanonicalMember.ITERATIONS;
import static tech.tailor.secretmanager.file.CanonicalMember.KDF;
import static tech.tailor.secretmanager.file.CanonicalMember.KEY;
import static tech.tailor.secretmanager.file.CanonicalMember.KEYS;
import static tech.tailor.secretmanager.file.CanonicalMember.KMS;
import static tech.tailor.secretmanager.file.CanonicalMember.LABELS;
import static tech.tailor.secretmanager.file.CanonicalMember.MASTER_KEY;
import static tech.tailor.secretmanager.file.CanonicalMember.NAME;
import static tech.tailor.secretmanager.file.CanonicalMember.RECOVERY;
import static tech.tailor.secretmanager.file.CanonicalMember.RECOVERY_KEY;
import static tech.tailor.secretmanager.file.CanonicalMember.RECOVERY_SECRET;
import static tech.tailor.secretmanager.file.CanonicalMember.SALT;
import static tech.tailor.secretmanager.file.CanonicalMember.SECRETS;
import static tech.tailor.secretmanager.file.CanonicalMember.STATE;
import static tech.tailor.secretmanager.file.CanonicalMember.STORE_ID;
import static tech.tailor.secretmanager.file.CanonicalMember.UPDATE_TIME;
import static tech.tailor.secretmanager.file.CanonicalMember.VAULTS;
import static tech.tailor.secretmanager.file.CanonicalMember.VERSION;
import static tech.tailor.secretmanager.file.CanonicalMember.VERSIONS;
import static tech.tailor.secretmanager.file.CanonicalMember.WRAPPED;

import java.util.Locale;
import java.util.SortedMap;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;

/**
 * Writes a document in its canonical form: one document, one sequence of bytes. A member that has a
 * default is left out where it has it.
 */
final class DocumentWriter {

  /** Of a document without a recovery key. */
  static final int FIRST_FORMAT = 1;

  /** Of one with a recovery key: the members for it are all that is new. */
  static final int RECOVERY_FORMAT = 2;

  /** So that a buffer seldom has to grow: what each comes to beside its texts of any length. */
  private static final int EXPECTED_BYTES_BESIDE = 4 * 1024;

  private static final int EXPECTED_BYTES_OF_SECRET = 300;
  private static final int EXPECTED_BYTES_OF_VERSION = 180;

  private DocumentWriter() {}

  /** All bytes before the seal's text, its opening quote included: what the seal vouches for. */
  static CanonicalJson body(StoredDocument document) {
    CanonicalJson json = new CanonicalJson(expectedBytes(document)).beginObject();
    RecoveryEntry recovery = document.recovery();
    json.member(FORMAT, recovery == null ? FIRST_FORMAT : RECOVERY_FORMAT);
    json.hex(STORE_ID, document.storeId());
    json.member(GENERATION, document.generation());
    if (recovery != null) {
      json.base64(RECOVERY_KEY, recovery.publicKey());
      json.base64(RECOVERY_SECRET, recovery.wrappedSecret());
    }
    json.beginArray(KEYS);
    for (WrappedKey key : document.keys()) {
      json.beginObject().member(ID, key.id());
      if (key.protection() instanceof KeyProtection.ByPassphrase passphrase) {
        json.member(KDF, KeyProtection.ByPassphrase.KDF);
        json.member(ITERATIONS, passphrase.iterations());
        json.hex(SALT, passphrase.salt());
      } else if (key.protection() instanceof KeyProtection.ByKms kms) {
        json.member(KMS, kms.name());
      }
      json.hex(MASTER_KEY, key.masterKey());
      json.base64(WRAPPED, key.wrapped());
      OpaqueBytes copy = key.recoveryCopy();
      if (copy != null) {
        json.base64(RECOVERY, copy);
      }
      json.endObject();
    }
    json.endArray();
    json.beginArray(VAULTS);
    for (StoredVault vault : document.vaults().values()) {
      write(vault, json);
    }
    json.endArray();
    return json.openSeal();
  }

  /** The whole file. */
  static byte[] file(StoredDocument document, OpaqueBytes seal) {
    return body(document).closeSeal(seal).toBytes();
  }

  private static int expectedBytes(StoredDocument document) {
    int expected = EXPECTED_BYTES_BESIDE;
    for (StoredVault vault : document.vaults().values()) {
      for (StoredSecret secret : vault.secrets().values()) {
        expected += EXPECTED_BYTES_OF_SECRET;
        for (StoredSecret.StoredVersion version : secret.versions()) {
          OpaqueBytes ciphertext = version.ciphertext();
          expected +=
              EXPECTED_BYTES_OF_VERSION + (ciphertext == null ? 0 : ciphertext.sizeBytes() * 4 / 3);
        }
      }
    }
    return expected;
  }

  private static void write(StoredVault vault, CanonicalJson json) {
    json.beginObject();
    json.member(NAME, vault.name());
    json.hex(ID, vault.id());
    json.member(CREATE_TIME, vault.createTime());
    if (!vault.updateTime().equals(vault.createTime())) {
      json.member(UPDATE_TIME, vault.updateTime());
    }
    writeLabels(vault.labels(), json);
    json.beginArray(SECRETS);
    for (StoredSecret secret : vault.secrets().values()) {
      write(secret, json);
    }
    json.endArray().endObject();
  }

  private static void write(StoredSecret secret, CanonicalJson json) {
    json.beginObject();
    json.member(NAME, secret.name());
    json.hex(ID, secret.id());
    json.member(CREATE_TIME, secret.createTime());
    if (!secret.description().isEmpty()) {
      json.freeText(DESCRIPTION, secret.description());
    }
    writeLabels(secret.labels(), json);
    json.beginArray(VERSIONS);
    for (StoredSecret.StoredVersion version : secret.versions()) {
      write(version, json);
    }
    json.endArray().endObject();
  }

  private static void write(StoredSecret.StoredVersion version, CanonicalJson json) {
    json.beginObject();
    json.member(VERSION, version.version());
    json.member(CREATE_TIME, version.createTime());
    if (version.state() != State.ENABLED) {
      json.member(STATE, version.state().name().toLowerCase(Locale.ROOT));
    }
    OpaqueBytes ciphertext = version.ciphertext();
    if (ciphertext != null) {
      json.member(KEY, version.key());
      json.base64(CIPHERTEXT, ciphertext);
    }
    json.endObject();
  }

  private static void writeLabels(SortedMap<String, String> labels, CanonicalJson json) {
    if (!labels.isEmpty()) {
      json.texts(LABELS, labels);
    }
  }
}
