package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.toSet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.file.CanonicalInput.MalformedException;
import tech.tailor.secretmanager.client.file.KeyProtection.ByPassphrase;
import tech.tailor.secretmanager.spi.SecretStore;
import tech.tailor.secretmanager.spi.SecretVersionInfo.State;
import tech.tailor.secretmanager.spi.VersionedSecretStore;

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
    if (format > DocumentWriter.FORMAT) {
      throw new NewerFormatException("it is of format " + format + ", which a newer version of this"
          + " library wrote; this one reads format " + DocumentWriter.FORMAT);
    }
  }

  private Parsed document() throws MalformedException {
    input.beginDocument();
    require(input.number("format") == DocumentWriter.FORMAT, "an unknown format");
    OpaqueBytes storeId = id("storeId");
    long generation = input.number("generation");
    require(generation >= 1, "a generation below 1");
    List<StoredDocument.WrappedKey> keys = keys();
    Set<Long> keyIds = keys.stream().map(StoredDocument.WrappedKey::id).collect(toSet());
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    input.beginArray("vaults");
    while (input.nextElement()) {
      StoredVault vault = vault(keyIds);
      require(
          vaults.isEmpty() || vaults.lastKey().compareTo(vault.name()) < 0, "vaults out of order");
      vaults.put(vault.name(), vault);
      require(vaults.size() <= StoreLimits.VAULTS, "too many vaults");
    }
    int bodyBytes = input.positionOfText("seal");
    OpaqueBytes seal = input.base64("seal");
    input.endObject();
    input.endDocument();
    return new Parsed(new StoredDocument(storeId, generation, keys, vaults), seal, bodyBytes);
  }

  private List<StoredDocument.WrappedKey> keys() throws MalformedException {
    List<StoredDocument.WrappedKey> keys = new ArrayList<>();
    long previous = 0;
    input.beginArray("keys");
    while (input.nextElement()) {
      long id = input.number("id");
      require(id > previous, "keys out of order");
      previous = id;
      KeyProtection protection = protection();
      OpaqueBytes master = id("masterKey");
      keys.add(new StoredDocument.WrappedKey(id, protection, master, input.base64("wrapped")));
      input.endObject();
      require(keys.size() <= StoreLimits.KEYS, "too many keys");
    }
    require(!keys.isEmpty(), "no key");
    return keys;
  }

  private KeyProtection protection() throws MalformedException {
    if (input.isNext("kdf")) {
      require(input.text("kdf").equals(ByPassphrase.KDF), "an unknown kdf");
      long iterations = input.number("iterations");
      require(
          iterations >= ByPassphrase.MIN_ITERATIONS && iterations <= ByPassphrase.MAX_ITERATIONS,
          "a number of iterations that is out of bounds");
      return new ByPassphrase((int) iterations, id("salt"));
    }
    if (input.isNext("kms")) {
      String name = input.text("kms");
      require(KeyProtection.ByKms.isName(name), "no name of a KMS key");
      return new KeyProtection.ByKms(name);
    }
    return KeyProtection.ByKey.RAW;
  }

  private StoredVault vault(Set<Long> keyIds) throws MalformedException {
    String name = SecretRef.requireVaultName(input.text("name"));
    OpaqueBytes id = id("id");
    Instant createTime = input.time("createTime");
    Instant updateTime = createTime;
    if (input.isNext("updateTime")) {
      updateTime = input.time("updateTime");
      require(!updateTime.equals(createTime), "a default that is written");
    }
    SortedMap<String, String> labels = labels();
    SortedMap<String, StoredSecret> secrets = new TreeMap<>();
    input.beginArray("secrets");
    while (input.nextElement()) {
      StoredSecret secret = secret(name, keyIds);
      require(
          secrets.isEmpty() || secrets.lastKey().compareTo(secret.name()) < 0,
          "secrets out of order");
      secrets.put(secret.name(), secret);
      require(secrets.size() <= StoreLimits.SECRETS_PER_VAULT, "too many secrets in a vault");
    }
    input.endObject();
    return new StoredVault(name, id, createTime, updateTime, labels, secrets);
  }

  private StoredSecret secret(String vault, Set<Long> keyIds) throws MalformedException {
    String name = SecretRef.of(vault, input.text("name")).name();
    OpaqueBytes id = id("id");
    Instant createTime = input.time("createTime");
    String description = "";
    if (input.isNext("description")) {
      description = VersionedSecretStore.requireDescription(input.freeText("description"));
      require(!description.isEmpty(), "a default that is written");
    }
    SortedMap<String, String> labels = labels();
    List<StoredSecret.StoredVersion> versions = new ArrayList<>(1);
    long previous = 0;
    input.beginArray("versions");
    while (input.nextElement()) {
      StoredSecret.StoredVersion version = version(keyIds);
      require(version.version() > previous, "versions out of order");
      previous = version.version();
      versions.add(version);
      require(versions.size() <= StoreLimits.VERSIONS_PER_SECRET, "too many versions of a secret");
    }
    require(!versions.isEmpty(), "a secret without a version");
    input.endObject();
    return new StoredSecret(name, id, createTime, description, labels, versions);
  }

  private StoredSecret.StoredVersion version(Set<Long> keyIds) throws MalformedException {
    long version = input.number("version");
    Instant createTime = input.time("createTime");
    State state = State.ENABLED;
    if (input.isNext("state")) {
      String text = input.text("state");
      state = text.equals("disabled") ? State.DISABLED : State.DESTROYED;
      require(state == State.DISABLED || text.equals("destroyed"), "an unknown state");
    }
    long key = 0;
    OpaqueBytes ciphertext = null;
    if (state != State.DESTROYED) {
      key = input.number("key");
      require(keyIds.contains(key), "an unknown key");
      ciphertext = input.base64("ciphertext");
    }
    input.endObject();
    return new StoredSecret.StoredVersion(version, createTime, state, key, ciphertext);
  }

  private SortedMap<String, String> labels() throws MalformedException {
    if (!input.isNext("labels")) {
      return StoredSecret.NO_LABELS;
    }
    SortedMap<String, String> labels = new TreeMap<>();
    input.beginTexts("labels");
    for (String key = input.nextName(); key != null; key = input.nextName()) {
      require(labels.isEmpty() || labels.lastKey().compareTo(key) < 0, "labels out of order");
      labels.put(key, input.quoted());
      require(labels.size() <= SecretStore.MAX_LABELS, "too many labels");
    }
    SecretStore.requireLabels(labels);
    return labels;
  }

  private OpaqueBytes id(String name) throws MalformedException {
    return input.hex(name, ID_SIZE_BYTES);
  }

  private void require(boolean holds, String otherwise) throws MalformedException {
    input.require(holds, otherwise);
  }
}
