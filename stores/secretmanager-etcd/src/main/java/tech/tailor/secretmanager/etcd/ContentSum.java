package tech.tailor.secretmanager.etcd;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The sum over all records of a store: a keyed digest of each record's seal, added modulo 2^256, so
 * that a commit changes it without reading the others. The head holds it encrypted: in clear, sums
 * would tell what single records add. Immutable.
 */
final class ContentSum {

  private static final int SIZE_BYTES = 32;
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(8 * SIZE_BYTES);
  private static final String NAME = "content_sum";

  /** Of a store without records. */
  static final ContentSum ZERO = new ContentSum(BigInteger.ZERO);

  private final BigInteger sum;

  private ContentSum(BigInteger sum) {
    this.sum = sum.mod(MODULUS);
  }

  /** The sum with a record. */
  ContentSum plus(Envelope envelope, Seals.Sealed record) {
    return new ContentSum(sum.add(element(envelope, record)));
  }

  /** The sum without a record. */
  ContentSum minus(Envelope envelope, Seals.Sealed record) {
    return new ContentSum(sum.subtract(element(envelope, record)));
  }

  private static BigInteger element(Envelope envelope, Seals.Sealed record) {
    return new BigInteger(
        1, Seals.code(envelope, record.key(), "sum\n" + record.code().toHex()).toArray());
  }

  /** Encrypts it for the head of one generation, with the newest data key. */
  OpaqueBytes encrypt(Envelope envelope, OpaqueBytes storeId, long generation) {
    byte[] bytes = new byte[SIZE_BYTES];
    byte[] shortest = sum.toByteArray(); // may begin with a zero for the sign
    int size = Math.min(shortest.length, SIZE_BYTES);
    System.arraycopy(shortest, shortest.length - size, bytes, SIZE_BYTES - size, size);
    try (SecretValue value = SecretValue.copyOf(bytes)) {
      return envelope.sealValue(place(storeId, generation), value);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** The sum of a head. */
  static ContentSum decrypt(Envelope envelope, Head head, String store) {
    try (SecretValue value = envelope.openValue(
        head.key(),
        place(head.storeId(), head.generation()),
        head.sum(),
        SecretMetadata.of(1, Instant.EPOCH))) {
      if (value == null) {
        throw Seals.damaged(store, "head");
      }
      return new ContentSum(value.withBytes(bytes -> new BigInteger(1, bytes)));
    }
  }

  /** No value stands there: no vault has the store's id, and no secret has an empty one. */
  private static Envelope.Place place(OpaqueBytes storeId, long generation) {
    return new Envelope.Place(storeId, OpaqueBytes.adopt(new byte[0]), generation, NAME);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContentSum that && sum.equals(that.sum);
  }

  @Override
  public int hashCode() {
    return sum.hashCode();
  }
}
