package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.JavaProcess;

class UninterruptedTest {

  @TempDir
  Path directory;

  @Test
  @Timeout(60)
  void work_isFinishedThoughItsCallerWasADaemon() throws Exception {
    Path file = directory.resolve("finished");
    Process child = JavaProcess.start(List.of(), Ending.class, file);
    try {
      assertThat(child.waitFor()).isZero();
    } finally {
      child.destroyForcibly();
    }
    assertThat(file).exists();
  }

  /** Its last thread but the work's ends while the work is under way. */
  static final class Ending {
    public static void main(String[] args) throws InterruptedException {
      CountDownLatch working = new CountDownLatch(1);
      Thread caller = new Thread(() -> {
        try {
          Uninterrupted.run(() -> {
            working.countDown();
            try {
              Thread.sleep(500);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            Files.createFile(Path.of(args[0]));
          });
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      });
      caller.setDaemon(true);
      caller.start();
      working.await();
    }
  }
}
