package tech.tailor.secretmanager.etcd;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The newest commit that this process has seen: what is read later must be as new, and its log must
 * lead back to that commit. A head is compared with the floor of <em>before</em> the request was
 * sent, since other threads may have raised it meanwhile. Thread-safe.
 */
final class Floor {

  private final String store;
  private final long logKept;
  private final AtomicReference<@Nullable Seen> seen = new AtomicReference<>();

  /** What the anchor remembered when the store was opened. */
  private volatile StoreAnchor.@Nullable Mark anchored;

  /**
   * Begins without a floor.
   *
   * @param logKept how many entries the log keeps
   */
  Floor(String store, long logKept) {
    this.store = store;
    this.logKept = logKept;
  }

  /**
   * A commit that was seen.
   *
   * @param log the digest of its log entry
   */
  record Seen(OpaqueBytes storeId, long epoch, long generation, String log) {

    static Seen of(Head head) {
      return new Seen(head.storeId(), head.epoch(), head.generation(), head.log());
    }

    boolean isOlderThan(Seen other) {
      return epoch != other.epoch ? epoch < other.epoch : generation < other.generation;
    }
  }

  /** The floor now; null if nothing was seen yet. To be taken before a request is sent. */
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
   * @param before the floor when the request was sent
   * @param head whose seal was verified
   * @param tail the log after the floor, as far as it is kept
   */
  void require(@Nullable Seen before, Head head, LogTail tail) {
    String trouble = anchorTrouble(head);
    if (trouble == null && before != null) {
      trouble = trouble(before, head, tail);
    }
    if (trouble != null) {
      throw new SecretStoreRewoundException(
          "The " + store + " was rewound: " + trouble + ". Bring the newer state back; if this"
              + " one is intended, such as after a restore, call acceptRewind(\"" + head.mark()
              + "\"). Until then nothing is read from it or written to it",
          head.mark());
    }
  }

  private @Nullable String anchorTrouble(Head head) {
    StoreAnchor.Mark mark = anchored;
    if (mark == null) {
      return null;
    }
    if (!mark.storeId().equals(head.storeId().toHex())) {
      return "it is another store than the one that its anchor remembers";
    }
    if (head.generation() < mark.generation()) {
      return "it is of generation " + head.generation() + ", and its anchor remembers generation "
          + mark.generation();
    }
    boolean isOther =
        head.generation() == mark.generation() && !head.digest().equals(mark.digest());
    return isOther ? "its anchor remembers another generation " + mark.generation() : null;
  }

  private @Nullable String trouble(Seen before, Head head, LogTail tail) {
    if (!before.storeId.equals(head.storeId())) {
      return "it is another store at the same prefix than the one that this process has seen";
    }
    if (Seen.of(head).isOlderThan(before)) {
      return "it is of generation " + head.generation() + ", and this process has seen generation "
          + before.generation;
    }
    boolean isLogged = head.generation() - before.generation < logKept;
    return head.epoch() == before.epoch
            && isLogged
            && tail.after(head, before.log).isEmpty()
        ? "its log does not lead back to the commit of generation " + before.generation
            + " that this process has seen"
        : null;
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
