package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoarseClockTest {

  private final CoarseClock clock = new CoarseClock();

  @Test
  void goesOn_whileSomebodyAsks() {
    long start = clock.getAsLong();
    while (clock.getAsLong() == start) {
      Thread.onSpinWait();
    }

    assertThat(clock.getAsLong() - start).isPositive();
  }

  @Test
  void neverRunsAhead() {
    for (int i = 0; i < 100_000; i++) {
      long coarse = clock.getAsLong();

      assertThat(System.nanoTime() - coarse).isNotNegative();
    }
  }

  @Test
  void standsStill_onlyUntilItIsAskedAgain() {
    clock.getAsLong();
    while (isTicking()) {
      Thread.onSpinWait(); // nobody asks
    }
    long before = System.nanoTime();

    assertThat(clock.getAsLong() - before).isNotNegative();
    assertThat(isTicking()).isTrue();
  }

  @Test
  void verify_setsRightWhatLags() {
    clock.getAsLong();
    for (int i = 0; i < 1_000; i++) {
      clock.verify();

      assertThat(clock.getAsLong()).isLessThanOrEqualTo(System.nanoTime());
    }
  }

  private boolean isTicking() {
    return clock.isRunning();
  }
}
