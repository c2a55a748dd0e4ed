package tech.tailor.secretmanager.integration.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import tech.tailor.secretmanager.integration.memory.ProcessMemory.Residue;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/**
 * One way of having read a secret, and what may be left of it then. Each check is a process of its
 * own, prints what it found as whole copies/fragments, and wants an empty directory.
 *
 * @param kind of the backend: file, memory, or one that {@link ReadServer} knows
 * @param size of the secret in bytes
 * @param collector G1, Parallel or Serial: the dumps of others leave garbage out
 * @param reads one, or many
 * @param threads that share the reads
 * @param asksBackend whether each read has to ask the backend
 */
record ResidueCase(
    String kind, int size, String collector, int reads, int threads, boolean asksBackend) {

  private static final long LONG_MILLIS = 300_000;
  private static final long SHORT_MILLIS = 300;

  /**
   * The wipe comes about a second late at most, by Caffeine's clock; the rest is for a busy
   * machine.
   */
  private static final long IDLE_MILLIS = SHORT_MILLIS + 3_000;

  static ResidueCase cold(String kind, int size, String collector) {
    return new ResidueCase(kind, size, collector, 1, 1, false);
  }

  static ResidueCase busy(String kind, int size, String collector) {
    return new ResidueCase(kind, size, collector, 500, 4, false);
  }

  /** Past the cache, so that all the way from the backend is gone many times. */
  static ResidueCase fetching(String kind, int size, String collector) {
    return new ResidueCase(kind, size, collector, 40, 4, true);
  }

  /** The same with enough reads to cause collections. */
  static ResidueCase fetchingOften(String kind, int size, String collector) {
    return new ResidueCase(kind, size, collector, 500, 4, true);
  }

  /**
   * Of reads that collections fall among, a copy may be left on the heap, which is printed: a
   * reader's array that is in use when the collector moves it stays in its old place too, until
   * something is written there. What is reachable, and what is off the heap, is as ever.
   */
  void collectionsLeaveNothingReachable(Path directory) throws IOException {
    try (SubjectProcess subject = start(directory, SubjectProcess.TIGHT, LONG_MILLIS)) {
      String why = subject.whyMemoryUnreadable();
      skipUnless(why);
      Residue held = subject.inMemory();
      subject.tell("close");
      Residue closed = subject.inMemory();
      int collections = subject.collections();
      Found dump = subject.inHeapDump();
      Found live = subject.inLiveHeapDump();

      print(
          "%d collections: memory: cached %s; closed %s; then dump %s, live %s",
          collections, held, closed, dump, live);
      assertThat(collections).isPositive();
      assertThat(held.offHeap().whole()).as("cached, native").isEqualTo(1 + inBackend());
      assertThat(closed.offHeap().whole()).as("closed, native").isZero();
      assertThat(live).as("live heap dump after close").isEqualTo(Found.NOTHING);
    }
  }

  /** Heap dumps while the secret is cached and after close hold nothing. */
  void heapHoldsNothing(Path directory) throws IOException {
    try (SubjectProcess subject = startRoomy(directory, LONG_MILLIS)) {
      Found held = subject.inHeapDump();
      Found heldLive = subject.inLiveHeapDump();
      subject.tell("close");
      Found closed = subject.inHeapDump();
      Found closedLive = subject.inLiveHeapDump();

      print("dump: cached %s, live %s; closed %s, live %s", held, heldLive, closed, closedLive);
      assertNothing("while it is cached", held, heldLive);
      assertNothing("after close", closed, closedLive);
    }
  }

  /** One copy outside the heap while the secret is cached, and none anywhere after close. */
  void memoryHoldsOneCopyUntilClose(Path directory) throws IOException {
    try (SubjectProcess subject = startRoomy(directory, LONG_MILLIS)) {
      String why = subject.whyMemoryUnreadable();
      skipUnless(why);
      Residue held = subject.inMemory();
      subject.tell("close");
      Residue closed = subject.inMemory();
      Found dump = subject.inHeapDump();
      Found live = subject.inLiveHeapDump();

      print("memory: cached %s; closed %s; then dump %s, live %s", held, closed, dump, live);
      assertThat(held.offHeap().whole()).as("cached, native").isEqualTo(1 + inBackend());
      assertThat(closed.offHeap().whole()).as("closed, native").isZero();
      assertThat(held.heap().whole()).as("cached, heap").isZero();
      assertThat(closed.heap().whole()).as("closed, heap").isZero();
      assertNothing("after close", dump, live);
    }
  }

  /** Nothing is left once the time to live is over, without a read or anything else to cause it. */
  void nothingIsLeftAfterExpiry(Path directory) throws IOException {
    try (SubjectProcess subject = startRoomy(directory, SHORT_MILLIS)) {
      subject.tell("idle " + IDLE_MILLIS);
      String why = subject.whyMemoryUnreadable();
      Residue memory = why == null ? subject.inMemory() : null;
      Found dump = subject.inHeapDump();
      Found live = subject.inLiveHeapDump();

      print("expired: memory %s; dump %s, live %s", memory, dump, live);
      assertNothing("after expiry", dump, live);
      skipUnless(why);
      assertThat(memory.offHeap().whole()).as("expired, native").isEqualTo(inBackend());
      assertThat(memory.heap().whole()).as("expired, heap").isZero();
    }
  }

  /** Stops the test, and says so, if the memory of a process can't be looked at here. */
  static void skipUnless(String whyUnreadable) {
    if (whyUnreadable != null) {
      System.out.println("SKIPPED: " + whyUnreadable);
      Assumptions.abort(whyUnreadable);
    }
  }

  /** With no collection among the reads, so that whatever is found was left by the library. */
  private SubjectProcess startRoomy(Path directory, long timeToLiveMillis) throws IOException {
    SubjectProcess subject = start(directory, SubjectProcess.ROOMY, timeToLiveMillis);
    int collections = subject.collections();
    if (collections > 0) {
      subject.close();
      throw new AssertionError(collections + " collections: what is found would prove nothing");
    }
    return subject;
  }

  private SubjectProcess start(Path directory, List<String> heap, long timeToLiveMillis)
      throws IOException {
    SubjectProcess subject =
        SubjectProcess.start(directory, kind, size, collector, heap, timeToLiveMillis);
    subject.tell((asksBackend ? "fetch " : "read ") + reads + " " + threads);
    return subject;
  }

  /** The in-memory store holds the secret itself, in one place outside the heap, until closed. */
  private int inBackend() {
    return kind.equals("memory") ? 1 : 0;
  }

  private static void assertNothing(String when, Found dump, Found live) {
    assertThat(dump).as("full heap dump " + when).isEqualTo(Found.NOTHING);
    assertThat(live).as("live heap dump " + when).isEqualTo(Found.NOTHING);
  }

  private void print(String format, Object... found) {
    System.out.printf(
        "%s, %d bytes, %s, %d %s on %d threads, JDK %d: %s%n",
        kind,
        size,
        collector,
        reads,
        asksBackend ? "fetches" : "reads",
        threads,
        Runtime.version().feature(),
        String.format(format, found));
  }
}
