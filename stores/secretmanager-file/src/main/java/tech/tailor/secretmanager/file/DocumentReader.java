package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import static tech.tailor.secretmanager.file.CanonicalMember.SEAL;
import static tech.tailor.secretmanager.file.CanonicalMember.SECRETS;
import static tech.tailor.secretmanager.file.CanonicalMember.STATE;
import static tech.tailor.secretmanager.file.CanonicalMember.STORE_ID;
import static tech.tailor.secretmanager.file.CanonicalMember.UPDATE_TIME;
import static tech.tailor.secretmanager.file.CanonicalMember.VAULTS;
import static tech.tailor.secretmanager.file.CanonicalMember.VERSION;
import static tech.tailor.secretmanager.file.CanonicalMember.VERSIONS;
import static tech.tailor.secretmanager.file.CanonicalMember.WRAPPED;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.KeyProtection.ByPassphrase;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.file.CanonicalInput.MalformedException;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Reads a document strictly: exactly the members of the format, in their order, within the limits,
 * and in the one form in which {@link DocumentWriter} writes them. What it takes, the writer would
 * write with the same bytes; nothing has to be written again to know that.
 */
final class DocumentReader {

  private static final int ID_SIZE_BYTES = 16;

  /** How a store begins, whatever its white space. */
  private static final Pattern BEGINNING =
      Pattern.compile("\\A\\s*\\{\\s*\"format\"\\s*:\\s*([0-9]{1,18})(?![0-9]).*", Pattern.DOTALL);

  private static final int BEGINNING_BYTES = 200;

  private final CanonicalInput input;

  /** Of the document's keys, once they are read. */
  private long[] keyIds = {};

  /** So far, in the whole document: nothing vouches for it before all of it is read. */
  private int secretsRead;

  private int entriesRead;

  private DocumentReader(CanonicalInput input) {
    this.input = input;
  }

  /**
   * What a file holds.
   *
   * @param document all but the seal
   * @param seal not verified
   * @param bodyBytes how many bytes come before the text of the seal
   */
  record Parsed(StoredDocument document, OpaqueBytes seal, int bodyBytes) {}

  /** The file is something else, or was damaged at its beginning. */
  static final class NoStoreException extends MalformedException {
    private static final long serialVersionUID = 1L;

    NoStoreException(String message) {
      super(message);
    }
  }

  /** The file may be a good one, of a format that this version does not know. */
  static final class NewerFormatException extends MalformedException {
    private static final long serialVersionUID = 1L;

    NewerFormatException(String message) {
      super(message);
    }
  }

  static Parsed read(byte[] file) throws MalformedException {
    requireBeginning(file);
    CanonicalInput input = new CanonicalInput(file);
    try {
      return new DocumentReader(input).document();
    } catch (IllegalArgumentException e) {
      // What a name or a text must not be. Not as a cause: it can quote the document.
      throw input.malformed(e.getClass().getSimpleName());
    }
  }

  /** Tells what is no store, or a newer one, from what was damaged. */
  private static void requireBeginning(byte[] file) throws MalformedException {
    String beginning = new String(file, 0, Math.min(file.length, BEGINNING_BYTES), ISO_8859_1);
    Matcher matcher = BEGINNING.matcher(beginning);
    if (!matcher.matches()) {
      throw new NoStoreException("there is no format at its beginning");
    }
    long format = Long.parseLong(matcher.group(1));
    if (format > DocumentWriter.RECOVERY_FORMAT) {
      throw new NewerFormatException("it is of format " + format + ", which a newer version of this"
          + " library wrote; this one reads formats " + DocumentWriter.FIRST_FORMAT + " and "
          + DocumentWriter.RECOVERY_FORMAT);
    }
  }

  private Parsed document() throws MalformedException {
    input.beginDocument();
    long format = input.number(FORMAT);
    require(
        format == DocumentWriter.FIRST_FORMAT || format == DocumentWriter.RECOVERY_FORMAT,
        "an unknown format");
    OpaqueBytes storeId = id(STORE_ID);
    long generation = input.number(GENERATION);
    require(generation >= 1, "a generation below 1");
    RecoveryEntry recovery = format == DocumentWriter.RECOVERY_FORMAT
        ? new RecoveryEntry(input.base64(RECOVERY_KEY), input.base64(RECOVERY_SECRET))
        : null;
    List<WrappedKey> keys = keys(recovery != null);
    keyIds = keys.stream().mapToLong(WrappedKey::id).toArray();
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    String previous = "";
    input.beginArray(VAULTS);
    while (input.nextElement()) {
      StoredVault vault = vault();
      require(previous.compareTo(vault.name()) < 0, "vaults out of order");
      previous = vault.name();
      vaults.put(vault.name(), vault);
      require(vaults.size() <= StoreLimits.VAULTS, "too many vaults");
    }
    int bodyBytes = input.positionOfText(SEAL);
    OpaqueBytes seal = input.base64(SEAL);
    input.endObject();
    input.endDocument();
    return new Parsed(
        new StoredDocument(storeId, generation, recovery, keys, vaults), seal, bodyBytes);
  }

