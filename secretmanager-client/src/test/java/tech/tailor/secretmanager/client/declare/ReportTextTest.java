package tech.tailor.secretmanager.client.declare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.client.declare.ApplyReport.Outcome;

class ReportTextTest {

  @Test
  void constants_areWrittenInLowerCase() {
    assertThat(ReportText.word(Outcome.NOT_TRIED)).isEqualTo("not tried");
    assertThat(ReportText.symbol(Outcome.NOT_TRIED)).isEqualTo("not_tried");
  }
}
