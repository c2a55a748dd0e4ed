package greetings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretManager;

/**
 * Links that nobody else can make. The key is read for each of them: the cache makes that cheap.
 */
final class SignedLinks {

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretManager secrets;

  SignedLinks(SecretManager secrets) {
    this.secrets = secrets;
  }

  /** The path, with a signature. */
  String sign(String path) throws GeneralSecurityException {
    String signature =
        secrets.withSecret("links", "signing-key", key -> key.withBytes(bytes -> mac(bytes, path)));
    return path + "?signature=" + signature;
  }

  private static String mac(byte[] key, String path) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(ALGORITHM);
    mac.init(new SecretKeySpec(key, ALGORITHM));
    return HexFormat.of().formatHex(mac.doFinal(path.getBytes(UTF_8)));
  }
}
