package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** The wrapped data keys as they stand in etcd. Part of the format. */
final class KeyList {

  /** Names this kind of store in what its ciphertexts are bound to; part of the format. */
  static final String LABEL = "tsm-etcd";

  private static final String FORMAT = "1";

  private KeyList() {}

  /** What stands in etcd. */
  static byte[] content(Envelope envelope) {
    Lines.Writer out = new Lines.Writer().add("keys", FORMAT);
    for (WrappedKey key : envelope.wrappedKeys()) {
      out.add(
          "key",
          key.id() + " " + Keyring.words(key.protection()) + " "
              + key.masterKey().toHex() + " " + key.wrapped().toHex());
    }
    return out.toString().getBytes(UTF_8);
  }

  /**
   * The keys of what stands in etcd.
   *
   * @throws IllegalArgumentException if it is of another form
   */
  static List<WrappedKey> parse(byte[] content) {
    Lines.Reader in = new Lines.Reader(Lines.decode(content));
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
