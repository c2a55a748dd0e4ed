package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTimeTest {

  private static final String CHARACTERS = "0123456789-:.TZ+ t";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-01T12:00:00Z",
        "2026-11-01T12:00:00.1Z",
        "2026-11-01T12:00:00.120Z",
        "2026-11-01T12:00:00.120450Z",
        "2026-11-01T12:00:00.120450789Z",
        "0000-02-29T23:59:59.999999999Z",
        "9999-12-31T00:00:00Z",
        "2026-11-01T12:00:00+09:00",
        "2026-11-01T12:00Z",
        "+12026-11-01T12:00:00Z",
        "2026-11-01T24:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-11-01T12:00:60Z",
        "2026-11-01T12:00:00.Z",
        "2026-11-01T12:00:00.1234567890Z",
        "2026-11-01T12:00:00.12x4Z",
        "2026-11-01T12:00:00zZ",
        "2026-11-01T12:00:00",
        "Z",
        ""
      })
  void time_isWhatTheJdkReads(String text) {
    assertThat(ours(text)).isEqualTo(theirs(text));
  }

  @Test
  void changedTimes_areWhatTheJdkReads() {
    Random random = new Random(20_261_101);
    int readable = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder("2026-11-01T12:00:00.120450Z");
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, anyCharacter(random));
          case 1 -> text.insert(at, anyCharacter(random));
          default -> text.deleteCharAt(at);
        }
      }
      String changed = text.toString();
      assertThat(ours(changed)).as(changed).isEqualTo(theirs(changed));
      readable += ours(changed).equals("none") ? 0 : 1;
    }
    System.out.println("times: 20000 changed, " + readable + " of them readable, 0 differ");
    assertThat(readable).isBetween(1_000, 19_000);
  }

  private static char anyCharacter(Random random) {
    return CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
  }

  private static String ours(String text) {
    try {
      return WireTime.parse(text).toString();
    } catch (DateTimeException e) {
      return "none";
    }
  }

  private static String theirs(String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.toString();
    } catch (DateTimeException e) {
      return "none";
    }
  }
}
