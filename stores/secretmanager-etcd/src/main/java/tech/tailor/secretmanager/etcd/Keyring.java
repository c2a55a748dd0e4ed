package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The data keys of a store: as they stand in etcd, and opened. Opened keys are kept until the head
 * says that others are in use. Thread-safe.
 */
final class Keyring {

  /** Names this kind of store in what its ciphertexts are bound to; part of the format. */
  static final String LABEL = "tsm-etcd";

  private static final String FORMAT = "1";

  private final String store;
  private volatile List<MasterKey> masters;
  private volatile @Nullable Opened opened;

  Keyring(List<MasterKey> masters, String store) {
    this.masters = masters;
    this.store = store;
  }

  private record Opened(OpaqueBytes storeId, String digest, Envelope envelope) {}

  List<MasterKey> masters() {
    return masters;
  }

  /** Opens with this key, too, from now on. */
  synchronized void useMaster(MasterKey next) {
    List<MasterKey> all = new ArrayList<>(masters);
    all.add(0, next);
    masters = List.copyOf(all);
  }

  /**
   * Opens the keys that stand in etcd.
   *
   * @param content as it stands beside the head
   * @param isAfresh whether every key is opened again: after a rewind, a key may have the id of
   *     another one that was lost
   */
  Envelope open(OpaqueBytes storeId, byte[] content, boolean isAfresh) {
    String digest = Digests.sha256(content).toHex();
    Opened known = opened;
    if (!isAfresh
        && known != null
        && known.digest.equals(digest)
        && known.storeId.equals(storeId)) {
      return known.envelope;
    }
    Envelope previous = isAfresh || known == null ? null : known.envelope;
    List<WrappedKey> keys;
    try {
      keys = parse(Lines.decode(content));
    } catch (IllegalArgumentException e) {
      throw Seals.damaged(store, "list of data keys");
    }
    Envelope envelope = Envelope.open(LABEL, storeId, keys, masters, previous, store);
    opened = new Opened(storeId, digest, envelope);
    return envelope;
  }

  /** The wrapped keys as they stand in etcd. */
  static byte[] content(Envelope envelope) {
    Lines.Writer out = new Lines.Writer().add("keys", FORMAT);
    for (WrappedKey key : envelope.wrappedKeys()) {
      out.add(
          "key",
          key.id() + " " + protection(key.protection()) + " " + key.masterKey().toHex() + " "
              + key.wrapped().toHex());
    }
    return out.toString().getBytes(UTF_8);
  }

  private static String protection(KeyProtection protection) {
    if (protection instanceof KeyProtection.ByPassphrase passphrase) {
      return "passphrase " + passphrase.iterations() + " " + passphrase.salt().toHex();
    }
    return protection instanceof KeyProtection.ByKms kms ? "kms " + kms.name() : "key";
  }

  private static List<WrappedKey> parse(String text) {
    Lines.Reader in = new Lines.Reader(text);
    if (!in.next("keys").equals(FORMAT)) {
      throw new IllegalArgumentException("The data keys are of another format");
    }
    List<WrappedKey> keys = new ArrayList<>();
    do {
      String[] words = in.next("key").split(" ", -1);
      int last = words.length - 1;
      if (last < 3) {
        throw new IllegalArgumentException("A data key has at least 4 words");
      }
      keys.add(new WrappedKey(
          Long.parseLong(words[0]), protection(words), bytes(words[last - 1]), bytes(words[last])));
    } while (!in.isAtEnd());
    return keys;
  }

  private static KeyProtection protection(String[] words) {
    String kind = words[1];
    if (kind.equals("key") && words.length == 4) {
      return KeyProtection.ByKey.RAW;
    }
    if (kind.equals("kms") && words.length == 5) {
      return new KeyProtection.ByKms(words[2]);
    }
    if (kind.equals("passphrase") && words.length == 6) {
      return new KeyProtection.ByPassphrase(Integer.parseInt(words[2]), bytes(words[3]));
    }
    throw new IllegalArgumentException("A data key is protected in an unknown way");
  }

  private static OpaqueBytes bytes(String hex) {
    return OpaqueBytes.adopt(HexFormat.of().parseHex(hex));
  }
}
