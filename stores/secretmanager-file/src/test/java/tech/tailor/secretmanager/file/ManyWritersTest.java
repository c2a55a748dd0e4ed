package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Processes that write one store at once lose nothing of each other's. The history tells: each
 * update has a version of its own, and none is left out; a reader never sees an older one after a
 * newer one, and each with the value that was written as that version.
 */
@Tag("suite")
class ManyWritersTest {

  private static final int WRITERS = 4;
  private static final int READERS = 2;
  private static final int UPDATES = TestStore.figure(1_000, 40_000);

  /**
   * Each time after this many updates a writer creates a secret, which the others must not undo.
   */
  private static final int MAKES_A_SECRET = 50;

  /** A writer gives up after this many conflicts for one change. */
  private static final int MOST_CONFLICTS = 1_000;

  @TempDir
  Path directory;

  @Test
  void fourProcesses_loseNothing() throws Exception {
    assertNothingIsLost(run(Protocol.OURS, 1, false, UPDATES));
  }

  @Test
  void fourProcessesOfWhichSomeAreKilled_loseNothing() throws Exception {
    assertNothingIsLost(run(Protocol.OURS, 1, true, UPDATES));
  }

  @Test
  void fourProcessesOfFourThreads_loseNothing() throws Exception {
    assertNothingIsLost(run(Protocol.OURS, 4, false, UPDATES));
  }

  /** The control. */
  @Test
  void withoutTheLock_updatesAreLost() throws Exception {
    History history = run(Protocol.WITHOUT_LOCK, 1, false, 400);
    System.out.println("many writers, control: " + history);
    assertThat(history.lost()).isPositive();
    assertThat(history.wrong).isNotEmpty();
  }

  private static void assertNothingIsLost(History history) {
    System.out.println("many writers: " + history);
    assertThat(history.acknowledged.size() + history.unacknowledged)
        .as("%s", history)
        .isGreaterThanOrEqualTo(UPDATES);
    assertThat(history.lost()).as("%s", history).isZero();
    assertThat(history.conflicts).isZero();
    assertThat(history.wrong).as("%s", history).isEmpty();
    assertThat(history.seen).as("the readers read something").isGreaterThan(READERS);
  }

