package tech.tailor.secretmanager.postgresql;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The newest commit that this process has seen: what is read later must be as new, and must have
 * that commit in its past. A head is compared with the floor of <em>before</em> the query was sent,
 * since others may have raised it meanwhile. Thread-safe.
 */
final class Floor {

  private final String store;
  private final AtomicReference<@Nullable Seen> seen = new AtomicReference<>();

  /** What the anchor remembered when the store was opened. */
  private volatile StoreAnchor.@Nullable Mark anchored;

  Floor(String store) {
    this.store = store;
  }

  /** A commit that was seen. */
  record Seen(OpaqueBytes storeId, long epoch, long generation, OpaqueBytes commitId) {

    static Seen of(Head head) {
      return new Seen(head.storeId(), head.epoch(), head.generation(), head.commitId());
    }

    boolean isOlderThan(Seen other) {
      return epoch != other.epoch ? epoch < other.epoch : generation < other.generation;
    }
  }

  /** The floor now; null if nothing was seen yet. To be taken before a query is sent. */
  @Nullable
  Seen seen() {
    return seen.get();
  }

  /** Starts from what an anchor remembers. */
  void anchor(StoreAnchor.Mark mark) {
    anchored = mark;
  }

  /** The generation that the next commit after an accepted rewind must exceed. */
  long highest() {
    Seen now = seen.get();
    StoreAnchor.Mark mark = anchored;
    return Math.max(now == null ? 0 : now.generation, mark == null ? 0 : mark.generation());
  }

  /**
   * Refuses a head that is older than the floor, or of another past.
   *
   * @param before the floor when the query was sent
   * @param head whose seal was verified
   * @param there the commit that now stands at the floor's generation; null if there is none
   */
  void require(@Nullable Seen before, Head head, @Nullable OpaqueBytes there) {
    String trouble = trouble(before, head, there);
    if (trouble != null) {
      throw new SecretStoreRewoundException(
          "The " + store + " was rewound: " + trouble + ". Bring the newer database back; if this"
              + " one is intended, such as after a failover or a restore, call acceptRewind(\""
              + head.mark() + "\"). Until then nothing is read from it or written to it",
          head.mark());
    }
  }

  /** Whether the head would be refused. */
  boolean isRewound(@Nullable Seen before, Head head, @Nullable OpaqueBytes there) {
    return trouble(before, head, there) != null;
  }

  private @Nullable String trouble(@Nullable Seen before, Head head, @Nullable OpaqueBytes there) {
    StoreAnchor.Mark mark = anchored;
    if (mark != null) {
      if (!mark.storeId().equals(head.storeId().toHex())) {
        return "it is another store than the one that its anchor remembers";
      }
      if (head.generation() < mark.generation()) {
        return "it is of generation " + head.generation() + ", and its anchor remembers generation "
            + mark.generation();
      }
      if (head.generation() == mark.generation() && !head.digest().equals(mark.digest())) {
        return "its anchor remembers another generation " + mark.generation();
      }
    }
    if (before == null) {
      return null;
    }
    if (!before.storeId.equals(head.storeId())) {
      return "it is another store of the same name than the one that this process has seen";
    }
    if (Seen.of(head).isOlderThan(before)) {
      return "it is of generation " + head.generation() + ", and this process has seen generation "
          + before.generation;
    }
    if (head.epoch() == before.epoch && (there == null || !before.commitId.equals(there))) {
      return "its generation " + before.generation
          + " is another commit than the one that this process has seen";
    }
    return null;
  }

  /** Raises the floor to a head that was not refused. */
  void raise(Head head) {
    Seen next = Seen.of(head);
    seen.accumulateAndGet(
        next, (now, given) -> now == null || given == null || now.isOlderThan(given) ? given : now);
  }

  /** Begins again from a head that an operator accepted. */
  void reset(Head head) {
    anchored = null;
    seen.set(Seen.of(head));
  }
}
