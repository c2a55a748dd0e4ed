package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportJsonTest {

  @Test
  void separatesWhatItWrites() {
    ReportJson json = new ReportJson()
        .beginObject()
        .text("text", "x")
        .number("number", 3)
        .truth("truth", true)
        .texts("texts", List.of("a", "b"))
        .texts("none", List.of())
        .beginArray("objects")
        .beginObject()
        .endObject()
        .beginObject()
        .endObject()
        .endArray()
        .endObject();

    assertThat(json)
        .hasToString("{\"text\":\"x\",\"number\":3,\"truth\":true,\"texts\":[\"a\",\"b\"],"
            + "\"none\":[],\"objects\":[{},{}]}");
  }

  @Test
  void anyText_comesBackFromAParser() throws Exception {
    String text = "\"\\/\b\f\n\r\t\u0000\u001f\u007f \u00e4 \u2028 \ud83d\ude00 {[,:";
    String json = new ReportJson().beginObject().text("key", text).endObject().toString();

    assertThat(json).isASCII();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      assertThat(parser.nextFieldName()).isEqualTo("key");
      assertThat(parser.nextTextValue()).isEqualTo(text);
    }
  }

  @Test
  void textThatEndsLikeABracket_isSeparated() {
    assertThat(new ReportJson().beginObject().text("a", "x[").text("b{", ":").truth("c", false))
        .hasToString("{\"a\":\"x[\",\"b{\":\":\",\"c\":false");
  }

  @Test
  void oneLine_hasNothingThatBreaksOrHides() {
    assertThat(ReportJson.oneLine("a\nb\u2028c\u202ed\ud800e\u00e4\ud83d\ude00"))
        .isEqualTo("a?b?c?d?e\u00e4\ud83d\ude00");
  }
}
