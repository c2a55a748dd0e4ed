package tech.tailor.secretmanager;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** A value that is made up at random. */
record RandomSource(int bytes) implements SecretSource {

  private static final int MIN_BYTES = 16;
  private static final int MAX_BYTES = 1_024;

  RandomSource {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new IllegalArgumentException("A random value has " + MIN_BYTES + " to " + MAX_BYTES
          + " bytes, got " + bytes + "; fewer can be guessed");
    }
  }

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    byte[] drawn = new byte[bytes];
    try {
      new SecureRandom().nextBytes(drawn);
      byte[] text = Base64.getUrlEncoder().withoutPadding().encode(drawn);
      return Optional.of(SecretValue.adopt(text, SecretMetadata.unversioned()));
    } finally {
      Arrays.fill(drawn, (byte) 0);
    }
  }

  @Override
  public String origin() {
    return bytes + " random bytes";
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }
}
