package tech.tailor.secretmanager.logging;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a class of the library logs. */
final class JulRecords extends Handler implements AutoCloseable {

  private final Logger logger;
  private final List<String> messages = new CopyOnWriteArrayList<>();

  private JulRecords(Logger logger) {
    this.logger = logger;
  }

  static JulRecords of(Class<?> type) {
    JulRecords records = new JulRecords(Logger.getLogger(type.getName()));
    records.logger.addHandler(records);
    return records;
  }

  List<String> messages() {
    return messages;
  }

  @Override
  public void publish(LogRecord record) {
    messages.add(record.getMessage());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
