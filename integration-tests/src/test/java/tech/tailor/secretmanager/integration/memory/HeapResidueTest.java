package tech.tailor.secretmanager.integration.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.integration.memory.ProcessMemory.Residue;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/**
 * No heap dump holds a cached secret or a part of it, garbage included; the memory of the process
 * holds it once while it is cached, and not at all after. A program that is careless with it is
 * caught. {@link HeapResidueDeepTest} tries all combinations.
 */
@Tag("suite")
class HeapResidueTest {

  private static final int CARELESS_READS = 4;

  @TempDir
  private Path directory;

  @Test
  void fileSecret_isInNoHeapDump() throws IOException {
    ResidueCase.busy("file", 3000, "Parallel").heapHoldsNothing(directory);
  }

  @Test
  void inMemorySecret_isInNoHeapDump() throws IOException {
    ResidueCase.busy("memory", 64, "Serial").heapHoldsNothing(directory);
  }

  @Test
  void fileSecret_isInMemoryOnceUntilClose() throws IOException {
    ResidueCase.cold("file", 64, "G1").memoryHoldsOneCopyUntilClose(directory);
  }

  @Test
  void inMemorySecret_isInMemoryForStoreAndCacheUntilClose() throws IOException {
    ResidueCase.cold("memory", 3000, "G1").memoryHoldsOneCopyUntilClose(directory);
  }

  @Test
  void fileSecret_isNowhereAfterExpiryWithoutActivity() throws IOException {
    ResidueCase.cold("file", 20_000, "Serial").nothingIsLeftAfterExpiry(directory);
  }

  @Test
  void secretOverHttp_isInMemoryOnceUntilClose() throws IOException {
    ResidueCase.cold("http", 64, "G1").memoryHoldsOneCopyUntilClose(directory);
  }

  @Test
  void secretOverHttps_isInNoHeapDump() throws IOException {
    ResidueCase.cold("https", 64, "G1").heapHoldsNothing(directory);
  }

  @Test
  void negativeControl_whatComesInClearOverHttps_isFound() throws IOException {
    try (SubjectProcess subject = SubjectProcess.start(
        directory, "careless-https", 64, "G1", SubjectProcess.ROOMY, 300_000)) {
      subject.tell("read 1 1");
      subject.tell("close");
      Found dump = subject.inHeapDump();
      Found live = subject.inLiveHeapDump();

      System.out.printf(
          "control: 1 read in clear over https, closed: dump %s, live %s%n", dump, live);
      assertThat(dump.whole()).isGreaterThanOrEqualTo(4);
      assertThat(live.whole()).isPositive();
    }
  }

  @Test
  void negativeControl_whatIsKeptIsFound_inMemoryAndInDumps() throws IOException {
    try (SubjectProcess subject = careless()) {
      ResidueCase.skipUnless(subject.whyMemoryUnreadable());
      subject.tell("keepOffHeap");
      Residue offHeap = subject.inMemory();
      subject.tell("keepOnHeap");
      Residue onHeap = subject.inMemory();
      subject.tell("close");
      Residue closed = subject.inMemory();
      Found dump = subject.inHeapDump();

      System.out.printf(
          "control: one kept off the heap %s; another on it %s; closed %s, dump %s%n",
          offHeap, onHeap, closed, dump);
      assertThat(offHeap.heap().whole()).isZero();
      assertThat(offHeap.offHeap().whole()).as("the cache's and the kept one").isEqualTo(2);
      assertThat(onHeap.heap().whole()).isPositive();
      assertThat(onHeap.offHeap().whole()).isEqualTo(2);
      assertThat(closed.heap().whole()).isPositive();
      assertThat(closed.offHeap().whole()).as("the kept one").isEqualTo(1);
      assertThat(dump.whole()).isEqualTo(1);
    }
  }

  @Test
  void negativeControl_stringsAreFound() throws IOException {
    try (SubjectProcess subject = careless()) {
      for (int i = 0; i < CARELESS_READS; i++) {
        subject.tell("keepString");
      }
      subject.tell("close");
      Found dump = subject.inHeapDump();
      Found live = subject.inLiveHeapDump();

      System.out.printf(
          "control: %d Strings, closed: dump %s, live %s%n", CARELESS_READS, dump, live);
      assertThat(dump.whole()).isGreaterThanOrEqualTo(CARELESS_READS);
      assertThat(live.whole()).isGreaterThanOrEqualTo(CARELESS_READS);
    }
  }

  private SubjectProcess careless() throws IOException {
    return SubjectProcess.start(directory, "file", 64, "G1", SubjectProcess.ROOMY, 300_000);
  }
}
