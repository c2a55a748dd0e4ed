package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HitCounterTest {

  @Test
  void losesNoCount_ofAnyThread() throws InterruptedException {
    HitCounter hits = new HitCounter();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      threads.add(new Thread(() -> {
        for (int k = 0; k < 50_000; k++) {
          hits.add(1);
        }
        hits.add(10);
      }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(hits.sum()).isEqualTo(20 * 50_010);
  }

  @Test
  void letsItsCallerLookUp_nowAndThen() {
    HitCounter hits = new HitCounter();
    AtomicInteger looks = new AtomicInteger();
    for (int i = 0; i < 256_000; i += 10) {
      if (hits.add(10)) {
        looks.incrementAndGet();
      }
    }

    assertThat(looks).hasValue(1_000);
  }
}
