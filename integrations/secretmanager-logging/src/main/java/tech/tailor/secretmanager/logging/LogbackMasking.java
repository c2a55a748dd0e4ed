package tech.tailor.secretmanager.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.AppenderAttachable;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Puts a mask around the encoders of Logback's appenders. */
final class LogbackMasking {

  private LogbackMasking() {}

  static void install(SecretMask mask) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (!(factory instanceof LoggerContext context)) {
      throw new IllegalStateException("SLF4J is not bound to Logback, but to "
          + factory.getClass().getName() + "; there is nothing to mask");
    }
    Set<String> unmasked = new TreeSet<>();
    Set<Appender<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Logger logger : context.getLoggerList()) {
      installAt(logger, mask, seen, unmasked);
    }
    Unmasked.warn(unmasked);
  }

  private static <E> void installAt(
      AppenderAttachable<E> parent, SecretMask mask, Set<Appender<?>> seen, Set<String> unmasked) {
    Iterator<Appender<E>> appenders = parent.iteratorForAppenders();
    while (appenders.hasNext()) {
      Appender<E> appender = appenders.next();
      if (!seen.add(appender)) {
        continue;
      }
      if (appender instanceof OutputStreamAppender<E> stream && stream.getEncoder() != null) {
        stream.setEncoder(MaskingEncoder.around(stream.getEncoder(), mask));
      } else if (appender instanceof AppenderAttachable<?> several) {
        installAt(several, mask, seen, unmasked);
      } else {
        unmasked.add(appender.getName() + " (" + appender.getClass().getName() + ")");
      }
    }
  }
}
