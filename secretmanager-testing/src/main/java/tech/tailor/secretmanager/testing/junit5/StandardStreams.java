package tech.tailor.secretmanager.testing.junit5;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.testing.junit5.LeakWatch.StandardStream;

/**
 * Takes down what is written to {@code System.out} and {@code System.err}, which get it all the
 * same. Its owner calls it on one thread at a time.
 */
final class StandardStreams {

  private final LeakWatches watches;
  private @Nullable Tee out;
  private @Nullable Tee err;

  StandardStreams(LeakWatches watches) {
    this.watches = watches;
  }

  void listen() {
    out = Tee.over(System.out, StandardStream.OUT, watches);
    System.setOut(out);
    err = Tee.over(System.err, StandardStream.ERR, watches);
    System.setErr(err);
  }

  /**
   * Puts the streams back, but for one that somebody else has set meanwhile. Who sets ours again
   * later has one that only passes on.
   */
  void leave() {
    if (out != null && System.out == out) {
      System.setOut(out.before);
    }
    if (err != null && System.err == err) {
      System.setErr(err.before);
    }
    out = null;
    err = null;
  }

  /** All that is printed gets to one of these two methods. */
  private static final class Tee extends PrintStream {

    private final PrintStream before;
    private final StandardStream stream;
    private final LeakWatches watches;

    private Tee(PrintStream before, StandardStream stream, LeakWatches watches) {
      super(before);
      this.before = before;
      this.stream = stream;
      this.watches = watches;
    }

    static Tee over(PrintStream before, StandardStream stream, LeakWatches watches) {
      return before instanceof Tee left && left.stream == stream
          ? left
          : new Tee(before, stream, watches);
    }

    @Override
    public void write(int b) {
      super.write(b);
      byte[] written = {(byte) b};
      watches.tell(watch -> watch.written(stream, written, 0, 1));
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      super.write(bytes, from, count);
      watches.tell(watch -> watch.written(stream, bytes, from, count));
    }
  }
}
