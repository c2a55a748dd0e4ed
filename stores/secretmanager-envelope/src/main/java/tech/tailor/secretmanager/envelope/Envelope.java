package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The data keys of one store, opened: it encrypts values for their place, decrypts them, and seals
 * what the store holds in clear. The newest data key encrypts and seals; the older ones decrypt
 * what is not encrypted with the newest yet.
 *
 * <p>The algorithm is XAES-256-GCM with a random nonce, so several processes can use one key. A
 * ciphertext opens only with the label, the store, and the place that it was made for.
 *
 * <p>Immutable and thread-safe: a change of the keys gives another envelope, which takes effect
 * when the store keeps its {@link #wrappedKeys}. The keys stay in memory until the envelope is
 * collected.
 */
public final class Envelope {

  private final AssociatedData associatedData;
  private final List<WrappedKey> wrappedKeys;
  private final Map<Long, DataKey> keys;

  /** Null if the store has no recovery key. */
  private final @Nullable RecoveryEntry recovery;

  Envelope(AssociatedData associatedData, List<DataKey> keys) {
    this(associatedData, keys, null);
  }

  private Envelope(
      AssociatedData associatedData, List<DataKey> keys, @Nullable RecoveryEntry recovery) {
    this.associatedData = associatedData;
    this.recovery = recovery;
    this.wrappedKeys = keys.stream().map(DataKey::wrapped).toList();
    Map<Long, DataKey> byId = new HashMap<>();
    keys.forEach(key -> byId.put(key.wrapped().id(), key));
    this.keys = Map.copyOf(byId);
  }

  /**
   * Where a value stands: one version of one secret.
   *
   * @param vaultId drawn when the vault was created
   * @param secretId drawn when the secret was created
   * @param version the version's number
   * @param name the secret's name
   */
  public record Place(OpaqueBytes vaultId, OpaqueBytes secretId, long version, String name) {

    /** Checks that nothing is null. */
    public Place {
      requireNonNull(vaultId, "vaultId");
      requireNonNull(secretId, "secretId");
      requireNonNull(name, "name");
    }
  }

  /**
   * Draws the first data key of a new store, with id 1.
   *
   * @param label names the kind of store, 1 to 32 printable ASCII characters; part of its format
   * @param storeId tells stores of one kind apart; drawn when the store is created
   * @throws IllegalArgumentException if the label is invalid
   */
  public static Envelope create(String label, OpaqueBytes storeId, MasterKey master) {
    AssociatedData associatedData = new AssociatedData(label, storeId);
    requireNonNull(master, "master");
    return new Envelope(associatedData, List.of(DataKey.generate(1, associatedData, master)));
  }

  /**
   * Opens the data keys that a store keeps. What opens is not yet known to be the store's: a seal
   * shows it, see {@link #verifies}.
   *
   * @param wrappedKeys by ascending id, at least one
   * @param masters each key is opened with the first of them that does
   * @param previous an envelope of the same store, if there is one: a data key that it knows is
   *     taken over, even if its entry was encrypted with another master key since
   * @param store names the store in messages, such as {@code store "/var/lib/app/secrets.json"}
   * @throws SecretIntegrityException if a key opens with none of the master keys
   * @throws tech.tailor.secretmanager.SecretUnavailableException if a key management service can't
   *     be reached
   */
  public static Envelope open(
      String label,
      OpaqueBytes storeId,
      List<WrappedKey> wrappedKeys,
      List<MasterKey> masters,
      @Nullable Envelope previous,
      String store) {
    return open(label, storeId, wrappedKeys, null, masters, previous, store);
  }

  /**
   * The same for a store that may have a recovery key, which then opens the copies of the data keys
   * in the place of a master key.
   *
   * @param recovery what the store keeps of its recovery key; null if it has none
   */
  public static Envelope open(
      String label,
      OpaqueBytes storeId,
      List<WrappedKey> wrappedKeys,
      @Nullable RecoveryEntry recovery,
      List<MasterKey> masters,
      @Nullable Envelope previous,
      String store) {
    AssociatedData associatedData = new AssociatedData(label, storeId);
    requireNonNull(masters, "masters");
    requireNonNull(store, "store");
    if (requireNonNull(wrappedKeys, "wrappedKeys").isEmpty()) {
      throw new IllegalArgumentException("A store has at least one data key");
    }
    boolean sameStore = previous != null && previous.associatedData.equals(associatedData);
    List<DataKey> keys = new ArrayList<>();
    for (WrappedKey entry : wrappedKeys) {
      DataKey known = sameStore && previous != null ? previous.keys.get(entry.id()) : null;
      DataKey key = known != null ? known.with(entry) : unwrap(entry, associatedData, masters);
      if (key == null) {
        throw notOpened(entry, recovery, masters, store);
      }
      keys.add(key);
    }
    return new Envelope(associatedData, keys, recovery);
  }

  /** The data keys for the store to keep, by ascending id. */
  public List<WrappedKey> wrappedKeys() {
    return wrappedKeys;
  }

  /** The entry of the recovery key for the store to keep; empty if it has none. */
  public Optional<RecoveryEntry> recovery() {
    return Optional.ofNullable(recovery);
  }

  /** The id of the data key that encrypts and seals: the newest. */
  public long sealingKey() {
    return wrappedKeys.get(wrappedKeys.size() - 1).id();
  }

  /**
   * Encrypts a value for its place, with the {@linkplain #sealingKey newest key}.
   *
   * @param value stays the caller's to close
   */
  public OpaqueBytes sealValue(Place place, SecretValue value) {
    byte[] data = associatedData.ofValue(requireNonNull(place, "place"));
    DataKey key = newest();
    return requireNonNull(value, "value")
        .<OpaqueBytes, RuntimeException>withBytes(bytes -> key.encryptValue(bytes, data));
  }

  /**
   * Decrypts a value. Returns null if the ciphertext was not made for this place with this key, if
   * there is no such key, or if the value is larger than a secret may be. The value is the caller's
   * to close.
   *
   * @param key the id of the data key that the value was encrypted with
   * @param metadata what the value says of itself
   */
  public @Nullable SecretValue openValue(
      long key, Place place, OpaqueBytes ciphertext, SecretMetadata metadata) {
    requireNonNull(metadata, "metadata");
    byte[] value = plaintext(key, place, ciphertext);
    return value == null ? null : SecretSupport.adopt(value, metadata);
  }

  /**
   * Encrypts a value again, with the {@linkplain #sealingKey newest key}. Returns null where
   * {@link #openValue} does.
   *
   * @param key the id of the data key that the value is encrypted with
   */
  public @Nullable OpaqueBytes resealValue(long key, Place place, OpaqueBytes ciphertext) {
    byte[] value = plaintext(key, place, ciphertext);
    if (value == null) {
      return null;
    }
    try {
      return newest().encryptValue(value, associatedData.ofValue(place));
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private byte @Nullable [] plaintext(long key, Place place, OpaqueBytes ciphertext) {
    requireNonNull(place, "place");
    requireNonNull(ciphertext, "ciphertext");
    DataKey found = keys.get(key);
    byte[] value =
        found == null ? null : found.decryptValue(ciphertext, associatedData.ofValue(place));
    if (value != null && value.length > SecretValue.MAX_SIZE_BYTES) { // no version writes such
      Arrays.fill(value, (byte) 0);
      return null;
    }
    return value;
  }

  /**
   * Makes a seal over the first bytes of an array, with the {@linkplain #sealingKey newest key}.
   * Two seals of the same bytes differ.
   *
   * @param generation counts the commits of the store; the seal holds for this one only
   * @param content read, not kept
   * @param sizeBytes how many bytes of the content are sealed
   */
  public OpaqueBytes seal(long generation, byte[] content, int sizeBytes) {
    requireNonNull(content, "content");
    return newest().seal(associatedData.ofSeal(generation, content, sizeBytes));
  }

  /** Returns whether {@link #seal} made the seal over these bytes, for this generation. */
  public boolean verifies(OpaqueBytes seal, long generation, byte[] content, int sizeBytes) {
    requireNonNull(seal, "seal");
    requireNonNull(content, "content");
    return newest().verifies(seal, associatedData.ofSeal(generation, content, sizeBytes));
  }

  /**
   * Computes the authentication code of a record: HMAC-SHA-256 with a key that is derived from the
   * data key, for records that are many and change one by one. The same record always gets the same
   * code. Empty if the store has no such data key.
   *
   * <p>The store begins a record with its kind and its place, so that none can stand for another,
   * and compares codes with {@link java.security.MessageDigest#isEqual}.
   *
   * @param key the id of a data key
   * @param record read, not kept
   */
  public Optional<OpaqueBytes> macOf(long key, byte[] record) {
    requireNonNull(record, "record");
    return Optional.ofNullable(keys.get(key)).map(found -> OpaqueBytes.adopt(found.macOf(record)));
  }

  /** Returns whether every data key says that it is encrypted with this master key. */
  public boolean isOf(MasterKey master) {
    requireNonNull(master, "master");
    return wrappedKeys.stream().allMatch(entry -> master.wrapping().isNamedBy(entry));
  }

  /**
   * The same data keys, encrypted with another master key.
   *
   * @param masters open the data keys as they are kept now
   * @param store names the store in messages
   * @throws SecretIntegrityException if a key opens with none of the master keys
   */
  public Envelope rewrap(MasterKey next, List<MasterKey> masters, String store) {
    requireNonNull(next, "next");
    requireNonNull(masters, "masters");
    requireNonNull(store, "store");
    return new Envelope(
        associatedData,
        each(
            masters, store, (entry, master) -> DataKey.rewrap(entry, associatedData, master, next)),
        recovery);
  }

  /**
   * The same data keys, each with a copy for a recovery key, in place of the one that there is.
   *
   * @param next a recovery key
   * @param masters open the data keys as they are kept now
   * @param store names the store in messages
   * @throws IllegalArgumentException if it is a master key
   * @throws SecretIntegrityException if a key opens with none of the master keys
   */
  public Envelope withRecovery(MasterKey next, List<MasterKey> masters, String store) {
    requireNonNull(masters, "masters");
    requireNonNull(store, "store");
    if (!(requireNonNull(next, "next").wrapping() instanceof RecoveryWrapping wrapping)) {
      throw new IllegalArgumentException(
          "A store's recovery key must be one that MasterKey.createRecoveryFile made");
    }
    try (RecoverySecret secret = wrapping.forStore()) {
      List<DataKey> copied = each(
          masters,
          store,
          (entry, master) -> DataKey.withRecovery(entry, associatedData, master, secret));
      return new Envelope(associatedData, copied, secret.under(newest(), associatedData));
    }
  }

  /**
   * The same data keys without copies for a recovery key.
   *
   * @param masters a master key among them opens each data key: otherwise nothing that is at hand
   *     would open it any more
   * @throws IllegalArgumentException if a data key opens with none of the master keys, or with a
   *     recovery key alone
   */
  public Envelope withoutRecovery(List<MasterKey> masters) {
    List<MasterKey> lasting = requireNonNull(masters, "masters").stream()
        .filter(master -> !master.isRecoveryKey())
        .toList();
    for (WrappedKey entry : wrappedKeys) {
      if (unwrap(entry, associatedData, lasting) == null) {
        throw new IllegalArgumentException("The recovery key can't be removed: without it, none of"
            + " the keys at hand opens the store. Give the store a new master key first"
            + " (rotateMasterKey)");
      }
    }
    return new Envelope(
        associatedData,
        opened().stream()
            .map(key -> key.with(key.wrapped().withRecoveryCopy(null)))
            .toList(),
        null);
  }

  /** How a data key is made into one with another entry; null if the master key doesn't open it. */
  private interface Rewrapping {
    @Nullable
    DataKey apply(WrappedKey entry, MasterKey master);
  }

  private List<DataKey> each(List<MasterKey> masters, String store, Rewrapping rewrapping) {
    List<DataKey> rewrapped = new ArrayList<>();
    for (WrappedKey entry : wrappedKeys) {
      DataKey key = rewrapping.apply(entry, masterOf(entry, masters, store));
      if (key == null) {
        throw notOpened(entry, recovery, masters, store);
      }
      rewrapped.add(key);
    }
    return rewrapped;
  }

  /**
   * Adds a new data key, which encrypts and seals from then on. It is encrypted with the master key
   * of the newest key so far, and copied for the recovery key if there is one: its public half is
   * enough for that.
   *
   * @param id greater than that of every other key
   * @param masters one of them opens the newest key
   * @param store names the store in messages
   * @throws IllegalArgumentException if the id is not the greatest, or if only a recovery key opens
   *     the newest key
   * @throws SecretIntegrityException if the newest key opens with none of the master keys
   */
  public Envelope withNewKey(long id, List<MasterKey> masters, String store) {
    requireNonNull(masters, "masters");
    requireNonNull(store, "store");
    if (id <= sealingKey()) {
      throw new IllegalArgumentException(
          "The id of a new data key must be greater than " + sealingKey() + ", got " + id);
    }
    // A recovery key last: it opens the newest key, and can't encrypt another one.
    List<MasterKey> mastersFirst =
        masters.stream().sorted(Comparator.comparing(MasterKey::isRecoveryKey)).toList();
    MasterKey master = masterOf(newest().wrapped(), mastersFirst, store);
    List<DataKey> all = opened();
    if (recovery == null) {
      all.add(DataKey.generate(id, associatedData, master));
      return new Envelope(associatedData, all);
    }
    try (RecoverySecret secret = RecoverySecret.open(recovery, newest(), associatedData)) {
      DataKey added = DataKey.generate(id, associatedData, master, secret);
      all.add(added);
      return new Envelope(associatedData, all, secret.under(added, associatedData));
    }
  }

  /**
   * Drops the older data keys.
   *
   * @param id of the oldest key to keep
   * @throws IllegalArgumentException if no key would be left
   */
  public Envelope withoutKeysBefore(long id) {
    if (id > sealingKey()) {
      throw new IllegalArgumentException("The newest data key must stay: it is " + sealingKey());
    }
    return new Envelope(
        associatedData,
        opened().stream().filter(key -> key.wrapped().id() >= id).toList(),
        recovery);
  }

  /** Returns how many keys there are; never one of them. */
  @Override
  public String toString() {
    return "Envelope[" + wrappedKeys.size() + " data keys]";
  }

  private List<DataKey> opened() {
    List<DataKey> opened = new ArrayList<>();
    for (WrappedKey entry : wrappedKeys) {
      opened.add(requireNonNull(keys.get(entry.id())));
    }
    return opened;
  }

  private DataKey newest() {
    return requireNonNull(keys.get(sealingKey()));
  }

  private static @Nullable DataKey unwrap(
      WrappedKey entry, AssociatedData associatedData, List<MasterKey> masters) {
    for (MasterKey master : masters) {
      DataKey key = DataKey.unwrap(entry, associatedData, master);
      if (key != null) {
        return key;
      }
    }
    return null;
  }

  private MasterKey masterOf(WrappedKey entry, List<MasterKey> masters, String store) {
    for (MasterKey master : masters) {
      if (DataKey.unwrap(entry, associatedData, master) != null) {
        return master;
      }
    }
    throw notOpened(entry, recovery, masters, store);
  }

  /** Tells a wrong key from a damaged entry, as far as the store's own words go. */
  private static SecretIntegrityException notOpened(
      WrappedKey entry, @Nullable RecoveryEntry recovery, List<MasterKey> masters, String store) {
    boolean isNamed = masters.stream().anyMatch(master -> master.wrapping().isNamedBy(entry));
    if (isNamed || masters.stream().anyMatch(master -> isOf(recovery, master))) {
      return new SecretIntegrityException("The " + store + " was damaged or edited: its key entry "
          + entry.id() + " does not open, though it is of this "
          + (isNamed ? "master" : "recovery") + " key. Nothing was read from it; restore it from a"
          + " backup");
    }
    if (!masters.isEmpty() && masters.stream().allMatch(MasterKey::isRecoveryKey)) {
      return new SecretIntegrityException("The " + store + " can't be opened: this is a recovery"
          + " key, and the store "
          + (recovery == null ? "has none" : "has another one: " + recovery.fingerprint())
          + ". Give the store's master key, or a backup of the time when this key was its recovery"
          + " key");
    }
    return new SecretIntegrityException("The " + store
        + " can't be opened: this is not the master key that the store was made with. "
        + hint(entry)
        + (recovery == null
            ? ""
            : ". Its recovery key opens it as well: the fingerprint of that is "
                + recovery.fingerprint()));
  }

  private static boolean isOf(@Nullable RecoveryEntry recovery, MasterKey master) {
    return recovery != null
        && master.wrapping() instanceof RecoveryWrapping wrapping
        && wrapping.publicKey().equals(recovery.publicKey());
  }

  private static String hint(WrappedKey entry) {
    KeyProtection protection = entry.protection();
    if (protection instanceof KeyProtection.ByPassphrase) {
      return "It needs a passphrase; check that this is the right one";
    }
    if (protection instanceof KeyProtection.ByKms) {
      return "It needs the KMS key whose name stands in it; check which one that is";
    }
    return "Check which key file belongs to the store: the key's fingerprint is "
        + entry.masterKey().toHex() + ". Nothing is lost as long as there is a copy of that key;"
        + " without one the values are, and the names, descriptions and labels can still be read";
  }
}
