package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the newest generation of an encrypted store in another place than the store: in a file
 * on another disk ({@link FileAnchor}), in a row of a database, in a tag. With it a store notices,
 * also when it is opened, that the whole store was rolled back, that is, replaced by an older copy.
 *
 * <p>It can't notice that a store and its anchor were rolled back together. So keep the anchor in a
 * place that is not restored together with the store.
 *
 * <p>An anchor belongs to one store. The store asks it whenever it reads its file again, and tells
 * it after each commit, under the store's lock; a slow anchor makes every change slow. An
 * implementation is thread-safe and returns or throws within a bounded time. If it fails, it throws
 * {@link tech.tailor.secretmanager.SecretStorageException} or
 * {@link tech.tailor.secretmanager.SecretUnavailableException}, and then reading the store fails,
 * too.
 */
public interface StoreAnchor {

  /** What was remembered last; empty if nothing ever was. */
  Optional<Mark> read();

  /** Remembers this from now on; durably, when this returns. */
  void advance(Mark mark);

  /** One generation of one store. Nothing in here is secret. */
  final class Mark {

    private final String storeId;
    private final long generation;
    private final String digest;

    private Mark(String storeId, long generation, String digest) {
      if (!requireNonNull(storeId, "storeId").matches("[0-9a-f]{32}")
          || !requireNonNull(digest, "digest").matches("[0-9a-f]{64}")
          || generation < 1) {
        throw new IllegalArgumentException("A mark has a store id of 32 hex digits in lower case,"
            + " a generation from 1, and a digest of 64 hex digits in lower case");
      }
      this.storeId = storeId;
      this.generation = generation;
      this.digest = digest;
    }

    /**
     * A generation of a store.
     *
     * @throws IllegalArgumentException if they are not of that form
     */
    public static Mark of(String storeId, long generation, String digest) {
      return new Mark(storeId, generation, digest);
    }

    /** Which store: 32 hex digits. */
    public String storeId() {
      return storeId;
    }

    /** Counts the commits of the store, from 1. */
    public long generation() {
      return generation;
    }

    /** Of the generation's file: SHA-256, 64 hex digits. */
    public String digest() {
      return digest;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Mark that
          && storeId.equals(that.storeId)
          && generation == that.generation
          && digest.equals(that.digest);
    }

    @Override
    public int hashCode() {
      return Objects.hash(storeId, generation, digest);
    }

    /** Returns all of it: nothing in here is secret. */
    @Override
    public String toString() {
      return "Mark[storeId=" + storeId + ", generation=" + generation + ", digest=" + digest + "]";
    }
  }
}
