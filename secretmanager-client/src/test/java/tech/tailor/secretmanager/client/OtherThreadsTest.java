package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OtherThreadsTest {

  @Test
  void readCancelledInTheQueue_isNotRun() {
    List<Runnable> queue = new ArrayList<>();
    AtomicInteger runs = new AtomicInteger();
    CompletableFuture<Integer> future =
        OtherThreads.on(queue::add).submit(runs::incrementAndGet, result -> {});
    future.cancel(false);
    queue.get(0).run();

    assertThat(runs).hasValue(0);
  }

  @Test
  void usesThatWaitForReads_dontStarveThem() {
    OtherThreads reads = OtherThreads.on(null);
    List<CompletableFuture<Integer>> uses = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      uses.add(reads.submitUse(() -> reads.submit(() -> 1, result -> {}).join()));
    }

    assertThat(uses).allSatisfy(use -> assertThat(use).succeedsWithin(30, TimeUnit.SECONDS));
    reads.close();
  }

  @Test
  void executorThatTakesNoMore_failsTheFuture() {
    OtherThreads closed = OtherThreads.on(null);
    closed.close();
    OtherThreads full = OtherThreads.on(task -> {
      throw new RejectedExecutionException("full");
    });

    assertThat(closed.submit(() -> 1, result -> {}))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(IllegalStateException.class)
        .withMessageContaining("closed");
    assertThat(full.submit(() -> 1, result -> {}))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(RejectedExecutionException.class);
  }
}
