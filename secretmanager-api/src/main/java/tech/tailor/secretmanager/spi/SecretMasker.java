package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;

/**
 * Hides secrets in a stream of bytes, such as the output of a program or a line of a log, wherever
 * the stream is cut into chunks. Every byte that is part of any occurrence of a secret is hidden,
 * also where occurrences overlap; a run of hidden bytes becomes one mark, {@code ***}.
 *
 * <p>It holds back only what may be the beginning of a secret, so that a prompt without a line end
 * appears at once. The search is that of Aho and Corasick: one step for each byte, whatever the
 * number of secrets.
 *
 * <p>It keeps the secrets on the heap, in clear, until {@link #end()}. Not thread-safe.
 */
public final class SecretMasker {

  /** Stands for hidden bytes. */
  static final byte[] MARK = {'*', '*', '*'};

  private static final int ROOT = 0;
  private static final int NONE = -1;
  private static final byte[] EMPTY = {};

  // A trie of the secrets, as arrays by node; a node's children are a linked list. What holds
  // plaintext is transient: a library that prints objects by their fields leaves it out.
  private final transient byte[] label;
  private final int[] firstChild;
  private final int[] nextSibling;
  private final int[] fallback;
  private final int[] depth;

  /** The length of the longest secret that ends at a node; 0 if none does. */
  private final int[] found;

  private int nodes = 1;
  private int state = ROOT;

  private transient byte[] held = EMPTY;
  private boolean[] heldIsHidden = {};
  private boolean lastWasHidden;

  /**
   * Begins a stream in which the given secrets are hidden.
   *
   * @param secrets copied, and so the caller's to wipe; empty ones are ignored
   */
  public SecretMasker(List<byte[]> secrets) {
    for (byte[] secret : requireNonNull(secrets, "secrets")) {
      requireNonNull(secret, "a secret");
    }
    int size = 1 + secrets.stream().mapToInt(secret -> secret.length).sum();
    label = new byte[size];
    firstChild = filled(size);
    nextSibling = filled(size);
    fallback = new int[size];
    depth = new int[size];
    found = new int[size];
    secrets.forEach(this::add);
    linkFallbacks();
  }

  /** Returns the same text whatever it holds. */
  @Override
  public String toString() {
    return "SecretMasker[redacted]";
  }

  private static int[] filled(int size) {
    int[] array = new int[size];
    Arrays.fill(array, NONE);
    return array;
  }

  private void add(byte[] secret) {
    int node = ROOT;
    for (byte next : secret) {
      int child = child(node, next);
      if (child == NONE) {
        child = nodes++;
        label[child] = next;
        depth[child] = depth[node] + 1;
        nextSibling[child] = firstChild[node];
        firstChild[node] = child;
      }
      node = child;
    }
    found[node] = secret.length;
  }

  private int child(int node, byte next) {
    int child = firstChild[node];
    while (child != NONE && label[child] != next) {
      child = nextSibling[child];
    }
    return child;
  }

  /** In order of depth, since a fallback is always less deep. */
  private void linkFallbacks() {
    int[] queue = new int[nodes];
    int end = 1;
    for (int at = 0; at < end; at++) {
      int node = queue[at];
      for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
        fallback[child] = node == ROOT ? ROOT : step(fallback[node], label[child]);
        found[child] = Math.max(found[child], found[fallback[child]]);
        queue[end++] = child;
      }
    }
  }

  private int step(int from, byte next) {
    int node = from;
    int child = child(node, next);
    while (child == NONE && node != ROOT) {
      node = fallback[node];
      child = child(node, next);
    }
    return child == NONE ? ROOT : child;
  }

  /**
   * Takes a chunk, and returns what can be shown by now.
   *
   * @param chunk is not changed
   * @param length how many of its bytes count, from its beginning
   * @throws IllegalArgumentException if the chunk has fewer bytes, or the length is negative
   */
  public byte[] next(byte[] chunk, int length) {
    if (length < 0 || length > requireNonNull(chunk, "chunk").length) {
      throw new IllegalArgumentException("A length must be from 0 to the size of the chunk");
    }
    int start = held.length;
    byte[] bytes = Arrays.copyOf(held, start + length);
    System.arraycopy(chunk, 0, bytes, start, length);
    boolean[] hidden = Arrays.copyOf(heldIsHidden, bytes.length);
    for (int at = start; at < bytes.length; at++) {
      state = step(state, bytes[at]);
      Arrays.fill(hidden, at + 1 - found[state], at + 1, true);
    }
    // A secret that is yet to be found begins no earlier than what the state has matched.
    int decided = bytes.length - depth[state];
    byte[] shown = shown(bytes, hidden, decided);
    wipe();
    held = Arrays.copyOfRange(bytes, decided, bytes.length);
    heldIsHidden = Arrays.copyOfRange(hidden, decided, bytes.length);
    Arrays.fill(bytes, (byte) 0);
    return shown;
  }

  /** Ends the stream: returns what was held back, and forgets it and the secrets. */
  public byte[] end() {
    byte[] shown = shown(held, heldIsHidden, held.length);
    wipe();
    Arrays.fill(label, (byte) 0);
    held = EMPTY;
    return shown;
  }

  private void wipe() {
    Arrays.fill(held, (byte) 0);
  }

  private byte[] shown(byte[] bytes, boolean[] hidden, int end) {
    byte[] shown = new byte[end * MARK.length];
    int size = 0;
    for (int at = 0; at < end; at++) {
      if (!hidden[at]) {
        shown[size++] = bytes[at];
      } else if (!lastWasHidden) {
        System.arraycopy(MARK, 0, shown, size, MARK.length);
        size += MARK.length;
      }
      lastWasHidden = hidden[at];
    }
    return Arrays.copyOf(shown, size);
  }
}
