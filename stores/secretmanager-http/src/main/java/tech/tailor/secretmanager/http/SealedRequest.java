package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;

/**
 * A request for values, and what binds the answer to it. See docs/protocol.md.
 *
 * @param names valid, none twice
 * @param nonce never used before
 * @param keys the answer is sealed to one of them
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares it
record SealedRequest(
    String workspaceId, String vault, List<String> names, byte[] nonce, ReadKeys.Pairs keys) {

  static final int PROTOCOL = 1;

  private static final byte[] LABEL = "tailor.secretmanager/sealed-read/1\0".getBytes(US_ASCII);
  private static final int NONCE_BYTES = 16;
  private static final byte WORKSPACE = 1;
  private static final byte VAULT = 2;
  private static final byte NAME = 3;
  private static final byte NONCE = 4;
  private static final SecureRandom RANDOM = new SecureRandom();

  static SealedRequest of(
      String workspaceId, String vault, List<String> names, ReadKeys.Pairs keys) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return new SealedRequest(workspaceId, vault, names, nonce, keys);
  }

  /** The bytes that HPKE calls info: no two requests have the same. */
  byte[] info() {
    int size = LABEL.length;
    size += 5 + workspaceId.getBytes(UTF_8).length + 5 + vault.getBytes(UTF_8).length;
    for (String name : names) {
      size += 5 + name.getBytes(UTF_8).length;
    }
    ByteBuffer info = ByteBuffer.allocate(size + 5 + nonce.length).put(LABEL);
    put(info, WORKSPACE, workspaceId.getBytes(UTF_8));
    put(info, VAULT, vault.getBytes(UTF_8));
    names.forEach(name -> put(info, NAME, name.getBytes(UTF_8)));
    put(info, NONCE, nonce);
    return info.array();
  }

  private static void put(ByteBuffer info, byte type, byte[] content) {
    info.put(type).putInt(content.length).put(content);
  }
}
