package tech.tailor.secretmanager.etcd;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/** Tells the anchor, if there is one, of commits, and asks it what it remembers. Thread-safe. */
final class AnchorCheck {

  private final @Nullable StoreAnchor anchor;
  private final String store;

  AnchorCheck(@Nullable StoreAnchor anchor, String store) {
    this.anchor = anchor;
    this.store = store;
  }

  /** What the anchor remembers. To be asked before the head is read. */
  Optional<StoreAnchor.Mark> remembered() {
    return anchor == null ? Optional.empty() : guarded(anchor::read);
  }

  /** Remembers a commit. */
  void advance(Head head) {
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
