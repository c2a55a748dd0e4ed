package tech.tailor.secretmanager.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Writes what was measured as Markdown. */
final class Tables {

  private static final String BASELINE = "caffeineAndCopy";

  private final Figures figures;
  private final PrintStream out;

  Tables(Figures figures, PrintStream out) {
    this.figures = figures;
    this.out = out;
  }

  void print() {
    if (figures.has("CachedReadBenchmark")) {
      printReads();
      print(Target.ofReads(figures));
    }
    if (figures.has("BatchBenchmark")) {
      printBatches();
      print(Target.ofBatches(figures));
    }
    if (figures.has("MissBenchmark")) {
      printMisses();
    }
    if (figures.has("HerdBenchmark")) {
      printHerds();
      print(Target.ofHerds(figures));
    }
    if (figures.has("HttpMissBenchmark") && figures.has("HttpMissInTurnBenchmark")) {
      printHttpMisses();
      print(Target.ofHttp(figures));
    }
    if (figures.has("FileBenchmark")) {
      printFiles();
      print(Target.ofFiles(figures));
    }
    if (figures.has("PostgresBenchmark")) {
      printPostgres();
      print(Target.ofPostgres(figures));
    }
    if (figures.has("EtcdBenchmark")) {
      printEtcd();
      print(Target.ofEtcd(figures));
    }
  }

  private void printReads() {
    out.println("## A. The cached read: Caffeine and a copy = 1.00\n");
    out.println("| | CPU ns | 1 thread | 2 threads | one hot key, 1 thread | one hot key, 2 threads"
        + " | 2 threads : 1 | the same, one hot key | B/op |");
    out.println("|---|---|---|---|---|---|---|---|---|");
    for (String method : List.of(
        "plainMap",
        "copyAlone",
        "leastPromised",
        BASELINE,
        "aws",
        "getSecret",
        "getSecretByRef",
        "withSecret",
        "withSecretBytes")) {
      String benchmark = "CachedReadBenchmark." + method;
      Figure figure = figures.get(benchmark, Keys.Choice.MANY, 1);
      out.printf(
          Locale.ROOT,
          "| %s | %.1f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.0f |%n",
          method,
          figure.time(),
          readRatio(benchmark, Keys.Choice.MANY, 1),
          readRatio(benchmark, Keys.Choice.MANY, 2),
          readRatio(benchmark, Keys.Choice.ONE, 1),
          readRatio(benchmark, Keys.Choice.ONE, 2),
          figures.scaling(benchmark, Keys.Choice.MANY),
          figures.scaling(benchmark, Keys.Choice.ONE),
          figure.bytes());
    }
    out.println();
  }

  private double readRatio(String benchmark, Keys.Choice keys, int threads) {
    return figures.ratio(benchmark, "CachedReadBenchmark." + BASELINE, keys, threads);
  }

  private void printBatches() {
    out.println("## B. Ten cached names: ten Caffeine gets and copies = 1.00\n");
    printPlain(
        "BatchBenchmark",
        BASELINE,
        List.of("leastPromised", BASELINE, "aws", "getSecrets", "getSecretsByName"));
  }

  private void printMisses() {
    out.println("## C. A miss, upstream in memory: the same by hand = 1.00\n");
    printPlain(
        "MissBenchmark",
        "getLoadPut",
        List.of("getLoadPut", "getSecret", "getSecretOnReadingThread"));
  }

