package tech.tailor.secretmanager.logging;

import static java.lang.System.Logger.Level.WARNING;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMasker;

/**
 * The values to mask, as fingerprints of the forms that they are written in: the last few of each
 * secret. Thread-safe; a search takes no lock.
 */
final class KnownValues {

  private static final System.Logger LOGGER = System.getLogger(KnownValues.class.getName());

  private static final int KEPT_OF_EACH = 4;

  private final Set<String> members;
  private final Map<SecretRef, Deque<Set<Fingerprints.Print>>> prints = new HashMap<>();
  private final Set<SecretRef> tooShort = new HashSet<>();
  private final Fingerprints fingerprints = new Fingerprints();
  private volatile boolean closed;

  /**
   * Creates one without values.
   *
   * @param members of JSON objects that are values by themselves
   */
  KnownValues(Set<String> members) {
    this.members = Set.copyOf(members);
  }

  void add(SecretRef ref, SecretValue value) {
    Set<Fingerprints.Print> ofValue = printsOf(value);
    boolean warn = false;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (ofValue.isEmpty()) {
        warn = tooShort.add(ref);
      } else {
        remember(ref, ofValue);
      }
    }
    if (warn) { // outside the lock: a log line is searched, too
      LOGGER.log(
          WARNING,
          () -> "The secret " + ref + " is not masked in logs: its value, or each line of it, is"
              + " shorter than " + Fingerprints.WINDOW + " bytes");
    }
  }

  private void remember(SecretRef ref, Set<Fingerprints.Print> ofValue) {
    Deque<Set<Fingerprints.Print>> ofSecret =
        prints.computeIfAbsent(ref, key -> new ArrayDeque<>());
    if (ofSecret.remove(ofValue)) {
      ofSecret.addLast(ofValue); // is the current one
      return;
    }
    ofSecret.addLast(ofValue);
    fingerprints.add(ofValue);
    if (ofSecret.size() > KEPT_OF_EACH) {
      fingerprints.remove(ofSecret.removeFirst());
    }
  }

  private Set<Fingerprints.Print> printsOf(SecretValue value) {
    Set<Fingerprints.Print> all = new HashSet<>();
    addPrints(value, all);
    for (String member : isJsonObject(value) ? members : Set.<String>of()) {
      try {
        value.<Boolean, RuntimeException>withJsonField(member, part -> addPrints(part, all));
      } catch (SecretEncodingException e) {
        // It has no such member.
      }
    }
    return all;
  }

  private boolean addPrints(SecretValue value, Set<Fingerprints.Print> all) {
    return value.<Boolean, RuntimeException>withBytes(bytes -> {
      ValueForms.forEach(bytes, form -> all.add(fingerprints.of(form)));
      return true;
    });
  }

  private static boolean isJsonObject(SecretValue value) {
    return value.<Boolean, RuntimeException>withBytes(bytes -> {
      int at = 0;
      while (at < bytes.length && bytes[at] <= ' ' && bytes[at] > 0) {
        at++;
      }
      return at < bytes.length && bytes[at] == '{';
    });
  }

  /** Returns the given array if there is nothing to hide. */
  byte[] mask(byte[] text) {
    List<byte[]> found = fingerprints.in(text);
    if (found.isEmpty()) {
      return text;
    }
    SecretMasker masker = new SecretMasker(found);
    found.forEach(value -> Arrays.fill(value, (byte) 0));
    byte[] shown = masker.next(text, text.length);
    byte[] rest = masker.end();
    byte[] all = Arrays.copyOf(shown, shown.length + rest.length);
    System.arraycopy(rest, 0, all, shown.length, rest.length);
    return all;
  }

  boolean isClosed() {
    return closed;
  }

  synchronized int size() {
    return prints.size();
  }

  synchronized void close() {
    closed = true;
    List<Set<Fingerprints.Print>> all = new ArrayList<>();
    prints.values().forEach(all::addAll);
    prints.clear();
    all.forEach(fingerprints::remove);
  }
}
