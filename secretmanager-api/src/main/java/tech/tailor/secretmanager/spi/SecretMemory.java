package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One plaintext outside the Java heap, where no garbage collector copies it, until it is wiped. For
 * caches and for backends that hold values in clear.
 *
 * <p>Safe for use by several threads: a copy that races with {@link #wipe()} is whole or is
 * refused, never a part. Its place is never used for another plaintext, so a late reader reads
 * zeros, never somebody else's bytes. The memory is released when the object is collected; up to
 * 128 bytes lie in a block of 512 with others, which is released when all of them are and another
 * block was begun.
 *
 * <p>What keeps more of a plaintext than its bytes may extend it, so that both are one object. Its
 * constructor must not fail after that of this class: nobody could wipe the plaintext then.
 */
public class SecretMemory {

  private static final int BLOCK_BYTES = 512;
  private static final int LARGEST_SHARED_BYTES = 128;
  private static final byte[] ZEROS = new byte[4_096];
  private static final Object LOCK = new Object();

  /** The block with free space; everything before its position is in use. */
  private static ByteBuffer lastBlock = ByteBuffer.allocateDirect(0);

  private final ByteBuffer buffer;
  private final int start;
  private final int sizeBytes;
  private volatile boolean wiped;

  /** Copies the given bytes, which stay the caller's to wipe. */
  protected SecretMemory(byte[] bytes) {
    Place place = place(requireNonNull(bytes, "bytes").length);
    this.buffer = place.buffer;
    this.start = place.start;
    this.sizeBytes = bytes.length;
    buffer.put(start, bytes);
  }

  /** Copies the given bytes, which stay the caller's to wipe. */
  public static SecretMemory copyOf(byte[] bytes) {
    return new SecretMemory(bytes);
  }

  /** The size of the plaintext in bytes, wiped or not. */
  public final int sizeBytes() {
    return sizeBytes;
  }

  /**
   * Copies the plaintext out, into an array of exactly {@link #sizeBytes()} bytes, which is the
   * caller's to wipe.
   *
   * @return false if the plaintext has been wiped; the array holds zeros then
   * @throws IllegalArgumentException if the array is of another size
   */
  public final boolean copyTo(byte[] target) {
    if (requireNonNull(target, "target").length != sizeBytes) {
      throw new IllegalArgumentException("The target must have exactly the size of the plaintext");
    }
    buffer.get(start, target);
    // The flag is read after the bytes, and a wipe sets it before it writes the first zero: a
    // reader that got a zero sees the flag.
    VarHandle.acquireFence();
    if (wiped) {
      Arrays.fill(target, (byte) 0);
      return false;
    }
    return true;
  }

  /** Overwrites the plaintext with zeros before it returns. A second call does nothing of note. */
  public final void wipe() {
    wiped = true;
    VarHandle.fullFence();
    for (int at = 0; at < sizeBytes; at += ZEROS.length) {
      buffer.put(start + at, ZEROS, 0, Math.min(ZEROS.length, sizeBytes - at));
    }
  }

  /**
   * Refused: there is one of each plaintext.
   *
   * @throws CloneNotSupportedException always
   */
  @Override
  protected final Object clone() throws CloneNotSupportedException {
    throw new CloneNotSupportedException();
  }

  /** Returns the same text whatever it holds. */
  @Override
  public final String toString() {
    return "SecretMemory[redacted]";
  }

  private static Place place(int sizeBytes) {
    if (sizeBytes > LARGEST_SHARED_BYTES) {
      return new Place(ByteBuffer.allocateDirect(sizeBytes), 0);
    }
    synchronized (LOCK) {
      if (lastBlock.remaining() >= sizeBytes) {
        return take(lastBlock, sizeBytes);
      }
    }
    // Without the lock: where no memory is left, this takes half a second, then fails.
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    Place first = take(block, sizeBytes);
    synchronized (LOCK) {
      lastBlock = block;
    }
    return first;
  }

  private static Place take(ByteBuffer block, int sizeBytes) {
    int start = block.position();
    block.position(start + sizeBytes);
    return new Place(block, start);
  }

  private record Place(ByteBuffer buffer, int start) {}
}
