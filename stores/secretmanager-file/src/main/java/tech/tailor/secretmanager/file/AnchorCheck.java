package tech.tailor.secretmanager.file;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/** Holds a store's file against what the anchor remembers, if there is one. Thread-safe. */
final class AnchorCheck {

  private final Path file;
  private final @Nullable StoreAnchor anchor;

  AnchorCheck(Path file, @Nullable StoreAnchor anchor) {
    this.file = file;
    this.anchor = anchor;
  }

  /**
   * What the anchor remembers. To be asked before the file is read: what is read afterwards is as
   * new as that, or newer, whatever others write meanwhile.
   */
  Optional<StoreAnchor.Mark> remembered() {
    return anchor == null ? Optional.empty() : guarded(anchor::read);
  }

  /** Refuses a file that is older than what was remembered before it was read. */
  void require(Optional<StoreAnchor.Mark> remembered, StoredDocument found, byte[] bytes) {
    if (remembered.isEmpty()) {
      return;
    }
    StoreAnchor.Mark mark = remembered.get();
    if (!mark.storeId().equals(found.storeId().toHex())) {
      throw new SecretIntegrityException("The store " + quote(file)
          + " is another store than the one that its anchor remembers; put the right one back, or"
          + " use the anchor that belongs to it");
    }
    if (found.generation() < mark.generation()) {
      throw new SecretIntegrityException("The store " + quote(file) + " was rolled back: it is of"
          + " generation " + found.generation() + ", and its anchor remembers generation "
          + mark.generation() + ". Put the newer file back; if the old one is intended, make a new"
          + " anchor");
    }
    if (found.generation() == mark.generation() && !digest(bytes).equals(mark.digest())) {
      throw new SecretIntegrityException("The store " + quote(file) + " was forked: its anchor"
          + " remembers a different generation " + mark.generation()
          + ". Find out who wrote it without its lock, and decide which one counts");
    }
  }

  /** Refuses to make a new store in the place of one that is remembered. */
  void requireNothingRemembered() {
    remembered().ifPresent(mark -> {
      throw new SecretIntegrityException("The store " + quote(file)
          + " is gone: its anchor remembers"
          + " generation " + mark.generation() + " of a store that was there. Put it back; if a new"
          + " one is intended, make a new anchor");
    });
  }

  /** Remembers what was written. */
  void advance(StoredDocument written, byte[] bytes) {
    if (anchor == null) {
      return;
    }
    StoreAnchor.Mark mark =
        StoreAnchor.Mark.of(written.storeId().toHex(), written.generation(), digest(bytes));
    try {
      guarded(() -> {
        anchor.advance(mark);
        return true;
      });
    } catch (SecretManagerException e) {
      throw new SecretOutcomeUnknownException(
          "The change of " + quote(file)
              + " took effect, but its anchor could not be told; until the"
              + " next change a store that is rolled back by this one is not noticed. Don't repeat"
              + " the change; see to the anchor",
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
      throw new SecretStorageException("The anchor of the store " + quote(file) + " failed with a "
          + e.getClass().getName());
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }
}
