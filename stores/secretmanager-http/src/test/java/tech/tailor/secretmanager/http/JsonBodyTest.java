package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretValue;

class JsonBodyTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyKindOfMember_isWritten() {
    byte[] body = new JsonBody()
        .text("text", "a \"quoted\" \\ text")
        .number("number", -7)
        .base64("bytes", new byte[] {1, 2, (byte) 0xff})
        .texts("texts", List.of("a", "b"))
        .texts("none", List.of())
        .object("object", object -> object.text("x", "y").object("inner", inner -> {}))
        .objects(
            "objects", List.of(1L, 2L), (object, n) -> object.number("n", n).texts("t", List.of()))
        .map("map", Map.of("k", "v"))
        .toBytes();

    assertThat(new String(body, UTF_8))
        .isEqualTo("{\"text\":\"a \\\"quoted\\\" \\\\ text\",\"number\":-7,\"bytes\":\"AQL/\","
            + "\"texts\":[\"a\",\"b\"],\"none\":[],\"object\":{\"x\":\"y\",\"inner\":{}},"
            + "\"objects\":[{\"n\":1,\"t\":[]},{\"n\":2,\"t\":[]}],\"map\":{\"k\":\"v\"}}");
  }

  @Test
  void everyCharacter_isReadBackByAJsonLibrary() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c <= 0x10ffff; c++) {
      if (c < 0x3000 || c % 251 == 0) {
        if (c < 0xd800 || c > 0xdfff) {
          text.appendCodePoint(c);
        }
      }
    }
    String all = text.toString();
    for (int from = 0; from < all.length(); ) {
      int to =
          all.offsetByCodePoints(from, Math.min(5_000, all.codePointCount(from, all.length())));
      String part = all.substring(from, to);
      try (SecretValue value = SecretValue.of(part)) {
        JsonNode read = JSON.readTree(
            new JsonBody().text("text", part).secret("value", value).toBytes());
        assertThat(read.get("text").asText()).isEqualTo(part);
        assertThat(read.get("value").asText()).isEqualTo(part);
      }
      from = to;
    }
  }
}
