package tech.tailor.secretmanager.logging;

import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** An appender of Log4j2's that has no output stream. */
final class NamedAppender extends AbstractAppender {

  NamedAppender() {
    super("named", null, null, true, Property.EMPTY_ARRAY);
  }

  @Override
  public void append(LogEvent event) {}
}
