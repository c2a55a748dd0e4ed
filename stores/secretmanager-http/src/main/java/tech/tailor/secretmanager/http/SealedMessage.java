package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretValue;

/** Reads the plaintext that was sealed: names and values, in its one possible form. */
final class SealedMessage {

  private static final byte LAYOUT = 1;
  private static final int LONGEST_NAME = 63;

  private SealedMessage() {}

  /**
   * The values in a message, each in an array of its own, which is the caller's to wipe. The
   * message itself stays the caller's too.
   *
   * @param asked the names that may be in it
   */
  static Map<String, byte[]> read(byte[] message, Set<String> asked)
      throws MalformedAnswerException {
    Map<String, byte[]> values = new LinkedHashMap<>();
    boolean read = false;
    try {
      ByteBuffer rest = ByteBuffer.wrap(message);
      require(message.length <= HttpLimits.PLAINTEXT_BYTES, "the sealed message is too long");
      require(rest.get() == LAYOUT, "the sealed message has another layout");
      int count = rest.getInt();
      require(count >= 0 && count <= asked.size(), "the sealed message has too many entries");
      String previous = "";
      for (int i = 0; i < count; i++) {
        String name = new String(take(rest, LONGEST_NAME), ISO_8859_1);
        require(asked.contains(name), "the sealed message has a name that wasn't asked for");
        require(name.compareTo(previous) > 0, "the names of the sealed message are out of order");
        previous = name;
        values.put(name, take(rest, SecretValue.MAX_SIZE_BYTES));
      }
      require(!rest.hasRemaining(), "the sealed message goes on after its end");
      read = true;
      return values;
    } catch (BufferUnderflowException e) {
      throw new MalformedAnswerException("the sealed message is cut off");
    } finally {
      if (!read) {
        wipe(values);
      }
    }
  }

  static void wipe(Map<String, byte[]> values) {
    values.values().forEach(value -> Arrays.fill(value, (byte) 0));
  }

  private static byte[] take(ByteBuffer rest, int limit) throws MalformedAnswerException {
    int length = rest.getInt();
    require(length >= 0 && length <= limit, "an entry of the sealed message is too long");
    require(length <= rest.remaining(), "the sealed message is cut off");
    byte[] bytes = new byte[length];
    rest.get(bytes);
    return bytes;
  }

  private static void require(boolean holds, String otherwise) throws MalformedAnswerException {
    if (!holds) {
      throw new MalformedAnswerException(otherwise);
    }
  }
}
