package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The seals of records and of the head, and the sum over all records.
 *
 * <p>The sum adds a keyed digest of each record's seal modulo 2^256, so that a commit changes it in
 * constant time. It is kept encrypted: sums in clear would tell what single records add, and a
 * deletion could be made up for by other records.
 */
final class Seals {

  private static final int SUM_SIZE_BYTES = 32;
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(8 * SUM_SIZE_BYTES);
  private static final String SUM = "content_sum";

  private Seals() {}

  /** The seal of a record, with the newest key. */
  static OpaqueBytes seal(Envelope envelope, byte[] text) {
    return mac(envelope, envelope.sealingKey(), text);
  }

  static boolean verifies(Envelope envelope, long key, byte[] text, OpaqueBytes seal) {
    return envelope.macOf(key, text).filter(made -> Digests.equal(made, seal)).isPresent();
  }

  /** What a record adds to the sum. */
  static BigInteger element(Envelope envelope, long key, OpaqueBytes seal) {
    byte[] text = ("sum\n" + seal.toHex()).getBytes(UTF_8);
    return new BigInteger(1, mac(envelope, key, text).toArray());
  }

  static BigInteger add(BigInteger sum, BigInteger element) {
    return sum.add(element).mod(MODULUS);
  }

  static BigInteger subtract(BigInteger sum, BigInteger element) {
    return sum.subtract(element).mod(MODULUS);
  }

  static OpaqueBytes encrypt(
      Envelope envelope, OpaqueBytes storeId, long generation, BigInteger sum) {
    byte[] bytes = new byte[SUM_SIZE_BYTES];
    byte[] shortest = sum.toByteArray(); // may begin with a zero for the sign
    int size = Math.min(shortest.length, SUM_SIZE_BYTES);
    System.arraycopy(shortest, shortest.length - size, bytes, SUM_SIZE_BYTES - size, size);
    try (SecretValue value = SecretValue.copyOf(bytes)) {
      return envelope.sealValue(place(storeId, generation), value);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  static BigInteger decrypt(Envelope envelope, Head head, String store) {
    try (SecretValue value = envelope.openValue(
        head.key(),
        place(head.storeId(), head.generation()),
        head.sum(),
        SecretMetadata.of(1, Instant.EPOCH))) {
      if (value == null) {
        throw damaged(store, "head");
      }
      return value.withBytes(bytes -> new BigInteger(1, bytes));
    }
  }

  static SecretIntegrityException damaged(String store, String what) {
    return new SecretIntegrityException("The " + store + " was damaged or edited: its " + what
        + " was not written by this library with the store's key for the place where it stands."
        + " Find out who writes to the database, and restore it from a backup");
  }

  /** No value stands there: no vault has the store's id, and no secret has an empty one. */
  private static Envelope.Place place(OpaqueBytes storeId, long generation) {
    return new Envelope.Place(storeId, OpaqueBytes.adopt(new byte[0]), generation, SUM);
  }

  private static OpaqueBytes mac(Envelope envelope, long key, byte[] text) {
    return envelope
        .macOf(key, text)
        .orElseThrow(() -> new SecretStorageException("There is no data key " + key));
  }
}
