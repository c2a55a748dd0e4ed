package tech.tailor.secretmanager.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What we want to reach, and where we are.
 *
 * @param limit the most that meets it
 */
record Target(String what, double measured, double limit) {

  /** JDK 25's compiler leaves the loan itself out; the one of JDK 17 does not. */
  private static final int LOAN_BYTES = Runtime.version().feature() < 25 ? 32 : 0;

  /** Allocation is counted, but shared with the harness: a stray byte meets a target of none. */
  private static final double NO_BYTES = 0.5;

  boolean isMet() {
    return measured <= limit;
  }

  static List<Target> ofReads(Figures figures) {
    List<Target> targets = new ArrayList<>();
    for (String ours : List.of("getSecret", "withSecret")) {
      String benchmark = "CachedReadBenchmark." + ours;
      for (Keys.Choice keys : Keys.Choice.values()) {
        for (int threads : List.of(1, 2)) {
          targets.add(new Target(
              ours + " beside Caffeine and a copy" + condition(keys, threads),
              figures.ratio(benchmark, "CachedReadBenchmark.caffeineAndCopy", keys, threads),
              ours.equals("withSecret") ? 0.95 : keys == Keys.Choice.MANY ? 1.1 : 1.4));
        }
      }
      for (Keys.Choice keys : Keys.Choice.values()) {
        targets.add(new Target(
            ours + ", from one thread to two" + condition(keys),
            figures.scaling(benchmark, keys),
            1.15));
      }
      targets.add(new Target(
          ours + ", B/op",
          figures.get(benchmark, Keys.Choice.MANY, 1).bytes(),
          NO_BYTES + (ours.equals("getSecret") ? 96 : LOAN_BYTES)));
    }
    for (int threads : List.of(1, 2)) {
      targets.add(new Target(
          "getSecret beside the AWS client" + condition(Keys.Choice.MANY, threads),
          figures.ratio(
              "CachedReadBenchmark.getSecret",
              "CachedReadBenchmark.aws",
              Keys.Choice.MANY,
              threads),
          0.2));
    }
    return targets;
  }

  static List<Target> ofBatches(Figures figures) {
    return List.of(
        new Target(
            "getSecrets of ten beside ten Caffeine gets and copies",
            figures.ratio(
                "BatchBenchmark.getSecrets", "BatchBenchmark.caffeineAndCopy", Keys.Choice.MANY, 1),
            0.6),
        new Target(
            "getSecrets of ten beside ten AWS gets",
            figures.ratio("BatchBenchmark.getSecrets", "BatchBenchmark.aws", Keys.Choice.MANY, 1),
            1.0 / 6));
  }

  static List<Target> ofHttp(Figures figures) {
    List<Target> targets = new ArrayList<>();
    for (String ours : List.of("fetch", "getSecret")) {
      targets.add(new Target(
          ours + " over HTTP beside OkHttp, Jackson and Tink by hand",
          inTurn(figures, ours, "okHttpJacksonAndTink"),
          1.15));
      targets.add(new Target(
          ours + " over HTTP, kB/op",
          figures.get("HttpMissBenchmark." + ours, Keys.Choice.MANY, 1).bytes() / 1_000,
          16));
    }
    targets.add(new Target(
        "getSecret over HTTP on the reading thread beside the same by hand",
        inTurn(figures, "getSecretOnReadingThread", "okHttpJacksonAndTink"),
        1.15));
    targets.add(new Target(
        "a fetch of ten beside a fetch of one", inTurn(figures, "fetchTen", "fetch"), 1.15));
    targets.add(new Target(
        "getSecrets of ten misses beside getSecret of one",
        inTurn(figures, "getSecretsOfTen", "getSecret"),
        1.15));
    return targets;
  }

  private static double inTurn(Figures figures, String method, String baseline) {
    return figures.ratio(
        "HttpMissInTurnBenchmark." + method,
        "HttpMissInTurnBenchmark." + baseline,
        Keys.Choice.MANY,
        1);
  }

  static List<Target> ofFiles(Figures figures) {
    return List.of(
        ofFile(
            figures,
            "open",
            "openByHand",
            "opening a store of 10,000 beside the same by hand",
            1.2),
        ofFile(
            figures,
            "read",
            "readByHand",
            "an uncached read beside Tink's opening of the value",
            1.3),
        ofFile(
            figures,
            "read",
            "lookAndReadByHand",
            "an uncached read beside a look at the file and Tink's opening",
            1.3),
        ofFile(figures, "update", "updateByHand", "an update beside the same by hand", 1.1));
  }

