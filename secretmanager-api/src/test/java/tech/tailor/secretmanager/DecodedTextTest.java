package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodedTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"ISO-8859-1", "ISO-8859-15", "windows-1252", "IBM850", "KOI8-R", "ISO-8859-5"})
  void utf8ThatWasDecodedByAnotherCharset_isRecognised(Charset charset) {
    for (String written : new String[] {"p\u00e4ss", "\u20ac 5", "\u044f", "\ud83d\udd11"}) {
      String misread = new String(written.getBytes(StandardCharsets.UTF_8), charset);

      assertThat(misread.contains("\ufffd") || DecodedText.isUtf8DecodedBy(misread, charset))
          .as("%s as %s", written, misread)
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ascii, ISO-8859-1",
    "p\u00e4ss, ISO-8859-1",
    "\u00e4\u00f6\u00fc\u00df, ISO-8859-1",
    "\u20ac, ISO-8859-1",
    "\u20ac, US-ASCII",
    "\u20ac\u00e9, windows-1252",
    "p\u00e4ss, ISO-2022-CN",
  })
  void textOfTheCharsetItself_isNone(String text, Charset charset) {
    assertThat(DecodedText.isUtf8DecodedBy(text, charset)).isFalse();
  }
}
