package tech.tailor.secretmanager.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import okhttp3.OkHttpClient;
import org.springframework.web.client.RestClient;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.client.headers.OriginHeaders;
import tech.tailor.secretmanager.http.SecretHeaders;
import tech.tailor.secretmanager.spring.SecretHeadersRequestFactory;

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

  static RestClient restClient(SecretManager secretManager, RestClient.Builder builder) {
    RestClient client = builder
        .requestFactory(SecretHeadersRequestFactory.of(
            secretManager,
            "https://hooks.example.com",
            Map.of("Authorization", "Bearer ${secret@api-keys/external-api-token}")))
        .build();
    return client;
  }

  static HttpResponse<String> anyClient(HttpClient client, OriginHeaders headers, URI uri)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    HttpResponse<String> response;
    try (OriginHeaders.Call call = headers.begin()) {
      do {
        call.headersFor(uri.getScheme(), uri.getHost(), uri.getPort(), false)
            .forEach(request::setHeader);
        response = client.send(request.build(), BodyHandlers.ofString());
      } while (call.renewAfter(response.statusCode()));
    }
    return response;
  }
}
