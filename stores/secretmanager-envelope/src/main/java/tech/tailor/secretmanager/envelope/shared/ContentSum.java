package tech.tailor.secretmanager.envelope.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The sum over all records of a store: a keyed digest of each record's place and seal, added modulo
 * 2^256, so that a commit changes it without reading the others. The place is part of it since a
 * damaged record may show the seal of any other: when it is deleted, it must not take off what that
 * one had added. The head holds the sum encrypted: in clear, sums would tell what single records
 * add, and a deletion could be made up for by other records. Part of the formats. Immutable.
 */
public final class ContentSum {

  private static final int SIZE_BYTES = 32;
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(8 * SIZE_BYTES);
  private static final String NAME = "content_sum";

  /** Of a store without records. */
  public static final ContentSum ZERO = new ContentSum(BigInteger.ZERO);

  private final BigInteger sum;

  private ContentSum(BigInteger sum) {
    this.sum = sum.mod(MODULUS);
  }

  /**
   * The sum with the record of a vault.
   *
   * @param envelope opened the data key of the record
   */
  public ContentSum plus(Envelope envelope, VaultRecord record) {
    return new ContentSum(sum.add(element(envelope, record)));
  }

  /** The sum without the record of a vault, which may be damaged. */
  public ContentSum minus(Envelope envelope, VaultRecord record) {
    return new ContentSum(sum.subtract(element(envelope, record)));
  }

  /**
   * The sum with the record of a secret.
   *
   * @param envelope opened the data key of the record
   */
  public ContentSum plus(Envelope envelope, SecretRecord record) {
    return new ContentSum(sum.add(element(envelope, record)));
  }

  /** The sum without the record of a secret, which may be damaged. */
  public ContentSum minus(Envelope envelope, SecretRecord record) {
    return new ContentSum(sum.subtract(element(envelope, record)));
  }

  private static BigInteger element(Envelope envelope, VaultRecord record) {
    return element(envelope, "vault/" + record.name(), record.key(), record.seal());
  }

  private static BigInteger element(Envelope envelope, SecretRecord record) {
    String place = "secret/" + record.ref().vault() + "/" + record.ref().name();
    return element(envelope, place, record.key(), record.seal());
  }

  /** Zero if there is no such data key: a damaged record may name any. */
  private static BigInteger element(Envelope envelope, String place, long key, OpaqueBytes seal) {
    return envelope
        .macOf(key, ("sum\n" + place + "\n" + seal.toHex()).getBytes(UTF_8))
        .map(digest -> new BigInteger(1, digest.toArray()))
        .orElse(BigInteger.ZERO);
  }

  /** Encrypts it for the head of one generation, with the newest data key. */
  public OpaqueBytes encrypt(Envelope envelope, OpaqueBytes storeId, long generation) {
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

  /**
   * Decrypts the sum of a head; null if it was not encrypted for that.
   *
   * @param key the id of the data key of the head
   */
  public static @Nullable ContentSum decrypt(
      Envelope envelope, long key, OpaqueBytes storeId, long generation, OpaqueBytes encrypted) {
    try (SecretValue value = envelope.openValue(
        key, place(storeId, generation), encrypted, SecretMetadata.of(1, Instant.EPOCH))) {
      return value == null
          ? null
          : new ContentSum(value.withBytes(bytes -> new BigInteger(1, bytes)));
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

  /** Shows nothing of it. */
  @Override
  public String toString() {
    return "ContentSum";
  }
}
