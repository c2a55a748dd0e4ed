package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.tailor.tech, https://api.tailor.tech",
    "https://api.tailor.tech/, https://api.tailor.tech",
    "HTTPS://API.tailor.tech:8443/path//, https://api.tailor.tech:8443/path",
    "http://localhost:80, http://localhost:80",
    "http://127.0.0.1:1234, http://127.0.0.1:1234",
    "http://127.1.2.3, http://127.1.2.3",
    "http://[::1]:8080, http://[::1]:8080",
    "http://[0:0:0:0:0:0:0:1]:8080, http://[::1]:8080",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001], http://[::1]",
    "http://[::0001], http://[::1]",
    "https://[2001:DB8:0:0:0:0:0:1]/x, https://[2001:db8::1]/x",
    "https://[2001:db8::1.2.3.4], https://[2001:db8::102:304]",
    "https://[::ffff:192.0.2.1], https://192.0.2.1",
    "http://[::ffff:127.0.0.1]:1, http://127.0.0.1:1",
    "http://LOCALHOST, http://localhost"
  })
  void goodEndpoint_isTaken(String text, String expected) {
    Endpoint endpoint = Endpoint.of(text, false, "The endpoint");

    assertThat(endpoint).hasToString(expected);
    assertThat(endpoint.resolve("x/Y")).isEqualTo(expected + "/x/Y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "api.tailor.tech",
        "ftp://api.tailor.tech",
        "https:",
        "https:///path",
        "https://:443",
        "https://user:canary@api.tailor.tech",
        "https://canary@api.tailor.tech",
        "https://api.tailor.tech?token=canary",
        "https://api.tailor.tech#canary",
        "https://api.tailor.tech/a/../canary",
        "https://api.tailor.tech:0",
        "https://api.tailor.tech:70000",
        "https://canary canary",
        "http://api.tailor.tech",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "https://[fe80::1%25eth0]",
        "https://[fe80::1%canary]"
      })
  void badEndpoint_isRefused_withoutBeingShown(String text) {
    assertThatThrownBy(() -> Endpoint.of(text, false, "The endpoint"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The endpoint ")
        .hasMessageNotContaining("canary")
        .hasNoCause();
  }

  @Test
  void plainHttp_canBeAllowed() {
    URI uri = URI.create("http://secrets.internal:8080");

    assertThat(Endpoint.of(uri, true, "The endpoint")).hasToString("http://secrets.internal:8080");
  }

  @Test
  void origin_isSchemeHostAndPort() {
    Endpoint endpoint = Endpoint.of("https://api.tailor.tech/path", false, "The endpoint");

    assertThat(endpoint.isAt("https", "api.tailor.tech", 443)).isTrue();
    assertThat(endpoint.isAt("http", "api.tailor.tech", 443)).isFalse();
    assertThat(endpoint.isAt("https", "api.tailor.tech.evil.example", 443)).isFalse();
    assertThat(endpoint.isAt("https", "api.tailor.tech", 8443)).isFalse();
    assertThat(Endpoint.of("http://[::1]:1", false, "x").isAt("http", "::1", 1)).isTrue();
    assertThat(Endpoint.of("http://[0:0:0:0:0:0:0:1]:1", false, "x")
            .hasSameOriginAs(Endpoint.of("http://[::1]:1", false, "x")))
        .isTrue();
  }
}
