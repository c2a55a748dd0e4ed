package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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
}
