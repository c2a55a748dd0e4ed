package tech.tailor.secretmanager.envelope.shared;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Refuses a store that was rewound: one that is older than the newest commit that this process has
 * seen, or does not have that commit in its past, or is older than its anchor remembers. A head is
 * compared with what was seen <em>before</em> the request was sent, since other threads may have
 * seen newer ones meanwhile. Thread-safe.
 *
 * @param <H> the head of the store
 */
public final class RewindGuard<H extends RewindGuard.Commit> {

  private static final Pattern MARK = Pattern.compile("[1-9][0-9]{0,18}-[0-9a-f]{32}");

  private final @Nullable StoreAnchor anchor;
  private final String store;
  private final AtomicReference<@Nullable H> seen = new AtomicReference<>();

  /** What the anchor remembered when the store was opened, until a rewind is accepted. */
  private volatile StoreAnchor.@Nullable Mark anchored;

  /**
   * Begins without a commit that was seen.
   *
   * @param anchor null if there is none
   * @param store names the store in messages
   */
  public RewindGuard(@Nullable StoreAnchor anchor, String store) {
    this.anchor = anchor;
    this.store = store;
  }

  /** A commit, as the head that it left says it. */
  public interface Commit {

    /** Drawn when the store was created. */
    OpaqueBytes storeId();

    /** Counts the rewinds that were accepted. */
    long epoch();

    /** Counts the commits. */
    long generation();

    /** What an anchor remembers of it. */
    String digest();

    /** Names it for operators. */
    String mark();
  }

  /**
   * Checks the form of a mark, such as an operator gives it.
   *
   * @throws IllegalArgumentException if it is no mark
   */
  public static void requireMark(String mark) {
    if (!MARK.matcher(requireNonNull(mark, "mark")).matches()) {
      throw new IllegalArgumentException("A mark is a generation, a hyphen and 32 hex digits, as"
          + " the refusal of a rewound store shows it");
    }
  }

  /** Refuses to accept a rewind to another commit than the one of the mark. */
  public void requireAt(String mark, H head) {
    if (!head.mark().equals(mark)) {
      throw new SecretConflictException("The " + store + " is at " + head.mark()
          + ", not at the mark that was to be accepted; nothing was changed. Look again");
    }
  }

  /** Asks the anchor what it remembers. To be called before the head is read. */
  public Optional<StoreAnchor.Mark> remembered() {
    return anchor == null ? Optional.empty() : guarded(anchor::read);
  }

  /** Starts from what the anchor remembers. */
  public void startFrom(StoreAnchor.Mark mark) {
    anchored = mark;
  }

  /** The newest commit so far; null if there is none. To be taken before a request is sent. */
  public @Nullable H seen() {
    return seen.get();
  }

  /** The generation for a commit that accepts a rewind to this head: one that nobody has seen. */
  public long generationAfter(H head) {
    H newest = seen.get();
    StoreAnchor.Mark started = anchored;
    long highest = Math.max(head.generation(), newest == null ? 0 : newest.generation());
    highest = Math.max(highest, started == null ? 0 : started.generation());
    return Math.max(highest, remembered().map(StoreAnchor.Mark::generation).orElse(0L)) + 1;
  }

  /**
   * Refuses a head that is of a store that was rewound, and otherwise remembers it.
   *
   * @param before what was seen when the request was sent
   * @param head whose seal was verified
   * @param isInPast whether the store has a commit of this epoch, that is not newer, in its past
   */
  public void require(@Nullable H before, H head, Predicate<? super H> isInPast) {
    String trouble = anchorTrouble(head);
    if (trouble == null && before != null) {
      trouble = trouble(before, head, isInPast);
    }
    if (trouble != null) {
      throw new SecretStoreRewoundException(
          "The " + store + " was rewound: " + trouble + ". Bring the newer state back; if this one"
              + " is intended, such as after a failover or a restore, call acceptRewind(\""
              + head.mark() + "\"). Until then nothing is read from it or written to it",
          head.mark());
    }
    seen.accumulateAndGet(
        head, (now, given) -> now == null || given == null || isOlder(now, given) ? given : now);
  }

  private @Nullable String anchorTrouble(H head) {
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

  private @Nullable String trouble(H before, H head, Predicate<? super H> isInPast) {
    if (!before.storeId().equals(head.storeId())) {
      return "it is another store in the place of the one that this process has seen";
    }
    if (isOlder(head, before)) {
      return "it is of generation " + head.generation() + ", and this process has seen generation "
          + before.generation();
    }
    return head.epoch() == before.epoch() && !isInPast.test(before)
        ? "the commit of generation " + before.generation()
            + " that this process has seen is not in its past"
        : null;
  }

  private static boolean isOlder(Commit one, Commit other) {
    return one.epoch() == other.epoch()
        ? one.generation() < other.generation()
        : one.epoch() < other.epoch();
  }

  /** Remembers a commit that this process made. */
  public void committed(H head) {
    seen.accumulateAndGet(
        head, (now, given) -> now == null || given == null || isOlder(now, given) ? given : now);
    advance(head);
  }

  /** Remembers a commit that accepts a rewind, and forgets what was before. */
  public void accepted(H head) {
    anchored = null;
    seen.set(head);
    advance(head);
  }

  private void advance(H head) {
    StoreAnchor told = anchor;
    if (told == null) {
      return;
    }
    StoreAnchor.Mark mark =
        StoreAnchor.Mark.of(head.storeId().toHex(), head.generation(), head.digest());
    try {
      guarded(() -> {
        told.advance(mark);
        return true;
      });
    } catch (SecretManagerException e) {
      throw new SecretOutcomeUnknownException(
          "The change of the " + store + " took effect, but its anchor could not be told; until the"
              + " next change a store that is rewound by this one is not noticed. Don't repeat the"
              + " change; see to the anchor",
          e);
    }
  }

  /** An anchor may be anybody's: what it throws beside what it should goes no further. */
  private <T> T guarded(Supplier<T> call) {
    try {
      return call.get();
    } catch (SecretManagerException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SecretStorageException(
          "The anchor of the " + store + " failed with a " + e.getClass().getName());
    }
  }
}
