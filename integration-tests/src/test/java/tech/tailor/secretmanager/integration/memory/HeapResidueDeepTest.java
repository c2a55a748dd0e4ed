package tech.tailor.secretmanager.integration.memory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link HeapResidueTest} shows by example, for each combination of backend, size of the
 * secret, collector, and one or many reads. The system property {@code residue.kinds} names some of
 * the backends, where not all are wanted.
 */
@Tag("deep")
class HeapResidueDeepTest {

  private static final String ALL_KINDS = "file,memory,http,https,https1,http-script,https-script";

  @TempDir
  private Path directory;

  static Stream<ResidueCase> cases() {
    return Stream.of(System.getProperty("residue.kinds", ALL_KINDS).split(","))
        .flatMap(kind -> Stream.of(64, 3_000, 20_000)
            .flatMap(size -> Stream.of("G1", "Parallel", "Serial")
                .flatMap(collector -> Stream.of(
                    ResidueCase.cold(kind, size, collector),
                    ReadServer.serves(kind)
                        ? ResidueCase.fetching(kind, size, collector)
                        : ResidueCase.busy(kind, size, collector)))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void heapDump_holdsNothing(ResidueCase reading) throws IOException {
    reading.heapHoldsNothing(directory);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void memory_holdsOneCopyUntilClose(ResidueCase reading) throws IOException {
    reading.memoryHoldsOneCopyUntilClose(directory);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nothingIsLeftAfterExpiryWithoutActivity(ResidueCase reading) throws IOException {
    reading.nothingIsLeftAfterExpiry(directory);
  }

  static Stream<ResidueCase> busyCases() {
    return cases()
        .filter(reading -> reading.threads() > 1)
        .map(reading -> reading.asksBackend()
            ? ResidueCase.fetchingOften(reading.kind(), reading.size(), reading.collector())
            : reading);
  }

  @ParameterizedTest
  @MethodSource("busyCases")
  void collectionsAmongReads_leaveNothingReachable(ResidueCase reading) throws IOException {
    reading.collectionsLeaveNothingReachable(directory);
  }
}