  private List<WrappedKey> keys(boolean copied) throws MalformedException {
    List<WrappedKey> keys = new ArrayList<>();
    long previous = 0;
    input.beginArray(KEYS);
    while (input.nextElement()) {
      long id = input.number(ID);
      require(id > previous, "keys out of order");
      previous = id;
      KeyProtection protection = protection();
      OpaqueBytes master = id(MASTER_KEY);
      OpaqueBytes wrapped = input.base64(WRAPPED);
      OpaqueBytes copy = copied ? input.base64(RECOVERY) : null;
      keys.add(new WrappedKey(id, protection, master, wrapped, copy));
      input.endObject();
      require(keys.size() <= StoreLimits.KEYS, "too many keys");
    }
    require(!keys.isEmpty(), "no key");
    return keys;
  }

  private KeyProtection protection() throws MalformedException {
    if (input.isNext(KDF)) {
      require(input.text(KDF).equals(ByPassphrase.KDF), "an unknown kdf");
      long iterations = input.number(ITERATIONS);
      require(
          iterations >= ByPassphrase.MIN_ITERATIONS && iterations <= ByPassphrase.MAX_ITERATIONS,
          "a number of iterations that is out of bounds");
      return new ByPassphrase((int) iterations, id(SALT));
    }
    if (input.isNext(KMS)) {
      String name = input.text(KMS);
      require(KeyProtection.ByKms.isName(name), "no name of a KMS key");
      return new KeyProtection.ByKms(name);
    }
    return KeyProtection.ByKey.RAW;
  }

  private StoredVault vault() throws MalformedException {
    countEntry();
    String name = name();
    OpaqueBytes id = id(ID);
    Instant createTime = input.time(CREATE_TIME);
    Instant updateTime = createTime;
    if (input.isNext(UPDATE_TIME)) {
      updateTime = input.time(UPDATE_TIME);
      require(!updateTime.equals(createTime), "a default that is written");
    }
    SortedMap<String, String> labels = labels();
    SortedMap<String, StoredSecret> secrets = new TreeMap<>();
    String previous = "";
    input.beginArray(SECRETS);
    while (input.nextElement()) {
      StoredSecret secret = secret();
      require(previous.compareTo(secret.name()) < 0, "secrets out of order");
      previous = secret.name();
      secrets.put(secret.name(), secret);
      require(secrets.size() <= StoreLimits.SECRETS_PER_VAULT, "too many secrets in a vault");
    }
    input.endObject();
    return new StoredVault(name, id, createTime, updateTime, labels, secrets);
  }

  private StoredSecret secret() throws MalformedException {
    countEntry();
    secretsRead++;
    require(secretsRead <= StoreLimits.SECRETS, "too many secrets");
    String name = name();
    OpaqueBytes id = id(ID);
    Instant createTime = input.time(CREATE_TIME);
    String description = "";
    if (input.isNext(DESCRIPTION)) {
      description = VersionedSecretStore.requireDescription(input.freeText(DESCRIPTION));
      require(!description.isEmpty(), "a default that is written");
    }
    SortedMap<String, String> labels = labels();
    List<StoredSecret.StoredVersion> versions = new ArrayList<>(1);
    long previous = 0;
    input.beginArray(VERSIONS);
    while (input.nextElement()) {
      StoredSecret.StoredVersion version = version();
      require(version.version() > previous, "versions out of order");
      previous = version.version();
      versions.add(version);
      require(versions.size() <= StoreLimits.VERSIONS_PER_SECRET, "too many versions of a secret");
    }
    require(!versions.isEmpty(), "a secret without a version");
    input.endObject();
    return new StoredSecret(name, id, createTime, description, labels, versions);
  }

  private StoredSecret.StoredVersion version() throws MalformedException {
    countEntry();
    long version = input.number(VERSION);
    Instant createTime = input.time(CREATE_TIME);
    State state = State.ENABLED;
    if (input.isNext(STATE)) {
      String text = input.text(STATE);
      state = text.equals("disabled") ? State.DISABLED : State.DESTROYED;
      require(state == State.DISABLED || text.equals("destroyed"), "an unknown state");
    }
    long key = 0;
    OpaqueBytes ciphertext = null;
    if (state != State.DESTROYED) {
      key = input.number(KEY);
      require(isKnown(key), "an unknown key");
      ciphertext = input.base64(CIPHERTEXT);
    }
    input.endObject();
    return new StoredSecret.StoredVersion(version, createTime, state, key, ciphertext);
  }

  private boolean isKnown(long key) {
    for (long each : keyIds) {
      if (each == key) {
        return true;
      }
    }
    return false;
  }

  private SortedMap<String, String> labels() throws MalformedException {
    if (!input.isNext(LABELS)) {
      return StoredSecret.NO_LABELS;
    }
    SortedMap<String, String> labels = new TreeMap<>();
    input.beginTexts(LABELS);
    for (String key = input.nextName(); key != null; key = input.nextName()) {
      countEntry();
      require(labels.isEmpty() || labels.lastKey().compareTo(key) < 0, "labels out of order");
      labels.put(key, input.quoted());
      require(labels.size() <= SecretStore.MAX_LABELS, "too many labels");
    }
    SecretStore.requireLabels(labels);
    return labels;
  }

  private void countEntry() throws MalformedException {
    entriesRead++;
    require(entriesRead <= StoreLimits.ENTRIES, "too many entries");
  }

  /** Of a vault or a secret, whose names have one grammar. */
  private String name() throws MalformedException {
    return SecretRef.requireVaultName(input.text(NAME));
  }

  private OpaqueBytes id(CanonicalMember name) throws MalformedException {
    return input.hex(name, ID_SIZE_BYTES);
  }

  private void require(boolean holds, String otherwise) throws MalformedException {
    input.require(holds, otherwise);
  }
}
