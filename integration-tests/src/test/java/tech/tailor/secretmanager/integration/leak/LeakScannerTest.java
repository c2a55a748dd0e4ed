package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The scanner finds a planted canary in every shape; else "no leak" would mean nothing. */
class LeakScannerTest {

  static Stream<Arguments> shapes() {
    return Stream.of(Canary.plain(), Canary.awkward())
        .flatMap(canary -> canary.shapes().entrySet().stream()
            .map(shape -> Arguments.of(shape.getKey(), canary, shape.getValue())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void plantedCanary_isFound(String name, Canary canary, byte[] shape) {
    ByteArrayOutputStream haystack = new ByteArrayOutputStream();
    haystack.writeBytes("before ".getBytes(UTF_8));
    haystack.writeBytes(shape);
    haystack.writeBytes(" after".getBytes(UTF_8));

    assertThat(new LeakScanner(List.of(canary)).find(haystack.toByteArray()))
        .contains(name + " of canary 0");
  }

  @Test
  void base64_isFoundAtEveryAlignment() {
    Canary canary = Canary.plain();
    LeakScanner scanner = new LeakScanner(List.of(canary));
    for (int before = 0; before < 7; before++) {
      for (int after = 0; after < 4; after++) {
        byte[] bytes = ("x".repeat(before) + canary.text() + "y".repeat(after)).getBytes(UTF_8);
        assertThat(scanner.find(java.util.Base64.getEncoder().encodeToString(bytes)))
            .isNotEmpty();
        assertThat(scanner.find(java.util.Base64.getMimeEncoder().encodeToString(bytes)))
            .isNotEmpty();
      }
    }
  }

  @Test
  void jacksonsOwnEscapes_areFound() throws Exception {
    Canary canary = Canary.awkward();
    String json =
        new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(canary.text());

    assertThat(new LeakScanner(List.of(canary)).find(json)).contains("JSON of canary 0");
  }

  @Test
  void whatIsNoCanary_isNotFound() {
    LeakScanner scanner = new LeakScanner(List.of(Canary.plain(), Canary.awkward()));

    assertThat(scanner.find("SecretValue[redacted] 0123456789 ABCDEF é€")).isEmpty();
    assertThat(scanner.find(Canary.plain().text())).isEmpty();
  }
}
