package tech.tailor.secretmanager.http;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.SealedBox;

/** The key encapsulations that this client offers, the one it prefers first. */
enum Kem {
  X25519("KEM_X25519", "1", SealedBox.Kem.X25519),
  P256("KEM_P256", "2", SealedBox.Kem.P256);

  private final String wireName;
  private final String wireNumber;
  private final SealedBox.Kem box;

  Kem(String wireName, String wireNumber, SealedBox.Kem box) {
    this.wireName = wireName;
    this.wireNumber = wireNumber;
    this.box = box;
  }

  static @Nullable Kem ofWire(String text) {
    for (Kem kem : values()) {
      if (kem.wireName.equals(text) || kem.wireNumber.equals(text)) {
        return kem;
      }
    }
    return null;
  }

  String wireName() {
    return wireName;
  }

  SealedBox.Kem box() {
    return box;
  }
}
