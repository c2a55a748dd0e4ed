package tech.tailor.secretmanager.testing.junit5;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Hears every record that gets to the root logger of {@code java.util.logging}. Its owner calls it
 * on one thread at a time.
 */
final class RootLogger {

  /** Held, since a logger that nobody holds may be collected with its handlers. */
  private final Logger root = Logger.getLogger("");

  private final Handler listener;

  RootLogger(LeakWatches watches) {
    this.listener = new Listener(watches);
  }

  /** Does nothing if it is listening. A reset of the logging configuration stops that. */
  void listen() {
    // Asking has them made, if they aren't yet, with the streams as they are.
    if (List.of(root.getHandlers()).contains(listener)) {
      return;
    }
    root.addHandler(listener);
  }

  void leave() {
    root.removeHandler(listener);
  }

  private static final class Listener extends Handler {

    private final SimpleFormatter formatter = new SimpleFormatter();
    private final LeakWatches watches;

    private Listener(LeakWatches watches) {
      this.watches = watches;
      setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord logged) {
      List<String> texts = new ArrayList<>();
      texts.add(formatter.format(logged)); // with the exception, and its causes
      texts.add(Objects.toString(logged.getMessage(), ""));
      String text = String.join("\n", texts);
      String logger = Objects.toString(logged.getLoggerName(), "(anonymous)");
      watches.tell(watch -> watch.logged(logger, logged.getLevel().getName(), text));
    }

    @Override
    public void flush() {
      // Nothing is kept.
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
