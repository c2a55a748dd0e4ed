package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds cached values by vault and name for the common read: without a lock, without making a key,
 * and mostly in the first place it looks at. It may fail to find what it holds, and hold not all it
 * could: who doesn't find a value asks elsewhere. What it finds may have been wiped a moment ago.
 * Thread-safe.
 */
final class QuickTable {

  /*
   * Open addressing: a value lies in its own slot or in one of the next few, and a read looks at
   * all of those, so nothing need be moved when one of them is emptied. With four slots for each
   * value there is nearly always room; names of one hash, of which there may be any number, find
   * some, and the rest stay outside.
   */

  private static final int FEWEST_SLOTS = 64;
  private static final int SLOTS_FOR_EACH = 4;
  private static final int LOOKS = 8;

  /** Scatters names that differ in their last character only: 2 to the 32nd by the golden ratio. */
  private static final int SCATTER = 0x9e3779b9;

  private final Predicate<CachedSecret> isHeld;
  private volatile AtomicReferenceArray<@Nullable CachedSecret> slots =
      new AtomicReferenceArray<>(FEWEST_SLOTS);
  private int entries;

  /**
   * Nothing yet.
   *
   * @param isHeld whether a value is still cached; it is asked with this table locked
   */
  QuickTable(Predicate<CachedSecret> isHeld) {
    this.isHeld = isHeld;
  }

  /** The value, or null, which says nothing. */
  @Nullable
  CachedSecret find(String vault, String name) {
    AtomicReferenceArray<@Nullable CachedSecret> now = slots;
    int own = ownSlot(vault, name, now);
    for (int look = 0; look < LOOKS; look++) {
      CachedSecret secret = now.getAcquire(slot(own, look, now));
      if (secret != null && secret.isNamed(vault, name)) {
        return secret;
      }
    }
    return null;
  }

  /** Lets a value be found, in place of another one of this name, if it is held. */
  synchronized void enter(CachedSecret secret) {
    if (!isHeld.test(secret)) {
      return;
    }
    if (entries >= slots.length() / SLOTS_FOR_EACH) {
      grow();
    }
    int at = slotOfName(secret.ref().vault(), secret.ref().name());
    if (at >= 0) {
      slots.setRelease(at, secret);
    } else {
      add(secret, slots);
    }
  }

  /** Lets it be found no more. */
  synchronized void leave(CachedSecret secret) {
    int at = slotOfName(secret.ref().vault(), secret.ref().name());
    if (at >= 0 && slots.get(at) == secret) {
      empty(at);
    }
  }

  /** Wipes the value of this name, and lets it be found no more, unless it is held. */
  synchronized void sweep(String vault, String name) {
    int at = slotOfName(vault, name);
    if (at >= 0) {
      sweep(at);
    }
  }

  /** The same of all. */
  synchronized void sweepAll() {
    for (int at = 0; at < slots.length(); at++) {
      sweep(at);
    }
  }

  /** How many values there is a place for, four times over, for tests. */
  int slots() {
    return slots.length();
  }

  private void sweep(int at) {
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
    int own = ownSlot(vault, name, slots);
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
    for (int at = 0; at < old.length(); at++) {
      CachedSecret secret = old.get(at);
      if (secret != null) {
        add(secret, larger);
      }
    }
    slots = larger;
  }

  private void add(CachedSecret secret, AtomicReferenceArray<@Nullable CachedSecret> to) {
    int own = ownSlot(secret.ref().vault(), secret.ref().name(), to);
    for (int look = 0; look < LOOKS; look++) {
      if (to.compareAndSet(slot(own, look, to), null, secret)) {
        entries++;
        return;
      }
    }
  }

  private static int ownSlot(String vault, String name, AtomicReferenceArray<?> slots) {
    int hash = (31 * vault.hashCode() + name.hashCode()) * SCATTER;
    return hash >>> Integer.numberOfLeadingZeros(slots.length() - 1);
  }

  private static int slot(int own, int look, AtomicReferenceArray<?> slots) {
    return (own + look) & (slots.length() - 1);
  }
}
