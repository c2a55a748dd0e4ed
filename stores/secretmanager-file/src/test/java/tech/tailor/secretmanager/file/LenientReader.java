package tech.tailor.secretmanager.file;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.KeyProtection.ByPassphrase;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * A second reader of documents, by a JSON parser: lenient about white space, escapes, and the form
 * of times and base64. With {@link #strictly} it is what the format's description calls the
 * simplest way: parse, write again and compare.
 */
final class LenientReader {

  private static final int ID_SIZE_BYTES = 16;

  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(16)
          .maxStringLength(StoreLimits.TEXT_LENGTH)
          .maxNameLength(256)
          .maxNumberLength(32)
          .build())
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .build();

  private final JsonParser parser;

  /** Whether the parser stands at what comes next, not at what came last. */
  private boolean ahead;

  private LenientReader(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * What a file holds.
   *
   * @param document all but the seal
   * @param seal not verified
   */
  record Parsed(StoredDocument document, OpaqueBytes seal) {}

  /** The file is no document of this format. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** The document, or null if it is not written in the one way. */
  static @Nullable Parsed strictly(byte[] file) {
    try {
      Parsed parsed = read(file);
      byte[] again = DocumentWriter.file(parsed.document(), parsed.seal());
      return Arrays.equals(again, file) ? parsed : null;
    } catch (MalformedException e) {
      return null;
    }
  }

  static Parsed read(byte[] file) throws MalformedException {
    try (JsonParser parser = JSON.createParser(file)) {
      return new LenientReader(parser).document();
    } catch (IOException | RuntimeException e) {
      throw new MalformedException(e.getClass().getSimpleName());
    }
  }

  private Parsed document() throws IOException, MalformedException {
    expect(JsonToken.START_OBJECT);
    long format = number("format");
    require(format == 1 || format == 2, "another format");
    OpaqueBytes storeId = id("storeId");
    long generation = number("generation");
    require(generation >= 1, "a generation below 1");
    RecoveryEntry recovery =
        format == 2 ? new RecoveryEntry(base64("recoveryKey"), base64("recoverySecret")) : null;
    List<WrappedKey> keys = keys(recovery != null);
    Set<Long> keyIds = keys.stream().map(WrappedKey::id).collect(toSet());
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    beginArray("vaults");
    while (nextElement()) {
      StoredVault vault = vault(keyIds);
      require(
          vaults.isEmpty() || vaults.lastKey().compareTo(vault.name()) < 0, "vaults out of order");
      vaults.put(vault.name(), vault);
      require(vaults.size() <= StoreLimits.VAULTS, "too many vaults");
    }
    OpaqueBytes seal = base64("seal");
    expect(JsonToken.END_OBJECT);
    expect(null);
    return new Parsed(new StoredDocument(storeId, generation, recovery, keys, vaults), seal);
  }

  private List<WrappedKey> keys(boolean copied) throws IOException, MalformedException {
    List<WrappedKey> keys = new ArrayList<>();
    long previous = 0;
    beginArray("keys");
    while (nextElement()) {
      long id = number("id");
      require(id > previous, "keys out of order");
      previous = id;
      KeyProtection protection = protection();
      OpaqueBytes master = id("masterKey");
      OpaqueBytes wrapped = base64("wrapped");
      OpaqueBytes copy = copied ? base64("recovery") : null;
      keys.add(new WrappedKey(id, protection, master, wrapped, copy));
      expect(JsonToken.END_OBJECT);
      require(keys.size() <= StoreLimits.KEYS, "too many keys");
    }
    require(!keys.isEmpty(), "no key");
    return keys;
  }

  private KeyProtection protection() throws IOException, MalformedException {
    if (isNext("kdf")) {
      require(text("kdf").equals(ByPassphrase.KDF), "an unknown kdf");
      long iterations = number("iterations");
      require(
          iterations >= ByPassphrase.MIN_ITERATIONS && iterations <= ByPassphrase.MAX_ITERATIONS,
          "a number of iterations that is out of bounds");
      return new ByPassphrase((int) iterations, id("salt"));
    }
    if (isNext("kms")) {
      String name = text("kms");
      require(KeyProtection.ByKms.isName(name), "no name of a KMS key");
      return new KeyProtection.ByKms(name);
    }
    return KeyProtection.ByKey.RAW;
  }

  private StoredVault vault(Set<Long> keyIds) throws IOException, MalformedException {
    String name = SecretRef.requireVaultName(text("name"));
    OpaqueBytes id = id("id");
    Instant createTime = time("createTime");
    Instant updateTime = isNext("updateTime") ? time("updateTime") : createTime;
    SortedMap<String, String> labels = labels();
    SortedMap<String, StoredSecret> secrets = new TreeMap<>();
    beginArray("secrets");
    while (nextElement()) {
      StoredSecret secret = secret(name, keyIds);
      require(
          secrets.isEmpty() || secrets.lastKey().compareTo(secret.name()) < 0,
          "secrets out of order");
      secrets.put(secret.name(), secret);
      require(secrets.size() <= StoreLimits.SECRETS_PER_VAULT, "too many secrets in a vault");
    }
    expect(JsonToken.END_OBJECT);
    return new StoredVault(name, id, createTime, updateTime, labels, secrets);
  }

  private StoredSecret secret(String vault, Set<Long> keyIds)
      throws IOException, MalformedException {
    String name = SecretRef.of(vault, text("name")).name();
    OpaqueBytes id = id("id");
    Instant createTime = time("createTime");
    String description =
        isNext("description") ? VersionedSecretStore.requireDescription(text("description")) : "";
    SortedMap<String, String> labels = labels();
    List<StoredSecret.StoredVersion> versions = new ArrayList<>(1);
    long previous = 0;
    beginArray("versions");
    while (nextElement()) {
      StoredSecret.StoredVersion version = version(keyIds);
      require(version.version() > previous, "versions out of order");
      previous = version.version();
      versions.add(version);
      require(versions.size() <= StoreLimits.VERSIONS_PER_SECRET, "too many versions of a secret");
    }
    require(!versions.isEmpty(), "a secret without a version");
    expect(JsonToken.END_OBJECT);
    return new StoredSecret(name, id, createTime, description, labels, versions);
  }

  private StoredSecret.StoredVersion version(Set<Long> keyIds)
      throws IOException, MalformedException {
    long version = number("version");
    Instant createTime = time("createTime");
    State state = State.ENABLED;
    if (isNext("state")) {
      String text = text("state");
      state = text.equals("disabled") ? State.DISABLED : State.DESTROYED;
      require(state == State.DISABLED || text.equals("destroyed"), "an unknown state");
    }
    long key = 0;
    OpaqueBytes ciphertext = null;
    if (state != State.DESTROYED) {
      key = number("key");
      require(keyIds.contains(key), "an unknown key");
      ciphertext = base64("ciphertext");
    }
    expect(JsonToken.END_OBJECT);
    return new StoredSecret.StoredVersion(version, createTime, state, key, ciphertext);
  }

  /** Their order, and that there is at least one, shows when they are written again. */
  private SortedMap<String, String> labels() throws IOException, MalformedException {
    SortedMap<String, String> labels = new TreeMap<>();
    if (!isNext("labels")) {
      return labels;
    }
    member("labels", JsonToken.START_OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(JsonToken.VALUE_STRING);
      labels.put(key, parser.getText());
      require(labels.size() <= SecretStore.MAX_LABELS, "too many labels");
    }
    require(parser.currentToken() == JsonToken.END_OBJECT, "no end of the labels");
    SecretStore.requireLabels(labels);
    return labels;
  }

  private void beginArray(String name) throws IOException, MalformedException {
    member(name, JsonToken.START_ARRAY);
  }

  /** Whether another object of the array begins. */
  private boolean nextElement() throws IOException, MalformedException {
    JsonToken token = parser.nextToken();
    require(
        token == JsonToken.START_OBJECT || token == JsonToken.END_ARRAY, "no object in an array");
    return token == JsonToken.START_OBJECT;
  }

  private OpaqueBytes id(String name) throws IOException, MalformedException {
    OpaqueBytes id = OpaqueBytes.copyOf(HexFormat.of().parseHex(text(name)));
    require(id.sizeBytes() == ID_SIZE_BYTES, "an id of another size");
    return id;
  }

  private OpaqueBytes base64(String name) throws IOException, MalformedException {
    return OpaqueBytes.copyOf(Base64.getDecoder().decode(text(name)));
  }

  private Instant time(String name) throws IOException, MalformedException {
    return DateTimeFormatter.ISO_INSTANT.parse(text(name), Instant::from);
  }

  private String text(String name) throws IOException, MalformedException {
    member(name, JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private long number(String name) throws IOException, MalformedException {
    member(name, JsonToken.VALUE_NUMBER_INT);
    return parser.getLongValue();
  }

  private void member(String name, JsonToken value) throws IOException, MalformedException {
    if (!isNext(name)) {
      throw malformed("no member \"" + name + "\"");
    }
    ahead = false;
    expect(value);
  }

  /** Whether the next member has that name. It stays the next one. */
  private boolean isNext(String name) throws IOException {
    JsonToken token = ahead ? parser.currentToken() : parser.nextToken();
    ahead = true;
    return token == JsonToken.FIELD_NAME && name.equals(parser.currentName());
  }

  private void expect(@Nullable JsonToken token) throws IOException, MalformedException {
    JsonToken found = ahead ? parser.currentToken() : parser.nextToken();
    ahead = false;
    if (found != token) {
      throw malformed(token == null ? "no end" : "no " + token);
    }
  }

  private void require(boolean holds, String otherwise) throws MalformedException {
    if (!holds) {
      throw malformed(otherwise);
    }
  }

  private MalformedException malformed(String what) {
    return new MalformedException(what + " at byte " + parser.currentLocation().getByteOffset());
  }
}
