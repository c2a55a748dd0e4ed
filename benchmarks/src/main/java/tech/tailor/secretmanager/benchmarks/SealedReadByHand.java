package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.HybridConfig2026;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * A sealed read by hand, straight from the description of the protocol, with everything prepared
 * that can be: the key pair, the request, what the seal is bound to. It checks nothing.
 */
final class SealedReadByHand implements AutoCloseable {

  private static final Configuration TINK = HybridConfig2026.get();
  private static final JsonFactory JSON = new JsonFactory();
  private static final String PATH = "/tailor.secretmanager.v1.RuntimeService/GetSecrets";
  private static final byte[] NONCE = new byte[16]; // the same for each request, by hand only

  private final OkHttpClient client = new OkHttpClient();
  private final EmulatorProcess server;
  private final HybridDecrypt opener;
  private final Map<String, Prepared> prepared = new HashMap<>();

  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  private record Prepared(Request request, byte[] info) {}

  SealedReadByHand(EmulatorProcess server) throws GeneralSecurityException {
    this.server = server;
    KeysetHandle x25519 = keyPair(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256);
    KeysetHandle p256 = keyPair(HpkeParameters.KemId.DHKEM_P256_HKDF_SHA256);
    opener = x25519.getPrimitive(TINK, HybridDecrypt.class);
    String recipients =
        "[" + recipient("KEM_X25519", x25519) + "," + recipient("KEM_P256", p256) + "]";
    for (String name : Secrets.NAMES) {
      prepared.put(name, new Prepared(request(name, recipients), info(name)));
    }
  }

  /** Sends the request, and reads the answer as bytes. */
  byte[] send(String name) {
    try (Response response = client.newCall(prepared.get(name).request).execute()) {
      return response.body().bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends, and finds what is sealed. */
  byte[] sealed(String name) {
    try (JsonParser parser = JSON.createParser(send(name))) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_STRING
            && "sealed".equals(parser.currentName())) {
          return parser.getBinaryValue();
        }
      }
      throw new IllegalStateException("Nothing is sealed");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends, finds, opens, and takes the value out. */
  byte[] read(String name) {
    try {
      ByteBuffer message = ByteBuffer.wrap(opener.decrypt(sealed(name), prepared.get(name).info));
      message.position(5);
      message.position(4 + message.position() + message.getInt(message.position()));
      byte[] value = new byte[message.getInt()];
      message.get(value);
      return value;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  private Request request(String name, String recipients) {
    String body = "{\"workspaceId\":\"" + server.workspaceId() + "\",\"vaultName\":\""
        + Secrets.VAULT + "\",\"secretNames\":[\"" + name + "\"],\"nonce\":\"" + base64(NONCE)
        + "\",\"recipients\":" + recipients + "}";
    return new Request.Builder()
        .url(server.endpoint() + PATH)
        .header("Connect-Protocol-Version", "1")
        .header("Connect-Timeout-Ms", "10000")
        .header("User-Agent", "by-hand")
        .header("X-Request-Id", "01234567-89ab-cdef-0123-456789abcdef")
        .header("Accept-Encoding", "identity")
        .header("Authorization", "Bearer " + server.token())
        .post(RequestBody.create(body.getBytes(US_ASCII), MediaType.get("application/json")))
        .build();
  }

  private byte[] info(String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.write("tailor.secretmanager/sealed-read/1\0".getBytes(US_ASCII));
      field(out, 1, server.workspaceId().getBytes(US_ASCII));
      field(out, 2, Secrets.VAULT.getBytes(US_ASCII));
      field(out, 3, name.getBytes(US_ASCII));
      field(out, 4, NONCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void field(DataOutputStream out, int type, byte[] content) throws IOException {
    out.writeByte(type);
    out.writeInt(content.length);
    out.write(content);
  }

  private static KeysetHandle keyPair(HpkeParameters.KemId kem) throws GeneralSecurityException {
    return KeysetHandle.generateNew(
        HpkeParameters.builder()
            .setKemId(kem)
            .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
            .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
            .setVariant(HpkeParameters.Variant.NO_PREFIX)
            .build(),
        TINK);
  }

  @AccessesPartialKey
  private static String recipient(String kem, KeysetHandle keyPair)
      throws GeneralSecurityException {
    HpkePublicKey key =
        (HpkePublicKey) keyPair.getPublicKeysetHandle().getPrimary().getKey();
    return "{\"kem\":\"" + kem + "\",\"publicKey\":\""
        + base64(key.getPublicKeyBytes().toByteArray()) + "\"}";
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
