package tech.tailor.secretmanager.examples.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;

/** The service that the tests beside it are about: signs and delivers events to customers. */
final class Webhooks {

  private final SecretHandle signingKey;
  private final SecretHandle deliveryToken;
  private final Delivery delivery;

  Webhooks(SecretManager secretManager, Delivery delivery) {
    this.signingKey = secretManager.handle("webhooks", "signing-key");
    this.deliveryToken = secretManager.handle("webhooks", "delivery-token");
    this.delivery = delivery;
  }

  /** What brings an event to the customer. */
  interface Delivery {

    /**
     * Brings it there.
     *
     * @throws TokenRejectedException if the token is not, or no longer, the right one
     */
    void deliver(String body, String signature, String token) throws TokenRejectedException;
  }

  /** The customer's side does not know the token. */
  static final class TokenRejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    TokenRejectedException() {
      super("The delivery token was rejected");
    }
  }

  /** The signature that a customer checks. */
  String sign(String body) throws GeneralSecurityException {
    return signingKey.with(key -> hmac(key, body));
  }

  /** Signs and delivers; with the next token, if that was rotated. */
  void send(String body) throws GeneralSecurityException, TokenRejectedException {
    String signature = sign(body);
    deliveryToken.with(
        token -> deliver(body, signature, token), e -> e instanceof TokenRejectedException);
  }

  private boolean deliver(String body, String signature, SecretValue token)
      throws TokenRejectedException {
    delivery.deliver(body, signature, token.revealString());
    return true;
  }

  private static String hmac(SecretValue key, String body) throws GeneralSecurityException {
    return key.withBytes(bytes -> hmac(bytes, body));
  }

  private static String hmac(byte[] key, String body) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
  }
}
