package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.envelope.SealedBox;

/** A reader of sealed values, written from docs/protocol.md and not from either end's code. */
public final class Reader {

  private final SealedBox.Opener keys;
  private final String kem;
  private final byte[] publicKey;
  private final byte[] nonce = new byte[16];

  public Reader(String kem) {
    this.kem = kem;
    new SecureRandom().nextBytes(nonce);
    keys = SealedBox.Opener.generate(
        kem.equals("KEM_P256") ? SealedBox.Kem.P256 : SealedBox.Kem.X25519);
    publicKey = keys.publicKey();
  }

  byte[] nonce() {
    return nonce.clone();
  }

  byte[] publicKey() {
    return publicKey.clone();
  }

  public Map<String, ?> request(String vault, List<String> names) {
    return Map.of(
        "vaultName",
        vault,
        "secretNames",
        names,
        "nonce",
        base64(nonce),
        "recipients",
        recipients());
  }

  /** The argument of the reader script. */
  String argument(String workspaceId, String vault, List<String> names) {
    Map<String, ?> argument = Map.of(
        "protocol",
        1,
        "workspaceId",
        workspaceId,
        "vault",
        vault,
        "names",
        names,
        "nonce",
        base64(nonce),
        "recipients",
        recipients());
    return Connect.MAPPER.valueToTree(argument).toString();
  }

  private List<Map<String, String>> recipients() {
    return List.of(Map.of("kem", kem, "publicKey", base64(publicKey)));
  }

  /** Opens an answer that holds "kem" and "sealed". */
  public Map<String, String> open(
      JsonNode answer, String workspaceId, String vault, List<String> names) {
    try {
      if (!answer.path("kem").asText().equals(kem)) {
        throw new IllegalArgumentException("Sealed to another KEM");
      }
      byte[] plaintext = keys.open(
          Base64.getDecoder().decode(answer.path("sealed").asText()),
          info(workspaceId, vault, names));
      return entries(ByteBuffer.wrap(plaintext));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("Can't be opened", e);
    }
  }

  private byte[] info(String workspaceId, String vault, List<String> names) {
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    info.writeBytes("tailor.secretmanager/sealed-read/1\0".getBytes(UTF_8));
    List<Map.Entry<Integer, byte[]>> fields = new ArrayList<>();
    fields.add(Map.entry(1, workspaceId.getBytes(UTF_8)));
    fields.add(Map.entry(2, vault.getBytes(UTF_8)));
    names.forEach(name -> fields.add(Map.entry(3, name.getBytes(UTF_8))));
    fields.add(Map.entry(4, nonce));
    fields.forEach(field -> {
      info.write(field.getKey());
      info.writeBytes(ByteBuffer.allocate(4).putInt(field.getValue().length).array());
      info.writeBytes(field.getValue());
    });
    return info.toByteArray();
  }

  private static Map<String, String> entries(ByteBuffer plaintext) {
    Map<String, String> values = new LinkedHashMap<>();
    if (plaintext.get() != 1) {
      throw new IllegalArgumentException("Another version");
    }
    int count = plaintext.getInt();
    for (int i = 0; i < count; i++) {
      values.put(text(plaintext), text(plaintext));
    }
    if (plaintext.hasRemaining()) {
      throw new IllegalArgumentException("Something follows");
    }
    return values;
  }

  private static String text(ByteBuffer plaintext) {
    byte[] bytes = new byte[plaintext.getInt()];
    plaintext.get(bytes);
    return new String(bytes, UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
