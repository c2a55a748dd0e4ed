package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds cached values by vault and name for the common read: without a lock, and without making a
 * key. It may fail to find a value that it holds, and may hold fewer values than it could; a reader
 * that finds nothing looks in the cache itself. What it finds may have been wiped a moment ago.
 * Thread-safe.
 */
class QuickTable {

  /*
   * Open addressing: a value lies in its own slot or in one of the next few, and a read looks at
   * all of those, so emptying a slot moves nothing. With four slots for each value, a free slot is
   * at hand unless more than a few names have the same hash. The rest of those names stay outside.
   */

  private static final int FEWEST_SLOTS = 64;
  private static final int SLOTS_FOR_EACH = 4;
  private static final int LOOKS = 8;

  /** Scatters names that differ in their last character only: 2 to the 32nd by the golden ratio. */
  private static final int NAME_FACTOR = 0x9e3779b9;

  /** Has nothing to do with the other, else pairs of names that are alike would have one hash. */
  private static final int VAULT_FACTOR = 0xc10eda53;

  private volatile AtomicReferenceArray<@Nullable CachedSecret> slots =
      new AtomicReferenceArray<>(FEWEST_SLOTS);
  private int entries;

  /** The value, or null, which says nothing. */
  @Nullable
  CachedSecret find(String vault, String name) {
    AtomicReferenceArray<@Nullable CachedSecret> now = slots;
    int own = ownSlot(vault, name, now.length());
    for (int look = 0; look < LOOKS; look++) {
      CachedSecret secret = now.getAcquire(slot(own, look, now));
      if (secret != null && secret.isNamed(vault, name)) {
        return secret;
      }
    }
    return null;
  }

  /**
   * Lets a value be found if it is held, in place of another one of this name, which is wiped.
   *
   * @param isHeld whether a value is still cached; it is asked with this table locked
   */
  void enter(CachedSecret secret, Predicate<CachedSecret> isHeld) {
    if (find(secret.ref().vault(), secret.ref().name()) != secret) {
      enterAnew(secret, isHeld);
    }
  }

  private synchronized void enterAnew(CachedSecret secret, Predicate<CachedSecret> isHeld) {
    if (!isHeld.test(secret)) {
      return;
    }
    int at = slotOfName(secret.ref().vault(), secret.ref().name());
    if (at >= 0) {
      CachedSecret other = slots.getAndSet(at, secret);
      if (other != null && other != secret) {
        other.wipe(); // it is held no more, and nobody will find it here to wipe it
      }
      return;
    }
    if (entries >= slots.length() / SLOTS_FOR_EACH) {
      grow();
    }
    add(secret, slots);
  }

  /** Lets it be found no more. */
  synchronized void leave(CachedSecret secret) {
    int at = slotOfName(secret.ref().vault(), secret.ref().name());
    if (at >= 0 && slots.get(at) == secret) {
      empty(at);
    }
  }

  /** Wipes the value of this name, and lets it be found no more, unless it is held. */
  synchronized void sweep(String vault, String name, Predicate<CachedSecret> isHeld) {
    int at = slotOfName(vault, name);
    if (at >= 0) {
      sweep(at, isHeld);
    }
  }

  /** Wipes every value that is not held, and lets it be found no more. */
  synchronized void sweepAll(Predicate<CachedSecret> isHeld) {
    for (int at = 0; at < slots.length(); at++) {
      sweep(at, isHeld);
    }
  }

  /** Four times as many as there may be values before it grows, for tests. */
  int slots() {
    return slots.length();
  }

  private void sweep(int at, Predicate<CachedSecret> isHeld) {
    CachedSecret secret = slots.get(at);
    if (secret != null && !isHeld.test(secret)) {
      secret.wipe();
      empty(at);
    }
  }

  private void empty(int at) {
    slots.setRelease(at, null);
    entries--;
  }

  /** Where a value of this name lies, or a negative number. */
  private int slotOfName(String vault, String name) {
    int own = ownSlot(vault, name, slots.length());
    for (int look = 0; look < LOOKS; look++) {
      int at = slot(own, look, slots);
      CachedSecret secret = slots.get(at);
      if (secret != null && secret.isNamed(vault, name)) {
        return at;
      }
    }
    return -1;
  }

  /** Readers go on with the old slots, complete as they are, until the new ones are full. */
  private void grow() {
    AtomicReferenceArray<@Nullable CachedSecret> old = slots;
    AtomicReferenceArray<@Nullable CachedSecret> larger =
        new AtomicReferenceArray<>(2 * old.length());
    entries = 0;
    int begin = 0;
    while (old.get(begin) != null) {
      begin++; // what lies behind an empty slot was not pushed on from before it
    }
    for (int step = 0; step < old.length(); step++) {
      CachedSecret secret = old.get(slot(begin, step, old));
      if (secret != null) {
        add(secret, larger);
      }
    }
    slots = larger;
  }

  private void add(CachedSecret secret, AtomicReferenceArray<@Nullable CachedSecret> to) {
    int own = ownSlot(secret.ref().vault(), secret.ref().name(), to.length());
    for (int look = 0; look < LOOKS; look++) {
      int at = slot(own, look, to);
      if (to.get(at) == null) {
        to.setRelease(at, secret);
        entries++;
        return;
      }
    }
  }

  /** Returns the preferred slot of a name in a table of {@code slots} slots. */
  static int ownSlot(String vault, String name, int slots) {
    int hash = vault.hashCode() * VAULT_FACTOR + name.hashCode() * NAME_FACTOR;
    return hash >>> Integer.numberOfLeadingZeros(slots - 1);
  }

  private static int slot(int own, int look, AtomicReferenceArray<?> slots) {
    return (own + look) & (slots.length() - 1);
  }
}
