package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Profiler that reports the CPU time of one operation, summed over all threads, for work that is
 * handed to other threads. It includes the garbage collector's time. It leaves out the time spent
 * waiting for a core or a disk and, on Linux, the compiler's time. The compiler works once, and
 * longer for a library with more code.
 */
public final class ProcessCpuTime implements InternalProfiler {

  private static final Path TASKS = Path.of("/proc/self/task");

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private long startNanos;

  @Override
  public String getDescription() {
    return "CPU time of the process for each operation";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    startNanos = nanos();
  }

  @Override
  public List<Result<ScalarResult>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double nanos = (double) (nanos() - startNanos) / result.getMetadata().getAllOps();
    return List.of(new ScalarResult(CpuTime.LABEL, nanos, "ns/op", AggregationPolicy.AVG));
  }

  /** What this process has used so far. */
  static long nanos() {
    return PROCESS.getProcessCpuTime() - compilerNanos();
  }

  /**
   * Of the compiler's threads that there are. One that ends leaves its time in the iteration, which
   * is not the fastest one then.
   */
  private static long compilerNanos() {
    if (!Files.isDirectory(TASKS)) {
      return 0;
    }
    long nanos = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        nanos += compilerNanos(task);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return nanos;
  }

  private static long compilerNanos(Path task) throws IOException {
    try {
      String name = Files.readString(task.resolve("comm"), US_ASCII);
      if (!name.startsWith("C1 Compiler") && !name.startsWith("C2 Compiler")) {
        return 0;
      }
      String schedstat = Files.readString(task.resolve("schedstat"), US_ASCII);
      return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
    } catch (NoSuchFileException ended) {
      return 0; // between two looks
    }
  }
}
