package tech.tailor.secretmanager.logging;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A search for many byte strings at once that holds none of them. A text is looked through with a
 * window of six bytes. A keyed hash of the window says, by one bit, whether a string may begin
 * there; only then a keyed hash of the whole string is computed and compared. Thread-safe:
 * additions and removals exclude each other, and a search sees each of them or not.
 */
final class Fingerprints {

  /** Bytes of the window, and so of the shortest string. */
  static final int WINDOW = 6;

  private static final long WINDOW_MASK = (1L << (8 * WINDOW)) - 1;
  private static final int FILTER_BITS = 18;
  private static final String ALGORITHM = "HmacSHA256";

  private final long multiplier;
  private final SecretKeySpec key;
  private final AtomicLongArray filter = new AtomicLongArray((1 << FILTER_BITS) / Long.SIZE);

  /** By the hash of the first window. A list is replaced, never changed. */
  private final Map<Integer, List<Print>> byWindow = new ConcurrentHashMap<>();

  /** How often each string was added: two values may have one in common. */
  private final Map<Print, Integer> additions = new HashMap<>();

  Fingerprints() {
    SecureRandom random = new SecureRandom();
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    this.key = new SecretKeySpec(bytes, ALGORITHM);
    this.multiplier = random.nextLong() | 1;
  }

  /** What is kept of a string. */
  static final class Print {

    private final int window;
    private final int length;
    private final byte[] hash;

    private Print(int window, int length, byte[] hash) {
      this.window = window;
      this.length = length;
      this.hash = hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Print same
          && length == same.length
          && window == same.window
          && Arrays.equals(hash, same.hash);
    }

    @Override
    public int hashCode() {
      return Objects.hash(window, length, Arrays.hashCode(hash));
    }
  }

  /** Returns what is kept of a string of at least {@link #WINDOW} bytes. */
  Print of(byte[] text) {
    long window = 0;
    for (int at = 0; at < WINDOW; at++) {
      window = window << 8 | (text[at] & 0xff);
    }
    return new Print(windowHash(window), text.length, hash(text, 0, text.length));
  }

  synchronized void add(Collection<Print> prints) {
    for (Print print : prints) {
      if (additions.merge(print, 1, Integer::sum) == 1) {
        byWindow.merge(print.window, List.of(print), Fingerprints::joined);
        setBit(print.window);
      }
    }
  }

  synchronized void remove(Collection<Print> prints) {
    for (Print print : prints) {
      if (additions.merge(print, -1, Integer::sum) == 0) {
        additions.remove(print);
        byWindow.computeIfPresent(print.window, (window, list) -> without(list, print));
      }
    }
    Set<Integer> bits = new HashSet<>();
    prints.forEach(print -> bits.add(bit(print.window)));
    byWindow.keySet().forEach(window -> bits.remove(bit(window))); // needed by others
    bits.forEach(bit -> filter.getAndUpdate(bit / Long.SIZE, word -> word & ~(1L << bit)));
  }

  private static List<Print> joined(List<Print> list, List<Print> more) {
    List<Print> all = new ArrayList<>(list);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static @Nullable List<Print> without(List<Print> list, Print print) {
    List<Print> rest = list.stream().filter(each -> !each.equals(print)).toList();
    return rest.isEmpty() ? null : rest;
  }

  /** Returns copies of the strings that are in a text, which are the caller's to wipe. */
  List<byte[]> in(byte[] text) {
    List<byte[]> found = List.of();
    if (byWindow.isEmpty()) {
      return found;
    }
    long window = 0;
    for (int end = 1; end <= text.length; end++) {
      window = (window << 8 | (text[end - 1] & 0xff)) & WINDOW_MASK;
      if (end >= WINDOW) {
        int hash = windowHash(window);
        if (isBitSet(hash)) {
          found = confirmed(text, end - WINDOW, byWindow.getOrDefault(hash, List.of()), found);
        }
      }
    }
    return found;
  }

  private List<byte[]> confirmed(
      byte[] text, int start, List<Print> candidates, List<byte[]> found) {
    List<byte[]> all = found;
    Map<Integer, byte[]> hashes = new HashMap<>(); // one for each length
    for (Print candidate : candidates) {
      int end = start + candidate.length;
      if (end <= text.length
          && Arrays.equals(
              candidate.hash,
              hashes.computeIfAbsent(candidate.length, length -> hash(text, start, length)))) {
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.add(Arrays.copyOfRange(text, start, end));
      }
    }
    return all;
  }

  private int windowHash(long window) {
    long product = window * multiplier;
    return (int) (((product ^ (product >>> 32)) * multiplier) >>> 32);
  }

  private static int bit(int windowHash) {
    return windowHash >>> (Integer.SIZE - FILTER_BITS);
  }

  private boolean isBitSet(int windowHash) {
    int bit = bit(windowHash);
    return (filter.get(bit / Long.SIZE) & 1L << bit) != 0;
  }

  private void setBit(int windowHash) {
    int bit = bit(windowHash);
    filter.getAndUpdate(bit / Long.SIZE, word -> word | 1L << bit);
  }

  private byte[] hash(byte[] text, int start, int length) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(text, start, length);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has " + ALGORITHM, e);
    }
  }
}
