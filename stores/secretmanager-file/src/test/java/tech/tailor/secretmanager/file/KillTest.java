package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.ForwardingFiles;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** A process that is killed loses nothing that it acknowledged, wherever it was. */
@Tag("suite")
class KillTest {

  /** Calls that change nothing: a crash there is like one after the call before. */
  private static final Set<String> READS = Set.of("identify", "open", "read", "skip", "list");

  private static final int KILLED = 137;
  private static final int HALTED = 9;

  @TempDir
  Path parent;

  private final Random random = new Random();
  private final Map<String, AtomicInteger> crashed = new ConcurrentSkipListMap<>();
  private final AtomicInteger leftAsBefore = new AtomicInteger();

  @Test
  void killedWriters_loseNothing() throws Exception {
    int kills = TestStore.figure(60, 5_000);
    Counts counts = new Counts();
    Path directory = parent.resolve("store");
    try (FileSecretStore open = TestStore.create(directory)) {
      TestStore.put(open, "default", "counter", "0");
      for (int kill = 0; kill < kills; kill++) {
        counts.add(killOnce(directory, Protocol.OURS), open);
      }
      // One that was killed leaves a file at the most, and the next writer removes it.
      TestStore.put(open, "default", "counter", "0");
      assertThat(TestStore.filesIn(directory)).hasSize(2);
    }
    System.out.println("kills: " + counts);
    assertThat(counts.kills).isEqualTo(kills);
    assertThat(counts.lost).isZero();
    assertThat(counts.unreadable).isZero();
    assertThat(counts.mostOrphans).isLessThanOrEqualTo(1);
  }

