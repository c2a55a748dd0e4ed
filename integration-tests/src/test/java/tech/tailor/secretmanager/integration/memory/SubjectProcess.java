package tech.tailor.secretmanager.integration.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/** A running {@link HeapSubject}: tells it what to do, and looks for its secret. */
final class SubjectProcess implements AutoCloseable {

  private static final int LONGEST_RUN_SECONDS = 600;
  private static final String LOG = "gc.log";

  /** A heap large enough that the reads of a test cause no collection. */
  static final List<String> ROOMY = List.of("-Xmx256m", "-Xmn200m", "-XX:MetaspaceSize=128m");

  /** A heap small enough that the reads of a test cause collections. */
  static final List<String> TIGHT = List.of("-Xmx32m", "-Xmn6m");

  private final Process process;
  private final Path directory;
  private final Traces traces;
  private final BufferedReader answers;
  private final Writer commands;
  private final CompletableFuture<Void> watchdog;
  private final @Nullable ReadServer server;

  private SubjectProcess(
      Process process, Path directory, Traces traces, @Nullable ReadServer server) {
    this.server = server;
    this.process = process;
    this.directory = directory;
    this.traces = traces;
    this.answers = process.inputReader(US_ASCII);
    this.commands = process.outputWriter(US_ASCII);
    this.watchdog = CompletableFuture.runAsync(
        process::destroyForcibly,
        CompletableFuture.delayedExecutor(LONGEST_RUN_SECONDS, TimeUnit.SECONDS));
  }

  /**
   * Starts it with a random secret, and returns once it is ready.
   *
   * @param directory an empty one
   */
  static SubjectProcess start(
      Path directory,
      String kind,
      int size,
      String collector,
      List<String> heap,
      long timeToLiveMillis)
      throws IOException {
    byte[] secret = randomSecret(size);
    ReadServer server = null;
    if (ReadServer.serves(kind)) {
      server = new ReadServer(kind, secret, directory);
    } else if (kind.equals("file")) {
      encrypt(secret, directory);
    } else {
      halve(secret, directory);
    }
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+Use" + collector + "GC",
        "-Xlog:gc,gc+heap+coops=debug:file=" + LOG,
        "-cp",
        System.getProperty("java.class.path")));
    command.addAll(heap);
    command.addAll(List.of(
        HeapSubject.class.getName(), kind, directory.toString(), String.valueOf(timeToLiveMillis)));
    Process process = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
    SubjectProcess subject = new SubjectProcess(process, directory, Traces.of(secret), server);
    subject.awaitDone("start");
    return subject;
  }

  /** Has it done, and returns once it is at rest again. */
  void tell(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    awaitDone(command);
  }

  /** How often the collector has stopped it so far. */
  int collections() throws IOException {
    try (Stream<String> lines = Files.lines(directory.resolve(LOG))) {
      return (int) lines.filter(line -> line.contains("Pause ")).count();
    }
  }

  /** What is in all of its heap, what is no longer reachable included. */
  Found inHeapDump() throws IOException {
    return inDump("dump");
  }

  /** What is in its heap after a collection. */
  Found inLiveHeapDump() throws IOException {
    return inDump("dumpLive");
  }

  /** What is in its memory now. A heap dump taken before falsifies it: writing one copies. */
  ProcessMemory.Residue inMemory() throws IOException {
    return new ProcessMemory(process.pid(), directory.resolve(LOG)).search(traces);
  }

  /** Why its memory can't be looked at on this machine, or null if it can. */
  String whyMemoryUnreadable() throws IOException {
    return ProcessMemory.isLinux()
        ? new ProcessMemory(process.pid(), directory.resolve(LOG)).whyUnreadable()
        : "the memory of a process can be read on Linux only";
  }

  @Override
  public void close() throws IOException {
    watchdog.cancel(false);
    process.destroyForcibly().onExit().join(); // and with that has let go of its files
    if (server != null) {
      server.close();
    }
  }

  /** Printable and random, so that no part of it stands anywhere else. */
  static byte[] randomSecret(int size) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    SecureRandom random = new SecureRandom();
    byte[] secret = new byte[size];
    for (int i = 0; i < size; i++) {
      secret[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
    }
    return secret;
  }

  private Found inDump(String command) throws IOException {
    Path dump = directory.resolve("heap.hprof");
    tell(command + " " + dump.getFileName());
    Found found = traces.in(dump);
    Files.delete(dump);
    return found;
  }

  private void awaitDone(String command) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.equals(HeapSubject.DONE)) {
        return;
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("The subject ended at \"" + command + "\", saying:\n" + said);
  }

  private static void encrypt(byte[] secret, Path directory) {
    try (FileSecretStore store = FileSecretStore.create(
            directory.resolve("store"), MasterKey.createFile(directory.resolve("key")));
        SecretValue value = SecretValue.copyOf(secret)) {
      store.createVault(HeapSubject.REF.vault());
      store.createSecret(HeapSubject.REF.vault(), HeapSubject.REF.name(), value);
    }
  }

  private static void halve(byte[] secret, Path directory) throws IOException {
    byte[] half = new byte[secret.length];
    new SecureRandom().nextBytes(half);
    byte[] otherHalf = new byte[secret.length];
    for (int i = 0; i < secret.length; i++) {
      otherHalf[i] = (byte) (secret[i] ^ half[i]);
    }
    Files.write(directory.resolve("half"), half);
    Files.write(directory.resolve("otherHalf"), otherHalf);
  }
}