  private static Target ofFile(
      Figures figures, String method, String byHand, String what, double limit) {
    return new Target(
        what,
        figures.ratio("FileBenchmark." + method, "FileBenchmark." + byHand, Keys.Choice.MANY, 1),
        limit);
  }

  static List<Target> ofPostgres(Figures figures) {
    return List.of(
        ofPassedTime(
            figures,
            "PostgresBenchmark",
            "fetch",
            "select",
            "PostgreSQL: an uncached read beside a plain select",
            4),
        ofPassedTime(
            figures,
            "PostgresBenchmark",
            "fetchTen",
            "selectTen",
            "PostgreSQL: a read of ten beside a plain select",
            3.5),
        ofPassedTime(
            figures,
            "PostgresBenchmark",
            "update",
            "updateRow",
            "PostgreSQL: an update beside a plain one",
            4),
        ofPassedTime(
            figures,
            "PostgresBenchmark",
            "updateOnDisk",
            "updateRowOnDisk",
            "PostgreSQL: the same, on a server that waits for its disk",
            4),
        ofP50(figures, "PostgresBenchmark", "PostgreSQL"),
        ofP99(figures, "PostgresBenchmark", "PostgreSQL"));
  }

  static List<Target> ofEtcd(Figures figures) {
    return List.of(
        ofPassedTime(
            figures,
            "EtcdBenchmark",
            "fetch",
            "get",
            "etcd: an uncached read beside jetcd's get of one plain key",
            1.5),
        ofPassedTime(
            figures,
            "EtcdBenchmark",
            "fetch",
            "getSameKeys",
            "etcd: an uncached read beside jetcd's get of the same keys",
            1.5),
        ofPassedTime(
            figures,
            "EtcdBenchmark",
            "fetchTen",
            "getTen",
            "etcd: a read of ten beside jetcd's get of ten plain keys",
            1.5),
        ofPassedTime(
            figures,
            "EtcdBenchmark",
            "fetchTen",
            "getSameKeysOfTen",
            "etcd: a read of ten beside jetcd's get of the same keys",
            1.5),
        ofP50(figures, "EtcdBenchmark", "etcd"),
        ofP99(figures, "EtcdBenchmark", "etcd"));
  }

  private static Target ofP50(Figures figures, String benchmarkClass, String store) {
    return new Target(
        store + ": an update until another process's cache has read it, ms, p50",
        seen(figures, benchmarkClass).p50() / 1_000_000,
        20);
  }

  private static Target ofP99(Figures figures, String benchmarkClass, String store) {
    return new Target(
        store + ": the same, p99", seen(figures, benchmarkClass).p99() / 1_000_000, 250);
  }

  private static Figure seen(Figures figures, String benchmarkClass) {
    return figures.get(benchmarkClass + ".updateUntilSeen", Keys.Choice.MANY, 1);
  }

  private static Target ofPassedTime(
      Figures figures,
      String benchmarkClass,
      String method,
      String plain,
      String what,
      double limit) {
    return new Target(
        what,
        figures.ratio(
            benchmarkClass + "." + method, benchmarkClass + "." + plain, Keys.Choice.MANY, 1),
        limit);
  }

  static List<Target> ofHerds(Figures figures) {
    String ours = "HerdBenchmark.OURS";
    return List.of(
        new Target(
            "a herd on one cold key, calls upstream",
            figures.get(ours, HerdBenchmark.Scenario.ONE_KEY, 1).calls(),
            1),
        new Target(
            "the same while the service fails, calls upstream",
            figures.get(ours, HerdBenchmark.Scenario.ONE_KEY_FAILING, 1).calls(),
            1),
        ofDistinctKeys(figures, ours, "a herd on as many keys beside get, load, put"),
        ofDistinctKeys(
            figures,
            "HerdBenchmark.OURS_ON_READING_THREAD",
            "the same, calls on the reading thread"));
  }

  private static Target ofDistinctKeys(Figures figures, String ours, String what) {
    return new Target(
        what,
        figures.ratio(ours, "HerdBenchmark.GET_LOAD_PUT", HerdBenchmark.Scenario.DISTINCT_KEYS, 1),
        1.3);
  }

  private static String condition(Keys.Choice keys, int threads) {
    return condition(keys) + (threads == 1 ? ", 1 thread" : ", " + threads + " threads");
  }

  private static String condition(Keys.Choice keys) {
    return keys == Keys.Choice.ONE ? ", one hot key" : ", 1,024 keys";
  }
}
