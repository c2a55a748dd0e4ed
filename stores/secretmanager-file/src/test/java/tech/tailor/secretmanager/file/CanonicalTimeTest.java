package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanonicalTimeTest {

  private static final DateTimeFormatter FORMATTER =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  @Test
  void everyTime_isReadAndWrittenAsByTheFormatter() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      // From the year -1000 to 12000, so that other lengths of years are among them.
      Instant time =
          Instant.ofEpochMilli(random.nextLong(-93_724_128_000_000L, 316_516_000_000_000L));
      String text = FORMATTER.format(time);
      assertThat(CanonicalTime.format(time)).isEqualTo(text);
      assertThat(parse(text)).isEqualTo(time);
    }
  }

  @Test
  void whatIsNoTime_isRefused() {
    for (String text : List.of(
        "",
        "2026-11-01",
        "2026-13-01T12:00:00.120Z",
        "2026-02-29T12:00:00.120Z",
        "2026-11-01T25:00:00.120Z",
        "2026-11-01T12:60:00.120Z",
        "2026-11-01T12:00:61.120Z",
        "2026-11-01t12:00:00.120z ",
        "2026-11-01 12:00:00.120Z",
        "\u0662026-11-01T12:00:00.120Z",
        "2026-11-01T12:00:00.120+")) {
      assertThatThrownBy(() -> parse(text)).as(text).isInstanceOf(DateTimeException.class);
    }
  }

  private static Instant parse(String text) {
    byte[] bytes = ("before" + text + "after").getBytes(UTF_8);
    return CanonicalTime.parse(bytes, "before".length(), bytes.length - "after".length());
  }
}
