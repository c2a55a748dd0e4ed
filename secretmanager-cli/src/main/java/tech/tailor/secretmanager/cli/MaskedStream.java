package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.spi.SecretMasker;

/** Copies a child's output through a {@link SecretMasker}, on a thread of its own. */
final class MaskedStream {

  private static final int CHUNK_BYTES = 8192;

  private final Thread thread;

  /**
   * Begins to copy.
   *
   * @param from is closed at its end, or when nobody reads any more, so that the child is told by a
   *     broken pipe
   * @param to stays open
   */
  MaskedStream(InputStream from, OutputStream to, SecretMasker masker) {
    this.thread = SecretSupport.newDaemonThread("secretmanager-mask", () -> copy(from, to, masker));
    thread.start();
  }

  /** Waits for the end of the output. */
  void join() throws InterruptedException {
    thread.join();
  }

  private static void copy(InputStream from, OutputStream to, SecretMasker masker) {
    try (from) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int length = from.read(chunk); length >= 0; length = from.read(chunk)) {
        show(to, masker.next(chunk, length));
      }
      show(to, masker.end());
    } catch (IOException e) {
      // The reader is gone, or the child's pipe was closed under us: there is nothing left to show.
    }
  }

  private static void show(OutputStream to, byte[] bytes) throws IOException {
    to.write(bytes);
    to.flush();
    if (to instanceof PrintStream print && print.checkError()) {
      throw new IOException("broken pipe");
    }
  }
}
