package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.TreeMap;
import tech.tailor.secretmanager.envelope.SealedBox;

/** The other side of a sealed read, written from docs/protocol.md and not from the client. */
final class Sealer {

  private Sealer() {}

  /** The message of section 2.3. */
  static byte[] message(Map<String, byte[]> values) {
    return bytes(out -> {
      out.writeByte(1);
      out.writeInt(values.size());
      for (Map.Entry<String, byte[]> entry : new TreeMap<>(values).entrySet()) {
        out.writeInt(entry.getKey().length());
        out.write(entry.getKey().getBytes(UTF_8));
        out.writeInt(entry.getValue().length);
        out.write(entry.getValue());
      }
    });
  }

  /** The info of section 2.2. */
  static byte[] info(String workspaceId, String vault, Iterable<String> names, byte[] nonce) {
    return bytes(out -> {
      out.write("tailor.secretmanager/sealed-read/1".getBytes(UTF_8));
      out.writeByte(0);
      field(out, 1, workspaceId.getBytes(UTF_8));
      field(out, 2, vault.getBytes(UTF_8));
      for (String name : names) {
        field(out, 3, name.getBytes(UTF_8));
      }
      field(out, 4, nonce);
    });
  }

  static byte[] seal(Kem kem, byte[] publicKey, byte[] info, byte[] message) {
    try {
      return SealedBox.seal(kem.box(), publicKey, message, info);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void field(DataOutputStream out, int type, byte[] content) throws IOException {
    out.writeByte(type);
    out.writeInt(content.length);
    out.write(content);
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
