package tech.tailor.secretmanager.logging;

import java.util.Collections;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Puts a mask around the formatters of the handlers of {@code java.util.logging}. */
final class JulMasking {

  private JulMasking() {}

  static void install(SecretMask mask) {
    LogManager manager = LogManager.getLogManager();
    for (String name : Collections.list(manager.getLoggerNames())) {
      Logger logger = manager.getLogger(name);
      if (logger != null) { // it may have been collected
        for (Handler handler : logger.getHandlers()) {
          Formatter formatter = handler.getFormatter();
          if (formatter != null) {
            handler.setFormatter(MaskingFormatter.around(formatter, mask));
          }
        }
      }
    }
  }

  private static final class MaskingFormatter extends Formatter {

    private final Formatter formatter;
    private final SecretMask mask;

    MaskingFormatter(Formatter formatter, SecretMask mask) {
      this.formatter = formatter;
      this.mask = mask;
    }

    /** Returns the given one if it is masked already, and without masks that are closed. */
    static Formatter around(Formatter formatter, SecretMask mask) {
      if (formatter instanceof MaskingFormatter masking) {
        return masking.mask == mask
            ? masking
            : masking.mask.isClosed()
                ? around(masking.formatter, mask)
                : new MaskingFormatter(formatter, mask);
      }
      return new MaskingFormatter(formatter, mask);
    }

    @Override
    public String format(LogRecord record) {
      return MaskedText.mask(mask, formatter.format(record));
    }

    /** For handlers that take the message alone. */
    @Override
    public String formatMessage(LogRecord record) {
      return MaskedText.mask(mask, formatter.formatMessage(record));
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