  private void printHttpMisses() {
    String baseline = "okHttpJacksonAndTink";
    out.println("## C. A miss over HTTP, sealed: OkHttp, Jackson and Tink by hand = 1.00\n");
    out.println(
        "| | CPU ns, in turn | ratio | in a JVM of its own | B/op |\n|---|---|---|---|---|");
    for (String method : List.of(
        "okHttp",
        "okHttpAndJackson",
        baseline,
        "fetch",
        "fetchTen",
        "getSecret",
        "getSecretOnReadingThread",
        "getSecretsOfTen")) {
      String inTurn = "HttpMissInTurnBenchmark.";
      String alone = "HttpMissBenchmark.";
      out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.2f | %.2f | %.0f |%n",
          method,
          figures.get(inTurn + method, Keys.Choice.MANY, 1).time(),
          figures.ratio(inTurn + method, inTurn + baseline, Keys.Choice.MANY, 1),
          figures.ratio(alone + method, alone + baseline, Keys.Choice.MANY, 1),
          figures.get(alone + method, Keys.Choice.MANY, 1).bytes());
    }
    out.println();
  }

  private void printPlain(String benchmarkClass, String baseline, List<String> methods) {
    out.println("| | CPU ns | ratio | B/op |\n|---|---|---|---|");
    for (String method : methods) {
      String benchmark = benchmarkClass + "." + method;
      Figure figure = figures.get(benchmark, Keys.Choice.MANY, 1);
      out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.2f | %.0f |%n",
          method,
          figure.time(),
          figures.ratio(benchmark, benchmarkClass + "." + baseline, Keys.Choice.MANY, 1),
          figure.bytes());
    }
    out.println();
  }

  private void printHerds() {
    out.println(
        "## C. 1,000 threads at once, upstream takes 5 ms: calls upstream / ms that passed\n");
    out.println("| | one key | one key, service fails | 1,000 keys |\n|---|---|---|---|");
    for (Loader loader : Loader.values()) {
      StringBuilder row = new StringBuilder("| " + loader + " |");
      for (HerdBenchmark.Scenario scenario : HerdBenchmark.Scenario.values()) {
        Figure figure = figures.get("HerdBenchmark." + loader, scenario, 1);
        row.append(String.format(Locale.ROOT, " %.0f / %.0f |", figure.calls(), figure.time()));
      }
      out.println(row);
    }
    out.println();
  }

  private void printFiles() {
    out.println("## D. A file of 10,000 secrets: the same by hand = 1.00\n");
    out.println("| | CPU µs | beside | CPU µs | ratio | B/op |\n|---|---|---|---|---|---|");
    printFile("open", "openByHand");
    printFile("read", "readByHand");
    printFile("read", "lookAndReadByHand");
    printFile("update", "updateByHand");
    out.println();
  }

  private void printFile(String method, String byHand) {
    String benchmark = "FileBenchmark." + method;
    Figure ours = figures.get(benchmark, Keys.Choice.MANY, 1);
    out.printf(
        Locale.ROOT,
        "| %s | %.1f | %s | %.1f | %.2f | %.0f |%n",
        method,
        ours.time() / 1_000,
        byHand,
        figures.get("FileBenchmark." + byHand, Keys.Choice.MANY, 1).time() / 1_000,
        figures.ratio(benchmark, "FileBenchmark." + byHand, Keys.Choice.MANY, 1),
        ours.bytes());
  }

  private void printPostgres() {
    out.println("## E. PostgreSQL, 10,000 secrets: plain JDBC = 1.00\n");
    out.println("| | µs that passed | beside | µs that passed | ratio |\n|---|---|---|---|---|");
    printPassedTime("PostgresBenchmark", "fetch", "select");
    printPassedTime("PostgresBenchmark", "fetchTen", "selectTen");
    printPassedTime("PostgresBenchmark", "update", "updateRow");
    printPassedTime("PostgresBenchmark", "updateOnDisk", "updateRowOnDisk");
    out.println();
    printSeen("PostgresBenchmark");
  }

  private void printEtcd() {
    out.println("## F. etcd, 10,000 secrets: plain jetcd = 1.00\n");
    out.println("| | µs that passed | beside | µs that passed | ratio |\n|---|---|---|---|---|");
    printPassedTime("EtcdBenchmark", "fetch", "get");
    printPassedTime("EtcdBenchmark", "fetch", "getSameKeys");
    printPassedTime("EtcdBenchmark", "fetchTen", "getTen");
    printPassedTime("EtcdBenchmark", "fetchTen", "getSameKeysOfTen");
    printPassedTime("EtcdBenchmark", "update", "getAndCompareAndPut");
    out.println();
    printSeen("EtcdBenchmark");
  }

  private void printPassedTime(String benchmarkClass, String method, String plain) {
    String ours = benchmarkClass + "." + method;
    String beside = benchmarkClass + "." + plain;
    out.printf(
        Locale.ROOT,
        "| %s | %.0f | %s | %.0f | %.2f |%n",
        method,
        figures.get(ours, Keys.Choice.MANY, 1).time() / 1_000,
        plain,
        figures.get(beside, Keys.Choice.MANY, 1).time() / 1_000,
        figures.ratio(ours, beside, Keys.Choice.MANY, 1));
  }

  private void printSeen(String benchmarkClass) {
    Figure seen = figures.get(benchmarkClass + ".updateUntilSeen", Keys.Choice.MANY, 1);
    out.printf(
        Locale.ROOT,
        "An update until another process's cache has read it, ms: p50 %.2f, p99 %.2f%n%n",
        seen.p50() / 1_000_000,
        seen.p99() / 1_000_000);
  }

  private void print(List<Target> targets) {
    out.println("| target | at most | measured | |\n|---|---|---|---|");
    for (Target target : targets) {
      out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.2f | %s |%n",
          target.what(),
          target.limit(),
          target.measured(),
          target.isMet() ? "met" : "**not met**");
    }
    out.println();
  }
}
