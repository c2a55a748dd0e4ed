package tech.tailor.secretmanager.logging;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.MemoryHandler;

/** Puts a mask around the formatters of the handlers of {@code java.util.logging}. */
final class JulMasking {

  private JulMasking() {}

  static void install(SecretMask mask) {
    Set<String> unmasked = new TreeSet<>();
    LogManager manager = LogManager.getLogManager();
    for (String name : Collections.list(manager.getLoggerNames())) {
      Logger logger = manager.getLogger(name);
      if (logger != null) { // it may have been collected
        for (Handler handler : logger.getHandlers()) {
          if (!isMasked(handler, mask)) {
            unmasked.add(handler.getClass().getName());
          }
        }
      }
    }
    Unmasked.warn(unmasked);
  }

  /** Returns false if the handler writes what no formatter of its own makes, such as a buffer's. */
  private static boolean isMasked(Handler handler, SecretMask mask) {
    Formatter formatter = handler.getFormatter();
    if (formatter == null || handler instanceof MemoryHandler) {
      return false;
    }
    if (formatter instanceof MaskingFormatter masking) {
      masking.masks.add(mask);
    } else {
      handler.setFormatter(new MaskingFormatter(formatter, new Masks(mask)));
    }
    return true;
  }

  private static final class MaskingFormatter extends Formatter {

    private final Formatter formatter;
    private final Masks masks;

    MaskingFormatter(Formatter formatter, Masks masks) {
      this.formatter = formatter;
      this.masks = masks;
    }

    @Override
    public String format(LogRecord record) {
      return masks.mask(formatter.format(record));
    }

    /** For handlers that take the message alone. */
    @Override
    public String formatMessage(LogRecord record) {
      return masks.mask(formatter.formatMessage(record));
    }

    @Override
    public String getHead(Handler handler) {
      return formatter.getHead(handler);
    }

    @Override
    public String getTail(Handler handler) {
      return formatter.getTail(handler);
    }
  }
}
