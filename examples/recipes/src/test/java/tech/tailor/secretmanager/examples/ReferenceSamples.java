package tech.tailor.secretmanager.examples;

import java.util.Map;
import okhttp3.OkHttpClient;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.http.SecretHeaders;

/** The samples that refer to secrets; {@link SamplesTest} looks for them here. */
final class ReferenceSamples {

  private ReferenceSamples() {}

  static String text(SecretManager secretManager) {
    SecretTemplate<String> authorization =
        SecretTemplate.in("Bearer ${secret@api-keys/external-api-token}");
    String header = authorization.reveal(secretManager);
    return header;
  }

  static byte[] withoutString(
      SecretManager secretManager,
      Map<String, ?> config,
      SecretFunction<byte[], byte[], RuntimeException> signer) {
    SecretRef clientSecret = SecretTemplate.whole(config.get("client_secret")).orElseThrow();
    byte[] signature = secretManager.withSecret(clientSecret, key -> key.withBytes(signer));
    return signature;
  }

  static OkHttpClient headers(SecretManager secretManager) {
    SecretHeaders headers = SecretHeaders.of(
        secretManager,
        "https://hooks.example.com",
        Map.of("Authorization", "Bearer ${secret@api-keys/external-api-token}"));
    OkHttpClient client = headers.addTo(new OkHttpClient.Builder()).build();
    return client;
  }
}
