package tech.tailor.secretmanager.examples;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * How do I use a secret without a {@code String} of it? Borrow it as bytes for the length of one
 * call, here to sign a message, on the calling thread and on another one. What was lent is wiped
 * when the call returns.
 */
public final class UseWithoutString {

  private static final SecretRef SIGNING_KEY = SecretRef.of("default", "signing-key");

  private UseWithoutString() {}

  public static void main(String[] args) throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "signing-key", "made-up-signing-key");

    try (SecretManager secretManager = SecretManagers.open(store)) {
      String signature =
          secretManager.withSecret(SIGNING_KEY, key -> key.withBytes(UseWithoutString::sign));
      System.out.println("signature: " + signature);

      CompletableFuture<String> later =
          secretManager.withSecretAsync(SIGNING_KEY, key -> key.withBytes(UseWithoutString::sign));
      System.out.println("same from another thread: " + later.get().equals(signature));
    }
  }

  private static String sign(byte[] key) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return HexFormat.of()
        .formatHex(mac.doFinal("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8)), 0, 8);
  }
}
