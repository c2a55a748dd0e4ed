package tech.tailor.secretmanager.client.headers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

class OriginHeadersTest {

  private static final String HOST = "hooks.example.com";
  private static final Map<String, ?> BEARER =
      Map.of("Authorization", "Bearer ${secret@api-keys/token}");
  private static final Map<String, String> FIRST = Map.of("Authorization", "Bearer first");
  private static final Map<String, String> SECOND = Map.of("Authorization", "Bearer second");

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final SecretManager secretManager = SecretManagers.open(store);
  private final OriginHeaders headers = OriginHeaders.of(secretManager, "https://" + HOST, BEARER);

  @BeforeEach
  void fill() {
    store.createVault("api-keys");
    store.put("api-keys", "token", "first");
  }

  @AfterEach
  void close() {
    secretManager.close();
  }

  private static Map<String, String> atOrigin(OriginHeaders.Call call) throws IOException {
    return call.headersFor("https", HOST, 443, false);
  }

  @ParameterizedTest
  @CsvSource({
    "https://hooks.example.com, https, hooks.example.com, 443",
    "https://hooks.example.com, HTTPS, Hooks.Example.com, -1",
    "HTTPS://Hooks.Example.com:443/, https, hooks.example.com, -1",
    "https://hooks.example.com:8443, https, hooks.example.com, 8443",
    "http://localhost, http, localhost, 80",
    "http://[::1]:8080, http, [0:0:0:0:0:0:0:1], 8080",
    "http://[0::1]:8080, http, ::1, 8080"
  })
  void sameSchemeHostAndPort_areTheOrigin(String origin, String scheme, String host, int port) {
    assertThat(OriginHeaders.of(secretManager, origin, BEARER).isOrigin(scheme, host, port))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http, hooks.example.com, 443",
    "http, hooks.example.com, 80",
    "https, hooks.example.com, 444",
    "https, hooks.example.com, 80",
    "https, example.com, 443",
    "https, evil.hooks.example.com, 443",
    "https, hooks.example.com.evil.com, 443",
    "https, hooks.example.com., 443",
    "https, xhooks.example.com, 443",
    "https, ::1, 443"
  })
  void anythingElse_isNot_andGetsNoHeader(String scheme, String host, int port) throws IOException {
    assertThat(headers.isOrigin(scheme, host, port)).isFalse();
    try (OriginHeaders.Call call = headers.begin()) {
      assertThat(call.headersFor(scheme, host, port, false)).isEmpty();
    }
  }

  @Test
  void callThatLeftTheOrigin_getsNoHeaderBackThere_andRenewsNothing() throws IOException {
    try (OriginHeaders.Call call = headers.begin()) {
      assertThat(atOrigin(call)).isEqualTo(FIRST);
      assertThat(call.headersFor("https", "elsewhere.example.com", 443, false)).isEmpty();
      assertThat(atOrigin(call)).isEmpty();

      store.put("api-keys", "token", "second");
      assertThat(call.renewAfter(401)).isFalse();
    }
    assertThat(secretManager.cacheStats().loads()).isEqualTo(1);
  }

  @Test
  void refusedValue_isRenewedOnce() throws IOException {
    try (OriginHeaders.Call call = headers.begin()) {
      assertThat(atOrigin(call)).isEqualTo(FIRST);
      store.put("api-keys", "token", "second");

      assertThat(call.renewAfter(200)).isFalse();
      assertThat(call.renewAfter(403)).isFalse();
      assertThat(call.renewAfter(401)).isTrue();
      assertThat(atOrigin(call)).isEqualTo(SECOND);

      store.put("api-keys", "token", "third");
      assertThat(call.renewAfter(401)).as("again").isFalse();
    }
  }

  @Test
  void refusedValue_thatIsCurrent_isNotSentAgain() throws IOException {
    try (OriginHeaders.Call call = headers.begin()) {
      atOrigin(call);
      assertThat(call.renewAfter(401)).isFalse();
    }
    assertThat(secretManager.cacheStats().loads()).as("asked once more").isEqualTo(2);
  }

  @Test
  void withoutTls_noProxyIsGivenTheHeaders() throws IOException {
    OriginHeaders plain = OriginHeaders.of(secretManager, "http://localhost:8080", BEARER);
    try (OriginHeaders.Call call = plain.begin()) {
      assertThatIOException()
          .isThrownBy(() -> call.headersFor("http", "localhost", 8080, true))
          .withMessageContaining("proxy");
    }
    try (OriginHeaders.Call call = headers.begin()) {
      assertThat(call.headersFor("https", HOST, 443, true)).as("in a tunnel").isEqualTo(FIRST);
    }
  }

  @Test
  void closedCall_hasForgottenTheValues() throws IOException {
    OriginHeaders.Call call = headers.begin();
    assertThat(call).hasToString("OriginHeaders.Call[redacted]");
    call.close();
    assertThat(atOrigin(call)).isEmpty();
    assertThat(call.renewAfter(401)).isFalse();
  }

  @Test
  void headerForAProxy_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OriginHeaders.of(
            secretManager,
            "https://" + HOST,
            Map.of("proxy-Authorization", "Bearer ${secret@api-keys/token}")))
        .withMessageContaining("is for a proxy");
  }

  @Test
  void headersThatCannotBeHad_failTheCall_withoutAValue() {
    OriginHeaders missing = OriginHeaders.of(
        secretManager, "https://" + HOST, Map.of("X-Api-Key", "${secret@api-keys/nothing}"));
    assertThatIOException()
        .isThrownBy(missing::begin)
        .withMessageContaining("[X-Api-Key] for https://hooks.example.com")
        .withCauseInstanceOf(SecretNotFoundException.class);

    store.put("api-keys", "token", "canary\n");
    assertThatIOException()
        .isThrownBy(headers::begin)
        .withMessageContaining("line feed")
        .withMessageNotContaining("canary")
        .withNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://büro.example.com",
        "https://a b.example.com",
        "https://hooks_example",
        "https://hooks.example.com:0",
        "https://hooks.example.com:65536",
        "https:hooks.example.com",
        "https://hunter2@hooks.example.com",
        "http://127.0.0.1.example.com"
      })
  void whatIsNoOrigin_isRefused(String origin) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OriginHeaders.of(secretManager, origin, BEARER))
        .withMessageContaining("The origin must")
        .withMessageNotContaining("hunter2");
  }
}
