package tech.tailor.secretmanager;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 without loss and without leftovers: what can't be converted is refused, and every
 * intermediate array is wiped.
 */
final class Utf8 {

  private Utf8() {}

  /** The text's bytes, or null if it holds an unpaired surrogate. */
  static byte @Nullable [] encode(CharBuffer text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    ByteBuffer scratch = ByteBuffer.allocate(Math.multiplyExact(text.remaining(), 3));
    try {
      if (encoder.encode(text, scratch, true).isError()
          || encoder.flush(scratch).isError()) {
        return null;
      }
      return Arrays.copyOf(scratch.array(), scratch.position());
    } finally {
      Arrays.fill(scratch.array(), (byte) 0);
    }
  }

  /** The characters of the bytes, or null if they aren't UTF-8. */
  static char @Nullable [] decode(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer scratch = CharBuffer.allocate(bytes.length);
    try {
      if (decoder.decode(ByteBuffer.wrap(bytes), scratch, true).isError()
          || decoder.flush(scratch).isError()) {
        return null;
      }
      return Arrays.copyOf(scratch.array(), scratch.position());
    } finally {
      Arrays.fill(scratch.array(), '\0');
    }
  }
}
