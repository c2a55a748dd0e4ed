package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** How long a start takes, printed; and that its cache is made, used and made again. */
@Tag("launcher")
@Tag("deep")
class StartLauncherTest {

  private static final int RUNS = 9;

  @TempDir
  Path directory;

  @Test
  void figures_arePrinted() throws Exception {
    Launcher.path();
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      Launcher launcher = Launcher.over(directory)
          .with("TAILOR_SECRETMANAGER_URL", emulator.endpoint().toString())
          .with("TAILOR_PLATFORM_TOKEN", emulator.adminToken())
          .with("TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId());
      double cached = median(() -> run(launcher.start("vault", "list")));
      double plain =
          median(() -> run(launcher.with("SECRETMANAGER_CACHE", "off").start("vault", "list")));
      double empty = median(() -> run(emptyMain()));
      double sameCache = withLauncherOfEmptyMain(
          program -> median(() -> run(launcher.start(List.of(program.toString())))));
      System.out.printf(
          "start on Java %s, median of %d: vault list %.0f ms, without a cache %.0f ms; empty main"
              + " with the same launcher and cache %.0f ms (%.1f times), with a small cache of its"
              + " own %.0f ms (%.1f times)%n",
          System.getProperty("java.specification.version"),
          RUNS,
          cached,
          plain,
          sameCache,
          cached / sameCache,
          empty,
          cached / empty);
      printMemory(launcher);
    }
  }

  /** The most that the process had in memory, as the system counts it. */
  private static void printMemory(Launcher launcher) throws Exception {
    Launcher.Result peak = Launcher.finish(launcher.start(List.of(
        "python3",
        "-c",
        "import resource, subprocess, sys\n"
            + "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
            + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)",
        Launcher.path().toString(),
        "vault",
        "list")));
    assertThat(peak.code()).as(peak.err()).isZero();
    System.out.println("vault list: " + peak.out().strip() + " MB in memory, at the most");
  }

  @Test
  void cache_isMadeOnce_andAgainForOtherJars() throws Exception {
    Path copy = directory.resolve("copy");
    copy(Launcher.path().resolveSibling("..").normalize(), copy);
    Path program = copy.resolve("bin/secretmanager");
    assertThat(run(start(program))).isZero();
    List<Path> first = caches(copy);
    assertThat(first).hasSize(1);
    assertThat(Files.size(first.get(0))).isGreaterThan(1_000_000);
    assertThat(run(start(program))).isZero();
    assertThat(caches(copy)).isEqualTo(first);
    Files.writeString(copy.resolve("lib").resolve("changed.jar"), "another size");
    assertThat(run(start(program))).isZero();
    assertThat(caches(copy)).hasSize(2).containsAll(first);
  }

  private static Process start(Path program) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(program.toString(), "--version");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }

  private static List<Path> caches(Path home) throws Exception {
    try (Stream<Path> files = Files.list(home.resolve("cache"))) {
      return files.toList();
    }
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        if (!file.startsWith(from.resolve("cache"))) {
          Files.copy(file, to.resolve(from.relativize(file)));
        }
      }
    }
    Files.copy(to.resolve("LICENSE"), to.resolve("lib").resolve("changed.jar"));
  }

  private interface Measurement {
    double of(Path program) throws Exception;
  }

  /** A launcher like the one beside it, which starts a main that does nothing. */
  private double withLauncherOfEmptyMain(Measurement measurement) throws Exception {
    String script = Files.readString(Launcher.path());
    int exec = script.lastIndexOf("exec \"$java\"");
    String empty = script
        .substring(exec)
        .replace("$home/lib/*", "$home/lib/*:" + directory.resolve("empty.jar"))
        .replace("tech.tailor.secretmanager.cli.Main", "Empty");
    assertThat(empty).contains("empty.jar", "Empty");
    Path program = Launcher.path().resolveSibling("empty-main");
    Files.copy(Launcher.path(), program, StandardCopyOption.COPY_ATTRIBUTES);
    try {
      Files.writeString(program, script.substring(0, exec) + empty);
      return measurement.of(program);
    } finally {
      Files.delete(program);
    }
  }

  /** The least that a JVM does, with a cache of its own where the JDK makes one so. */
  private Process emptyMain() throws Exception {
    Path jar = directory.resolve("empty.jar");
    Path cache = directory.resolve("empty.cache");
    boolean aot = Runtime.version().feature() >= 25;
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    if (!Files.exists(jar)) {
      Path source = Files.writeString(
          directory.resolve("Empty.java"),
          "public class Empty { public static void main(String[] arguments) {} }");
      assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString()))
          .isZero();
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
        out.putNextEntry(new JarEntry("Empty.class"));
        out.write(Files.readAllBytes(directory.resolve("Empty.class")));
      }
      run(new ProcessBuilder(
              java,
              "-XX:+UseSerialGC",
              (aot ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + cache,
              "-cp",
              jar.toString(),
              "Empty")
          .start());
    }
    return new ProcessBuilder(
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            (aot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + cache,
            "-cp",
            jar.toString(),
            "Empty")
        .start();
  }

  private static int run(Process process) throws Exception {
    return Launcher.finish(process).code();
  }

  private static double median(Callable<Integer> start) throws Exception {
    assertThat(start.call()).isZero(); // makes the cache
    double[] millis = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      long begin = System.nanoTime();
      assertThat(start.call()).isZero();
      millis[run] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(millis);
    return millis[RUNS / 2];
  }
}
