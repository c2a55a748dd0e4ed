package tech.tailor.secretmanager.client.declare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.client.declare.ApplyReport.Outcome;

class ReportTextTest {

  @Test
  void oneLine_hasNothingThatBreaksOrHides() {
    assertThat(ReportText.oneLine("a\nb\u2028c\u202ed\ud800e\u00e4\ud83d\ude00"))
        .isEqualTo("a?b?c?d?e\u00e4\ud83d\ude00");
  }

  @Test
  void constants_areWrittenInLowerCase() {
    assertThat(ReportText.word(Outcome.NOT_TRIED)).isEqualTo("not tried");
    assertThat(ReportText.symbol(Outcome.NOT_TRIED)).isEqualTo("not_tried");
  }
}
