package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonAnswerTest {

  @Test
  void textBeyondAscii_isRead() throws Exception {
    assertThat(code("{\"é𝄞\":1,\"code\":\"not_found\"}".getBytes(UTF_8)))
        .isEqualTo(ConnectCode.NOT_FOUND);
  }

  @Test
  void byteOrderMark_isPassedOver_butOnlyOne() throws Exception {
    assertThat(code("\ufeff{\"code\":\"not_found\"}".getBytes(UTF_8)))
        .isEqualTo(ConnectCode.NOT_FOUND);
    assertRefused("\ufeff\ufeff{}".getBytes(UTF_8), "JsonParseException");
    assertRefused("\ufeff".getBytes(UTF_8), "no START_OBJECT");
    assertRefused(new byte[0], "no START_OBJECT");
  }

  @Test
  void whatIsNotUtf8_isRefused() {
    String json = "{\"é\":1,\"code\":\"not_found\"}";
    assertRefused(json.getBytes(ISO_8859_1), "it is not UTF-8");
    assertRefused("{\"\0\":1}".replace("\0", "À\u0080").getBytes(ISO_8859_1), "it is not UTF-8");
    assertRefused("{\"í \u0080\":1}".getBytes(ISO_8859_1), "it is not UTF-8");
    byte[] whole = json.getBytes(UTF_8);
    assertRefused(Arrays.copyOf(whole, 3), "it is not UTF-8");
    assertRefused("{\"code\":\"not_found\"}".getBytes(UTF_16BE), "at character");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                             | no START_OBJECT at character 1",
        "{\"é\":1,\"code\":7}           | no VALUE_STRING at character 15",
        "{\"a\":1,\"a\":2}              | JsonParseException at character 10",
        "{\"code\":\"not_found\"}{}     | something follows at character 21",
      })
  void whereItIsMalformed_isSaidInCharacters(String json, String message) {
    assertRefused(json.getBytes(UTF_8), message);
  }

  private static ConnectCode code(byte[] answer) throws MalformedAnswerException {
    return JsonAnswer.read(answer, Answers::errorCode);
  }

  private static void assertRefused(byte[] answer, String message) {
    assertThatExceptionOfType(MalformedAnswerException.class)
        .isThrownBy(() -> code(answer))
        .withMessageContaining(message)
        .withNoCause();
  }
}
