package tech.tailor.secretmanager.logging;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractOutputStreamAppender;
import org.apache.logging.log4j.core.config.AppenderRef;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.jspecify.annotations.Nullable;

/** Puts masked appenders in the places of Log4j2's, whose layouts can't be replaced. */
final class Log4jMasking {

  private Log4jMasking() {}

  static void install(SecretMask mask) {
    if (!(LogManager.getContext(false) instanceof LoggerContext context)) {
      throw new IllegalStateException("Log4j's API is bound to "
          + LogManager.getContext(false).getClass().getName() + ", and not to Log4j Core;"
          + " there is nothing to mask");
    }
    Configuration configuration = context.getConfiguration();
    // The root is not among the others in the default configuration.
    Set<LoggerConfig> loggers = new LinkedHashSet<>(configuration.getLoggers().values());
    loggers.add(configuration.getRootLogger());
    Set<String> unmasked = new TreeSet<>();
    for (LoggerConfig logger : loggers) {
      for (Appender appender : List.copyOf(logger.getAppenders().values())) {
        if (appender instanceof MaskedAppender masked) {
          masked.add(mask);
        } else if (appender instanceof AbstractOutputStreamAppender<?> stream) {
          replace(logger, appender, new MaskedAppender(stream, mask));
        } else {
          unmasked.add(appender.getName() + " (" + appender.getClass().getName() + ")");
        }
      }
    }
    context.updateLoggers();
    Unmasked.warn(unmasked);
  }

  /**
   * The new one comes before the old one goes: a line that another thread logs meanwhile may be
   * written twice, but isn't lost.
   */
  private static void replace(LoggerConfig logger, Appender appender, MaskedAppender masked) {
    String name = appender.getName();
    AppenderRef ref = logger.getAppenderRefs().stream()
        .filter(each -> each.getRef().equals(name))
        .findFirst()
        .orElse(null);
    Level level = ref == null ? null : ref.getLevel();
    Filter filter = ref == null ? null : ref.getFilter();
    masked.start();
    add(logger, masked, level, filter);
    logger.removeAppender(name);
    if (filter != null) {
      filter.start(); // it was stopped with the reference that is gone
    }
  }

  /** Both may be null, which Log4j doesn't declare. */
  @SuppressWarnings("NullAway")
  private static void add(
      LoggerConfig logger,
      MaskedAppender appender,
      @Nullable Level level,
      @Nullable Filter filter) {
    logger.addAppender(appender, level, filter);
  }
}
