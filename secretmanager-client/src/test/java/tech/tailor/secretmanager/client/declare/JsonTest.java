package tech.tailor.secretmanager.client.declare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
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
  void compactDocument_isASCII_andIsReadBackAsItWas() throws Exception {
    String text = "\"\\/\b\f\n\r\t\u0000\u001f\u007f \u00e4 \u2028 \ud83d\ude00 {[,:";
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(text, text);
    object.put("number", 3);
    object.put("truth", true);
    object.put("texts", List.of("a", "b"));
    object.put("none", List.of());
    object.put("objects", List.of(Map.of(), Map.of("nothing", "")));
    String json = Json.compact(object);

    assertThat(json)
        .isASCII()
        .endsWith(",\"number\":3,\"truth\":true,\"texts\":[\"a\",\"b\"],\"none\":[],"
            + "\"objects\":[{},{\"nothing\":\"\"}]}");
    assertThat(JACKSON.readValue(json, Object.class)).isEqualTo(object);
  }

  @Test
  void document_forPeople_isIndented() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("text", "a");
    inner.put("number", 1);
    inner.put("nothing", null);
    inner.put("empty", Map.of());
    inner.put("list", List.of("b", Map.of("c", true)));
    inner.put("none", List.of());

    assertThat(Json.indented(Map.of("inner", inner))).isEqualTo("""
            {
              "inner": {
                "text": "a",
                "number": 1,
                "nothing": null,
                "empty": {},
                "list": [
                  "b",
                  {
                    "c": true
                  }
                ],
                "none": []
              }
            }
            """);
  }
}
