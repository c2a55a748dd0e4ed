package tech.tailor.secretmanager.cli;

import java.util.Arrays;
import java.util.List;

/**
 * Hides secrets in a stream of bytes, wherever the stream is cut into chunks. Every byte that is
 * part of any occurrence of a secret is hidden, also where occurrences overlap; a run of hidden
 * bytes becomes one mark.
 *
 * <p>It holds back only what may be the beginning of a secret, so that a prompt without a line end
 * appears at once. The search is that of Aho and Corasick: one step for each byte, whatever the
 * number of secrets. Not thread-safe.
 */
final class Masker {

  /** Stands for hidden bytes. */
  static final byte[] MARK = {'*', '*', '*'};

  private static final int ROOT = 0;
  private static final int NONE = -1;
  private static final byte[] EMPTY = {};

  // A trie of the secrets, as arrays by node; a node's children are a linked list.
  private final byte[] label;
  private final int[] firstChild;
  private final int[] nextSibling;
  private final int[] fallback;
  private final int[] depth;

  /** The length of the longest secret that ends at a node; 0 if none does. */
  private final int[] found;

  private int nodes = 1;
  private int state = ROOT;

  private byte[] held = EMPTY;
  private boolean[] heldIsHidden = {};
  private boolean lastWasHidden;

  /** Makes one for the given secrets, which stay the caller's to wipe; empty ones are ignored. */
  Masker(List<byte[]> secrets) {
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

  /** Takes a chunk, and returns what can be shown by now. */
  byte[] next(byte[] chunk, int length) {
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
  byte[] end() {
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
