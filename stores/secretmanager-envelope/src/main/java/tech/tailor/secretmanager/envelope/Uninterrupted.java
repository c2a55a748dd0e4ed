package tech.tailor.secretmanager.envelope;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * Runs what an interrupt must not end. An interrupt closes the file channel that its thread is
 * using, which would leave a change written by half or its durability unknown; so this work is done
 * on a thread of its own, which nobody can interrupt, while the caller waits.
 */
final class Uninterrupted {

  private Uninterrupted() {}

  /**
   * Does the work, and returns or throws as it does. If the caller is interrupted meanwhile, or was
   * before, it still is afterwards.
   */
  static void run(StoreFiles.Work work) throws IOException {
    Outcome outcome = new Outcome();
    Thread worker =
        SecretSupport.newDaemonThread("secretmanager-file-commit", () -> outcome.of(work));
    worker.setDaemon(false); // else a JVM would end meanwhile if the caller is a daemon
    try {
      worker.start();
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      throw new SecretUnavailableException("No thread could be started for a change; nothing was"
          + " changed. The process or its container has as many threads as it may have: raise that"
          + " limit (pids.max, ulimit -u), or use fewer threads");
    }
    boolean interrupted = false;
    while (true) {
      try {
        worker.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    outcome.rethrow();
  }

  /** Handed over by the end of the thread that wrote it. */
  private static final class Outcome {

    private @Nullable Throwable failure;

    private void of(StoreFiles.Work work) {
      try {
        work.run();
      } catch (IOException | RuntimeException | Error e) {
        failure = e;
      }
    }

    private void rethrow() throws IOException {
      if (failure instanceof IOException e) {
        throw e;
      } else if (failure instanceof RuntimeException e) {
        throw e;
      } else if (failure instanceof Error e) {
        throw e;
      }
    }
  }
}
