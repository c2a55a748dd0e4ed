package tech.tailor.secretmanager.etcd;

import java.util.List;
import java.util.Optional;

/**
 * The end of the log up to a head: entries that are a chain, the last of which the head names.
 * Immutable.
 *
 * @param entries by ascending generation
 */
record LogTail(List<LogEntry> entries) {

  /** Of the entries that were read, those that lead to the head without a gap. */
  static LogTail upTo(Head head, List<LogEntry> read) {
    String wanted = head.log();
    int from = read.size();
    while (from > 0 && read.get(from - 1).digest().equals(wanted)) {
      from--;
      wanted = read.get(from).previous();
    }
    return new LogTail(List.copyOf(read.subList(from, read.size())));
  }

  /**
   * The entries that came after a commit, whose log entry has this digest; empty if this tail does
   * not lead back to that commit.
   */
  Optional<List<LogEntry>> after(Head head, String digest) {
    if (head.log().equals(digest)) {
      return Optional.of(List.of());
    }
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (entries.get(i).previous().equals(digest)) {
        return Optional.of(entries.subList(i, entries.size()));
      }
    }
    return Optional.empty();
  }
}
