package greetings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/** Without a store, a key or a server of anybody's: the secrets are in memory. */
@FailOnLeak
class LinkServiceTest {

  private static final String SIGNED_BY_FIRST =
      "/cats?signature=df0cb5ccd7cd5a5e84b7e7dd22d6a51d43239a184dbc8981a613e9a77471c6fc";

  @Test
  @WithSecret(vault = "links", name = "signing-key", value = "made-up-key-one")
  void link_isSigned(SecretManager secrets) throws Exception {
    try (LinkService service = LinkService.start(0, secrets)) {
      assertThat(get(service, "/sign/cats")).isEqualTo("200 " + SIGNED_BY_FIRST);
    }
  }

  /** A rotation takes effect when the cached key's time is over. */
  @Test
  void rotatedKey_isUsed() throws Exception {
    try (FakeSecretManager secrets =
            FakeSecretManager.with("links", "signing-key", "made-up-key-one");
        LinkService service = LinkService.start(0, secrets)) {
      String first = get(service, "/sign/cats");
      secrets.put("links", "signing-key", "made-up-key-two");
      secrets.advance(Duration.ofMinutes(10));
      assertThat(get(service, "/sign/cats")).startsWith("200 ").isNotEqualTo(first);
    }
  }

  @Test
  void missingKey_isSaid_andNotMadeUp() throws Exception {
    try (FakeSecretManager secrets = FakeSecretManager.create();
        LinkService service = LinkService.start(0, secrets)) {
      assertThat(get(service, "/sign/cats")).startsWith("503 ").contains("links/signing-key");
    }
  }

  /** An outage of the store isn't one of the service, while the key is in the cache. */
  @Test
  void outage_isSurvived() throws Exception {
    try (FakeSecretManager secrets =
            FakeSecretManager.with("links", "signing-key", "made-up-key-one");
        LinkService service = LinkService.start(0, secrets)) {
      String before = get(service, "/sign/cats");
      secrets.backend().failWithUnavailable();
      secrets.advance(Duration.ofMinutes(10));
      assertThat(get(service, "/sign/cats")).isEqualTo(before);
    }
  }

  private static String get(LinkService service, String path)
      throws IOException, InterruptedException {
    HttpResponse<String> response = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return response.statusCode() + " " + response.body().strip();
  }
}