  private History run(Protocol protocol, int threads, boolean kill, int updates) throws Exception {
    History history = new History(protocol, threads);
    List<Process> readers = new ArrayList<>();
    ExecutorService executor = Executors.newFixedThreadPool(WRITERS + READERS);
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "counter", "start");
      List<Future<?>> reading = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        Process process = TestStore.start(Reader.class, directory);
        readers.add(process);
        reading.add(executor.submit(() -> history.read(process)));
      }
      List<Future<?>> writing = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        writing.add(
            executor.submit(new WriterRun(history, writer, threads, kill, updates / WRITERS)));
      }
      for (Future<?> each : writing) {
        each.get(1, TimeUnit.HOURS);
      }
      for (Process reader : readers) {
        reader.getOutputStream().close();
      }
      for (Future<?> each : reading) {
        each.get(1, TimeUnit.MINUTES);
      }
      history.finish(store);
    } finally {
      readers.forEach(Process::destroyForcibly);
      executor.shutdownNow();
    }
    return history;
  }

  /**
   * One writer after the other until all updates are made: the next begins where one was killed.
   */
  private final class WriterRun implements Callable<Boolean> {

    private final History history;
    private final int writer;
    private final int threads;
    private final boolean kill;
    private final Random random = new Random();
    private int left;

    private WriterRun(History history, int writer, int threads, boolean kill, int updates) {
      this.history = history;
      this.writer = writer;
      this.threads = threads;
      this.kill = kill;
      this.left = updates;
    }

    @Override
    public Boolean call() throws Exception {
      for (int life = 0; left > 0; life++) {
        Process process = TestStore.start(
            Writer.class, directory, history.protocol, writer + "-" + life, threads, left);
        boolean killed = false;
        try {
          BufferedReader output = process.inputReader(US_ASCII);
          int killAfter = kill && life < 10 ? 1 + random.nextInt(left) : Integer.MAX_VALUE;
          for (String line = output.readLine(); line != null; line = output.readLine()) {
            left -= history.hear(line);
            killAfter--;
            if (killAfter == 0) {
              process.toHandle().destroyForcibly(); // its output stays open
              killed = true;
            }
          }
          int status = process.waitFor();
          if (!killed) {
            assertThat(status).isZero();
            assertThat(left).isZero();
          }
        } finally {
          process.destroyForcibly().waitFor();
        }
        if (killed) {
          history.kills.incrementAndGet();
        }
      }
      return true;
    }
  }

  /** What all processes say that they did and saw. */
  private static final class History {

    private final Protocol protocol;
    private final int threads;
    private final AtomicInteger kills = new AtomicInteger();
    private final Map<Long, String> acknowledged = new HashMap<>();
    private final Set<String> created = new HashSet<>();
    private final Map<Long, String> read = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int acknowledgements;
    private int conflicts;
    private int timeouts;
    private int seen;
    private long finalVersion;
    private int unacknowledged;
    private int missing;

    private History(Protocol protocol, int threads) {
      this.protocol = protocol;
      this.threads = threads;
    }

    /** Takes note of what a writer says; returns how many updates that was. */
    private synchronized int hear(String line) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "updated" -> {
          acknowledgements++;
          acknowledged.put(Long.parseLong(words[1]), words[2]);
          return 1;
        }
        case "created" -> created.add(words[1]);
        case "gave-up" -> {
          wrong.add("a writer met nothing but conflicts");
          return Integer.parseInt(words[1]);
        }
        case "conflict" -> conflicts++;
        case "waited" -> timeouts++;
        default -> wrong.add("a writer: " + line);
      }
      return 0;
    }

    private boolean read(Process reader) {
      long previous = 0;
      try (BufferedReader output = reader.inputReader(US_ASCII)) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          String[] words = line.split(" ", -1);
          synchronized (this) {
            if (!words[0].equals("saw")) {
              wrong.add("a reader: " + line);
              continue;
            }
            long version = Long.parseLong(words[1]);
            if (version < previous) {
              wrong.add("a reader saw " + version + " after " + previous);
            }
            previous = version;
            seen++;
            String other = read.putIfAbsent(version, words[2]);
            if (other != null && !other.equals(words[2])) {
              wrong.add("readers saw " + version + " as " + other + " and as " + words[2]);
            }
          }
        }
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private synchronized void finish(FileSecretStore store) {
      finalVersion = store.describeSecret("default", "counter").orElseThrow().version();
      unacknowledged = (int) (finalVersion - 1) - acknowledged.size();
      if (unacknowledged > kills.get()) {
        wrong.add(unacknowledged + " updates are nobody's");
      }
      read.remove(1L);
      read.forEach((version, value) -> {
        String written = acknowledged.get(version);
        if (written != null && !written.equals(value)) {
          wrong.add("version " + version + " was written as " + written + ", read as " + value);
        }
      });
      for (String name : created) {
        if (store.describeSecret("default", name).isEmpty()) {
          missing++;
        }
      }
    }

    /** Updates that have their version from somebody else too, or are not counted in the end. */
    private synchronized int lost() {
      return acknowledgements
          - acknowledged.size()
          + Math.max(0, acknowledged.size() - (int) (finalVersion - 1))
          + missing;
    }

    @Override
    public synchronized String toString() {
      return WRITERS + " processes of " + threads + " threads, " + protocol + ", "
          + kills + " kills: " + acknowledgements + " updates and " + created.size()
          + " new secrets acknowledged, " + lost() + " lost; the last version is " + finalVersion
          + "; " + unacknowledged + " made by a killed one unheard; " + conflicts
          + " conflicts, " + timeouts + " waited in vain; " + seen + " versions seen by " + READERS
          + " readers, " + wrong.size()
          + " wrong"
          + (wrong.isEmpty() ? "" : ", such as: " + wrong.get(0));
    }
  }

  /** Updates the counter a given number of times, and prints each version that it made. */
  static final class Writer {
    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      StoreFiles files = Protocol.valueOf(args[1]).files();
      int threads = Integer.parseInt(args[3]);
      AtomicInteger next = new AtomicInteger();
      ExecutorService executor = Executors.newFixedThreadPool(threads);
      try (FileSecretStore first = TestStore.create(directory, files);
          FileSecretStore second = TestStore.create(directory, files)) {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          FileSecretStore store = thread % 2 == 0 ? first : second;
          all.add(
              executor.submit(() -> write(store, "w" + args[2], next, Integer.parseInt(args[4]))));
        }
        for (Future<?> each : all) {
          each.get();
        }
      } finally {
        executor.shutdownNow();
      }
    }

    private static boolean write(
        FileSecretStore store, String writer, AtomicInteger next, int updates) {
      for (int i = next.getAndIncrement(); i < updates; i = next.getAndIncrement()) {
        String text = writer + "/" + i;
        try (SecretValue value = SecretValue.of(text)) {
          if (i % MAKES_A_SECRET == 0) {
            String name = writer + "-" + i;
            if (untilThereIsNoConflict(() -> store.createSecret("default", name, value))) {
              System.out.println("created " + name);
            }
          }
          boolean changed = untilThereIsNoConflict(() -> {
            long version = store.updateSecret("default", "counter", value).version();
            System.out.println("updated " + version + " " + text);
          });
          if (!changed) {
            System.out.println("gave-up " + (updates - i));
            return false;
          }
        }
      }
      return true;
    }

    /**
     * False if there is no end of conflicts: without the lock, a writer that saw what another one
     * overwrote refuses the file until the next generation, and perhaps nobody is left to make it.
     */
    private static boolean untilThereIsNoConflict(Runnable change) {
      for (int conflicts = 0; conflicts < MOST_CONFLICTS; ) {
        try {
          change.run();
          return true;
        } catch (SecretConflictException | SecretIntegrityException e) {
          System.out.println("conflict");
          conflicts++;
          LockSupport.parkNanos(500_000);
        } catch (SecretTimeoutException e) {
          System.out.println("waited"); // on a busy machine; nothing was changed
        }
      }
      return false;
    }
  }

  /** Reads until its input ends, and prints what is new. */
  static final class Reader {
    public static void main(String[] args) throws InterruptedException {
      AtomicBoolean ended = new AtomicBoolean();
      Thread listener = new Thread(() -> {
        try {
          System.in.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          ended.set(true);
        }
      });
      listener.start();
      String previous = "";
      try (FileSecretStore store = TestStore.open(Path.of(args[0]))) {
        while (!ended.get()) {
          String saw = read(store);
          if (!saw.equals(previous)) {
            System.out.println(saw);
            previous = saw;
          }
          TimeUnit.MICROSECONDS.sleep(200);
        }
      }
    }

    private static String read(FileSecretStore store) {
      try {
        SecretOutcome outcome = TestStore.fetch(store, "default", "counter");
        if (outcome instanceof SecretOutcome.Found found) {
          try (SecretValue value = found.value()) {
            return "saw " + value.version() + " " + value.revealString();
          }
        }
        return "failed " + outcome;
      } catch (SecretManagerException e) {
        return "failed " + e.getMessage();
      }
    }
  }
}
