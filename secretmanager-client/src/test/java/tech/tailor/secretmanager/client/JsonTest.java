package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  @Test
  void whatCouldBeMisread_isEscaped() {
    assertThat(Json.quoted("\"\\\n\t\r\u0000\u2028\u2029\u202e\ufeff\u00a0\ud800 é€😀*/${%{'`"))
        .isEqualTo("\"\\\"\\\\\\n\\t\\u000d\\u0000\\u2028\\u2029\\u202e\\ufeff\\u00a0\\ud800"
            + " é€😀*/${%{'`\"");
  }

  @Test
  void anyText_isReadBackAsItWas() throws Exception {
    Random random = new Random(0x15);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(20, 0, 0x3000).forEach(c -> text.append((char) c));
      random.ints(5, 0x10000, 0x1ffff).forEach(text::appendCodePoint);

      assertThat(JACKSON.readValue(Json.quoted(text.toString()), String.class))
          .isEqualTo(text.toString());
    }
  }

  @Test
  void document_isIndented() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("text", "a");
    inner.put("number", 1);
    inner.put("nothing", null);
    inner.put("empty", Map.of());

    assertThat(Json.text(Map.of("inner", inner))).isEqualTo("""
            {
              "inner": {
                "text": "a",
                "number": 1,
                "nothing": null,
                "empty": {}
              }
            }
            """);
  }
}
