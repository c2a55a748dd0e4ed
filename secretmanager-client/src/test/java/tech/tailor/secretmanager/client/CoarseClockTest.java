package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
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
    CountDownLatch busy = new CountDownLatch(1);
    CoarseClock late = new CoarseClock(nanos -> awaitUninterruptibly(busy));
    long start = late.getAsLong();
    while (System.nanoTime() - start <= CoarseClock.LAG_NANOS) {
      Thread.onSpinWait();
    }
    assertThat(late.getAsLong()).as("the machine keeps its thread waiting").isEqualTo(start);
    long before = System.nanoTime();

    late.verify();

    assertThat(late.getAsLong() - before).isNotNegative();
    busy.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isTicking() {
    return clock.isRunning();
  }
}
