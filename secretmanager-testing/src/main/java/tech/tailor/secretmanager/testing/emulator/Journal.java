package tech.tailor.secretmanager.testing.emulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last requests, oldest first. */
final class Journal {

  static final int MAX_RECORDS = 10_000;

  private final Deque<RequestRecord> records = new ArrayDeque<>();

  synchronized void add(RequestRecord entry) {
    if (records.size() == MAX_RECORDS) {
      records.removeFirst();
    }
    records.addLast(entry);
  }

  synchronized List<RequestRecord> records() {
    return List.copyOf(records);
  }

  synchronized void clear() {
    records.clear();
  }
}
