package tech.tailor.secretmanager.etcd;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.ChangeWatcher;

/**
 * Reads what was changed from the store's log. A watch of etcd only gives a reason to look at once;
 * without one, it is time to at every interval. Thread-safe.
 */
final class ChangeFeed implements ChangeWatcher.Feed<Head> {

  private final HeadReader heads;
  private final HeadWatch headWatch;
  private final EtcdSettings settings;

  /** Holds something while there is a reason to look. */
  private final BlockingQueue<Boolean> reasons = new ArrayBlockingQueue<>(1);

  ChangeFeed(HeadReader heads, Keys keys, EtcdSettings settings) {
    this.heads = heads;
    this.settings = settings;
    this.headWatch = new HeadWatch(settings.client(), keys.head(), () -> reasons.offer(true));
  }

  @Override
  public Head head() {
    return opened(null).head();
  }

  private HeadReader.Opened opened(@Nullable Head since) {
    try {
      return heads.require(Budget.of(settings.timeout()), since, List.of());
    } catch (Etcd.CompactedException e) {
      throw new SecretUnavailableException(
          "The " + settings.describe() + " was compacted while it was read; try again");
    }
  }

  @Override
  public void await() throws InterruptedException {
    headWatch.ensure();
    reasons.poll(settings.lookEvery().toNanos(), NANOSECONDS);
  }

  @Override
  public ChangeWatcher.Look<Head> look(Head seen) {
    HeadReader.Opened now = opened(seen);
    return new ChangeWatcher.Look<>(now.head(), changes(seen, now));
  }

  private @Nullable Set<SecretRef> changes(Head seen, HeadReader.Opened now) {
    if (now.head().epoch() != seen.epoch() || !now.head().storeId().equals(seen.storeId())) {
      return Set.of(); // a rewind was accepted
    }
    Optional<List<LogEntry>> logged = now.tail().after(now.head(), seen.log());
    if (logged.isEmpty()) {
      return Set.of(); // the log is not kept for so long
    }
    List<LogEntry> entries = logged.get();
    if (!settings.control().catchesUp() && !entries.isEmpty()) {
      entries = entries.subList(entries.size() - 1, entries.size());
    }
    Set<SecretRef> changed = entries.stream()
        .flatMap(entry -> entry.changes().stream())
        .filter(change -> change.kind() == LogEntry.Kind.VALUE)
        .map(change -> SecretRef.parse(change.what()))
        .collect(Collectors.toSet());
    return changed.isEmpty() ? null : changed;
  }

  @Override
  public void close() {
    headWatch.close();
    reasons.offer(true);
  }
}
