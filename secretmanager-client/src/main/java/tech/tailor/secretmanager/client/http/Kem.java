package tech.tailor.secretmanager.client.http;

import com.google.crypto.tink.hybrid.HpkeParameters;
import org.jspecify.annotations.Nullable;

/** The key encapsulations that this client offers, the one it prefers first. */
enum Kem {
  X25519("KEM_X25519", "1"),
  P256("KEM_P256", "2");

  private final String wireName;
  private final String wireNumber;

  Kem(String wireName, String wireNumber) {
    this.wireName = wireName;
    this.wireNumber = wireNumber;
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

  HpkeParameters.KemId tinkId() {
    return switch (this) {
      case X25519 -> HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256;
      case P256 -> HpkeParameters.KemId.DHKEM_P256_HKDF_SHA256;
    };
  }
}
