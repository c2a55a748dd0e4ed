package tech.tailor.secretmanager.envelope.shared;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The opened data keys of a store, which are kept until the head says that others are in use.
 * Thread-safe: of several threads that find other keys, one opens them, and the others wait for it.
 */
public final class Keyring {

  private final String label;
  private final String store;
  private volatile List<MasterKey> masters;
  private volatile @Nullable Opened opened;

  /**
   * Begins without opened keys.
   *
   * @param label names the kind of store in what its ciphertexts are bound to
   * @param masters open the data keys
   * @param store names the store in messages
   */
  public Keyring(String label, List<MasterKey> masters, String store) {
    this.label = label;
    this.masters = masters;
    this.store = store;
  }

  private record Opened(OpaqueBytes storeId, OpaqueBytes digest, Envelope envelope) {

    private boolean is(OpaqueBytes otherStore, OpaqueBytes otherDigest) {
      return digest.equals(otherDigest) && storeId.equals(otherStore);
    }
  }

  /** The master keys, the newest first. */
  public List<MasterKey> masters() {
    return masters;
  }

  /** Opens with this key, too, from now on. */
  public synchronized void useMaster(MasterKey next) {
    List<MasterKey> all = new ArrayList<>(masters);
    all.add(0, next);
    masters = List.copyOf(all);
  }

  /**
   * The opened keys of a head, if they are known already; null otherwise.
   *
   * @param digest over the keys as they are kept
   */
  public @Nullable Envelope known(OpaqueBytes storeId, OpaqueBytes digest) {
    Opened known = opened;
    return known != null && known.is(storeId, digest) ? known.envelope : null;
  }

  /**
   * Opens the keys of a head.
   *
   * @param digest over the keys as they are kept
   * @param keys as they are kept
   * @param notOf null, or an envelope of the same digest that is not of this store, after all: then
   *     every key is opened again, since after a rewind a key may have the id of another one that
   *     was lost
   */
  public synchronized Envelope open(
      OpaqueBytes storeId, OpaqueBytes digest, List<WrappedKey> keys, @Nullable Envelope notOf) {
    Envelope known = known(storeId, digest);
    if (known != null && known != notOf) {
      return known; // another thread was faster
    }
    Opened last = opened;
    Envelope previous = notOf != null || last == null ? null : last.envelope;
    Envelope envelope = Envelope.open(label, storeId, keys, masters, previous, store);
    opened = new Opened(storeId, digest, envelope);
    return envelope;
  }

  /** Keeps keys that this process put in the place of the others. */
  public synchronized void keep(OpaqueBytes storeId, OpaqueBytes digest, Envelope envelope) {
    opened = new Opened(storeId, digest, envelope);
  }

  /** How a data key is encrypted, as the formats write it. */
  public static String words(KeyProtection protection) {
    if (protection instanceof KeyProtection.ByPassphrase passphrase) {
      return "passphrase " + passphrase.iterations() + " " + passphrase.salt().toHex();
    }
    return protection instanceof KeyProtection.ByKms kms ? "kms " + kms.name() : "key";
  }
}
