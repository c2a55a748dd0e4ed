package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.security.KeyStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpSecretStoreBuilderTest {

  @Test
  void platform_isTheDefault() {
    try (HttpSecretStore store = complete().build()) {
      assertThat(store)
          .hasToString(
              "HttpSecretStore[https://api.tailor.tech, workspace " + MockPlatform.WORKSPACE + "]");
    }
  }

  @Test
  void whatIsNeeded_isAskedFor() {
    assertThatThrownBy(() -> HttpSecretStore.builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("workspaceId");
    assertThatThrownBy(
            () -> HttpSecretStore.builder().workspaceId(MockPlatform.WORKSPACE).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("accessToken");
  }

  @Test
  void settings_areChecked() {
    HttpSecretStore.Builder builder = complete();
    for (String bad :
        new String[] {"", "default", "01234567-89ab-cdef-0123-456789abcde", "1-1-1-1-1"}) {
      assertThatThrownBy(() -> builder.workspaceId(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("UUID");
    }
    for (Duration bad :
        new Duration[] {Duration.ZERO, Duration.ofMillis(-1), Duration.ofHours(1)}) {
      assertThatThrownBy(() -> builder.callTimeout(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("callTimeout must be between");
      assertThatThrownBy(() -> builder.connectTimeout(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("connectTimeout must be between");
    }
    assertThatThrownBy(() -> builder.endpoint("ftp://x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void plainHttp_isForThisMachine_unlessAllowed() {
    HttpSecretStore.Builder builder = complete().endpoint(URI.create("http://secrets.internal"));

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allowPlainHttp()");
    builder.allowPlainHttp().build().close();
  }

  @Test
  void storeThatWasNotLoaded_isRefused() throws Exception {
    KeyStore notLoaded = KeyStore.getInstance("PKCS12");

    assertThatThrownBy(() -> complete().trustStore(notLoaded))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is it loaded?")
        .hasNoCause();
    assertThatThrownBy(() -> complete().keyStore(notLoaded, "canary".toCharArray()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("canary");
  }

  private static HttpSecretStore.Builder complete() {
    return HttpSecretStore.builder()
        .workspaceId(MockPlatform.WORKSPACE)
        .accessToken(AccessTokenSource.of("token"));
  }
}
