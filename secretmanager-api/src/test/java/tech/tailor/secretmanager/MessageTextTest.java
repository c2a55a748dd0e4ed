package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageTextTest {

  @Test
  void oneLine_escapesWhatBreaksHidesOrTurns_andKeepsTheRest() {
    assertThat(
            SecretSupport.oneLine("a\nb\u2028c\u202ed\ud800e\u00e4\ud83d\ude00 \"f\\\u0085\ufeff"))
        .isEqualTo("a\\u000ab\\u2028c\\u202ed\\ud800e\u00e4\ud83d\ude00 \"f\\\\u0085\\ufeff");
    assertThat(SecretSupport.oneLine("\udb40\udc41"))
        .as("a tag, which no font shows")
        .isEqualTo("\\udb40\\udc41");
  }

  @Test
  void noCharacterThatIsFormatOrControl_passes() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      int type = Character.getType(c);
      if (type == Character.FORMAT || type == Character.CONTROL) {
        String text = Character.toString(c);
        assertThat(SecretSupport.oneLine(text)).doesNotContain(text);
        assertThat(SecretSupport.quote(text)).doesNotContain(text);
      }
    }
  }

  @Test
  void quote_isAscii_andShort() {
    assertThat(SecretSupport.quote("a\"b\\\u00e4\u001b"))
        .isEqualTo("\"a\\u0022b\\u005c\\u00e4\\u001b\"");
    assertThat(SecretSupport.quote("x".repeat(65))).isEqualTo("\"" + "x".repeat(64) + "…\"");
    assertThat(SecretSupport.quote("x".repeat(64))).isEqualTo("\"" + "x".repeat(64) + "\"");
  }
}