  /** The control. */
  @Test
  void writingInPlace_isCaught() throws Exception {
    int kills = 0;
    boolean caught = false;
    while (!caught && kills < 100) {
      Path directory = parent.resolve("in-place-" + kills);
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "counter", "0");
      }
      caught = killOnce(directory, Protocol.IN_PLACE).unreadable;
      kills++;
    }
    System.out.println("kills, control: writing in place was caught by kill " + kills);
    assertThat(caught).isTrue();
  }

  /**
   * What a kill left.
   *
   * @param acknowledged the last number that the writer printed
   * @param found the number in the store
   * @param unreadable whether the store does not open
   * @param orphans how many temporary files there are
   */
  private record Remains(long acknowledged, long found, boolean unreadable, int orphans) {}

  private Remains killOnce(Path directory, Protocol protocol) throws Exception {
    Process writer = TestStore.start(Counter.class, directory, protocol);
    long acknowledged;
    try {
      BufferedReader output = writer.inputReader(US_ASCII);
      acknowledged = Long.parseLong(output.readLine());
      TimeUnit.MICROSECONDS.sleep(random.nextInt(50_000));
      writer.toHandle().destroyForcibly(); // its output stays open
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        acknowledged = Long.parseLong(line);
      }
      assertThat(writer.waitFor()).as("it did not end by itself").isEqualTo(KILLED);
    } finally {
      writer.destroyForcibly().waitFor();
    }
    int orphans = orphans(directory);
    try (FileSecretStore store = TestStore.open(directory)) {
      long found = Long.parseLong(TestStore.read(store, "default", "counter"));
      return new Remains(acknowledged, found, false, orphans);
    } catch (SecretIntegrityException e) {
      return new Remains(acknowledged, 0, true, orphans);
    }
  }

  private static int orphans(Path directory) {
    return (int) TestStore.filesIn(directory).stream()
        .filter(file -> file.toString().endsWith(".tmp"))
        .count();
  }

  private static final class Counts {
    private int kills;
    private int lost;
    private int unreadable;
    private int ahead;
    private int withOrphan;
    private int mostOrphans;
    private long acknowledged;

    private void add(Remains remains, FileSecretStore open) {
      kills++;
      acknowledged = remains.acknowledged;
      unreadable += remains.unreadable ? 1 : 0;
      lost += remains.found < remains.acknowledged ? 1 : 0;
      ahead += remains.found == remains.acknowledged + 1 ? 1 : 0;
      withOrphan += Math.min(remains.orphans, 1);
      mostOrphans = Math.max(mostOrphans, remains.orphans);
      assertThat(remains.found).isLessThanOrEqualTo(remains.acknowledged + 1);
      // A store that was open all the time sees the same.
      assertThat(TestStore.read(open, "default", "counter"))
          .isEqualTo(Long.toString(remains.found));
    }

    @Override
    public String toString() {
      return kills + " kills, " + lost + " lost, " + unreadable + " unreadable; "
          + ahead + " with the change that was under way, " + withOrphan
          + " with a temporary file, at most " + mostOrphans + " at once; " + acknowledged
          + " changes were acknowledged";
    }
  }

  /** Counts on from what is there, and prints each number when it is durable. */
  static final class Counter {
    public static void main(String[] args) {
      StoreFiles files = Protocol.valueOf(args[1]).files();
      try (FileSecretStore store = TestStore.create(Path.of(args[0]), files)) {
        for (long next = Long.parseLong(TestStore.read(store, "default", "counter")) + 1;
            true;
            next++) {
          TestStore.put(store, "default", "counter", Long.toString(next));
          System.out.println(next);
        }
      }
    }
  }

  /** Every call on files that the making of a key, of a store and three changes do. */
  @Test
  void everyCrashPoint_leavesTheStateBeforeOrAfter() throws Exception {
    int times = TestStore.figure(2, 20);
    List<String> calls = new ArrayList<>();
    for (String last = crashAt(0, 0); !last.equals("done"); last = crashAt(0, calls.size())) {
      calls.add(last);
    }
    // Each is a process of its own, so that there is work for all cores.
    IntStream.range(calls.size(), times * calls.size()).parallel().forEach(i -> {
      int point = i % calls.size();
      if (!READS.contains(calls.get(point))) {
        assertThat(crashAt(i / calls.size(), point)).isEqualTo(calls.get(point));
      }
    });
    long crashes = crashed.values().stream().mapToLong(AtomicInteger::get).sum();
    System.out.println("crash points: " + crashes + " crashes, 0 lost, 0 unreadable; "
        + leftAsBefore + " left the state before, " + (crashes - leftAsBefore.get())
        + " the one after; " + crashed);
    assertThat(crashed.keySet())
        .contains("list", "create", "write", "half of write", "force", "close", "replace")
        .contains("forceDirectory", "link", "delete", "createLock", "createDirectories");
  }

  /** Returns the call at which it crashed, or "done" if there is no such call any more. */
  private String crashAt(int time, int point) {
    Path directory = parent.resolve("at-" + time + "-" + point);
    List<String> lines = crash(directory, point);
    int acknowledged = (int) lines.stream().filter("done"::equals).count();
    int state = state(directory);
    assertThat(state).as("%s", lines).isBetween(acknowledged, acknowledged + 1);
    finish(directory, state);
    String last = lines.get(lines.size() - 1);
    if (last.equals("done")) {
      assertThat(acknowledged).isEqualTo(Crasher.STEPS);
    } else {
      crashed.computeIfAbsent(last, call -> new AtomicInteger()).incrementAndGet();
      leftAsBefore.addAndGet(state == acknowledged ? 1 : 0);
    }
    return last;
  }

  /** Returns what it printed. */
  private static List<String> crash(Path directory, int point) {
    try {
      Files.createDirectory(directory);
      Process child = TestStore.start(Crasher.class, directory, point);
      try {
        String output = new String(child.getInputStream().readAllBytes(), US_ASCII);
        assertThat(child.waitFor()).as(output).isIn(0, HALTED);
        return output.lines().toList();
      } finally {
        child.destroyForcibly().waitFor();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** How many steps of the {@link Crasher} are there. */
  private static int state(Path directory) {
    Path keyFile = directory.resolve("key/master.key");
    if (!Files.exists(keyFile)) {
      assertThat(TestStore.file(directory.resolve("store"))).doesNotExist();
      return 0;
    }
    MasterKey key = MasterKey.fromFile(keyFile);
    if (!Files.exists(TestStore.file(directory.resolve("store")))) {
      return 1;
    }
    try (FileSecretStore store = FileSecretStore.open(directory.resolve("store"), key)) {
      if (store.listVaults().isEmpty()) {
        return 2;
      }
      if (store.listSecrets("default").isEmpty()) {
        return 3;
      }
      return TestStore.read(store, "default", "one").equals("first") ? 4 : 5;
    }
  }

  /** The next writer finishes the work, and leaves only the files that belong there. */
  private static void finish(Path directory, int state) {
    MasterKey key = MasterKey.createFile(directory.resolve("key/master.key"));
    try (FileSecretStore store = FileSecretStore.create(directory.resolve("store"), key)) {
      TestStore.put(store, "default", "one", "last");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("last");
      assertThat(TestStore.filesIn(directory.resolve("store")))
          .as("state %s", state)
          .hasSize(2);
    } catch (SecretManagerException e) {
      throw new AssertionError("after state " + state, e);
    }
  }

  /** Makes a key, a store, a vault, a secret and its next version, until it halts at a call. */
  static final class Crasher {

    static final int STEPS = 5;

    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      HaltingFiles files = new HaltingFiles(Integer.parseInt(args[1]));
      EnvelopeFixtures.createKeyFile(directory.resolve("key/master.key"), files.recording);
      MasterKey key = MasterKey.fromFile(directory.resolve("key/master.key"));
      System.out.println("done");
      List<Runnable> steps = new ArrayList<>();
      try (FileSecretStore store = FileSecretStore.create(
          directory.resolve("store"), key, TestStore.CLOCK, files.recording, TestStore.PATIENCE)) {
        steps.add(() -> assertThat(store.listVaults()).isEmpty());
        steps.add(() -> store.createVault("default"));
        steps.add(() -> TestStore.put(store, "default", "one", "first"));
        steps.add(() -> TestStore.put(store, "default", "one", "second"));
        for (Runnable step : steps) {
          step.run();
          System.out.println("done");
        }
      }
    }
  }

  /** Counts calls, of which a write is two; prints the name of the one at which it halts. */
  private static final class HaltingFiles {

    private final AtomicInteger left;
    private final RecordingFiles recording = new RecordingFiles(new ForwardingFiles() {
      @Override
      public NewFile create(Path file) throws IOException {
        NewFile created = super.create(file);
        return new NewFile() {
          @Override
          public void write(byte[] bytes) throws IOException {
            if (left.get() == 0) {
              byte[] half = new byte[bytes.length / 2];
              System.arraycopy(bytes, 0, half, 0, half.length);
              created.write(half);
            }
            count("half of write");
            created.write(bytes);
          }

          @Override
          public void force() throws IOException {
            created.force();
          }

          @Override
          public void close() throws IOException {
            created.close();
          }
        };
      }
    });

    private HaltingFiles(int point) {
      this.left = new AtomicInteger(point);
      recording.before = this::count;
    }

    private void count(String call) {
      if (left.getAndDecrement() == 0) {
        System.out.println(call);
        Runtime.getRuntime().halt(HALTED);
      }
    }
  }
}
