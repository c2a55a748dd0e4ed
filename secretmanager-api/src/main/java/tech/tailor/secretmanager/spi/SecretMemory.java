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
 * refused, never a part. The memory itself is released when the object is collected, so a late
 * reader reads zeros, never somebody else's bytes.
 */
public final class SecretMemory {

  private static final byte[] ZEROS = new byte[4096];

  private final ByteBuffer buffer;
  private volatile boolean wiped;

  private SecretMemory(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Copies the given bytes, which stay the caller's to wipe. */
  public static SecretMemory copyOf(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(requireNonNull(bytes, "bytes").length);
    buffer.put(0, bytes);
    return new SecretMemory(buffer);
  }

  /** The size of the plaintext in bytes, wiped or not. */
  public int sizeBytes() {
    return buffer.capacity();
  }

  /**
   * Copies the plaintext out, into an array of exactly {@link #sizeBytes()} bytes, which is the
   * caller's to wipe.
   *
   * @return false if the plaintext has been wiped; the array holds zeros then
   * @throws IllegalArgumentException if the array is of another size
   */
  public boolean copyTo(byte[] target) {
    if (requireNonNull(target, "target").length != buffer.capacity()) {
      throw new IllegalArgumentException("The target must have exactly the size of the plaintext");
    }
    buffer.get(0, target);
    // The flag is read after the bytes, and a wipe sets it before it writes the first zero: whoever
    // got a zero sees the flag.
    VarHandle.acquireFence();
    if (wiped) {
      Arrays.fill(target, (byte) 0);
      return false;
    }
    return true;
  }

  /** Overwrites the plaintext with zeros before it returns. A second call does nothing of note. */
  public void wipe() {
    wiped = true;
    VarHandle.fullFence();
    for (int at = 0; at < buffer.capacity(); at += ZEROS.length) {
      buffer.put(at, ZEROS, 0, Math.min(ZEROS.length, buffer.capacity() - at));
    }
  }

  /** Returns the same text whatever it holds. */
  @Override
  public String toString() {
    return "SecretMemory[redacted]";
  }
}
