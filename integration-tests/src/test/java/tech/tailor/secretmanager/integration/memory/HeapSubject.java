package tech.tailor.secretmanager.integration.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * The program whose memory is looked at. It does what the lines of its standard input tell it, one
 * after the other, and answers each with a line once it is done; in between it is at rest. It gets
 * the secret so that nothing it is started with holds it: by decrypting a file, from a server in
 * another process, or in two halves that give it when combined.
 */
final class HeapSubject {

  static final SecretRef REF = SecretRef.of("default", "subject");
  static final String DONE = "done";

  /** What a careless program keeps, where the controls want it to. */
  private static final List<Object> KEPT = new ArrayList<>();

  private HeapSubject() {}

  /** Arguments: the kind of backend, the directory, and the time to live in milliseconds. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[1]);
    SecretManager manager = SecretManagers.builder(backend(args[0], directory))
        .timeToLive(Duration.ofMillis(Long.parseLong(args[2])))
        .maxStale(Duration.ZERO)
        .build();
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println(DONE);
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      obey(line.split(" "), manager, directory);
      System.out.println(DONE);
    }
  }

  private static void obey(String[] command, SecretManager manager, Path directory)
      throws Exception {
    switch (command[0]) {
      case "read", "fetch" ->
        read(
            manager,
            Integer.parseInt(command[1]),
            Integer.parseInt(command[2]),
            command[0].equals("fetch"));
      case "idle" -> Thread.sleep(Long.parseLong(command[1]));
      case "close" -> manager.close();
      case "dump" -> dump(directory.resolve(command[1]), false);
      case "dumpLive" -> dump(directory.resolve(command[1]), true);
      case "keepOnHeap" ->
        KEPT.add(manager.<byte[], RuntimeException>withSecret(REF, HeapSubject::array));
      case "keepOffHeap" ->
        KEPT.add(manager.<ByteBuffer, RuntimeException>withSecret(REF, HeapSubject::buffer));
      case "keepString" -> KEPT.add(manager.withSecret(REF, SecretValue::revealString));
      default -> throw new IllegalArgumentException(command[0]);
    }
  }

  private static SecretBackend backend(String kind, Path directory) throws IOException {
    if (kind.equals("file")) {
      return FileSecretStore.open(
          directory.resolve("store"), MasterKey.fromFile(directory.resolve("key")));
    }
    if (ReadServer.serves(kind)) {
      return ReadServer.isCareless(kind)
          ? ReadServer.careless(directory)
          : ReadServer.store(kind, directory);
    }
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault(REF.vault());
    byte[] secret = Files.readAllBytes(directory.resolve("half"));
    byte[] half = Files.readAllBytes(directory.resolve("otherHalf"));
    for (int i = 0; i < secret.length; i++) {
      secret[i] ^= half[i];
    }
    try (SecretValue value = SecretSupport.adopt(secret, SecretMetadata.unversioned())) {
      store.createSecret(REF.vault(), REF.name(), value);
    }
    return store;
  }

  /**
   * In this thread if it is to be one only.
   *
   * @param asksBackend whether each read has to ask the backend
   */
  private static void read(SecretManager manager, int reads, int threads, boolean asksBackend)
      throws Exception {
    if (threads == 1) {
      read(manager, reads, asksBackend);
      return;
    }
    ExecutorService readers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(readers.submit(() -> read(manager, reads / threads, asksBackend)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      readers.shutdown();
    }
  }

  /** By each of the ways that promise to leave nothing, in turn. */
  private static void read(SecretManager manager, int reads, boolean asksBackend) {
    int sum = 0;
    for (int i = 0; i < reads; i++) {
      if (asksBackend) {
        manager.invalidate(REF);
      }
      if (i % 2 == 0) {
        try (SecretValue value = manager.requireSecret(REF)) {
          sum += value.<Integer, RuntimeException>withBytes(HeapSubject::sum);
        }
      } else {
        sum += manager.<Integer, RuntimeException>withSecret(
            REF, value -> value.<Integer, RuntimeException>withChars(HeapSubject::sum));
      }
    }
    System.out.println("The sum of what was read is " + sum);
  }

  /** What an application does: something with all of the bytes. */
  private static Integer sum(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return sum;
  }

  private static Integer sum(char[] chars) {
    int sum = 0;
    for (char c : chars) {
      sum += c;
    }
    return sum;
  }

  private static byte[] array(SecretValue value) {
    return value.<byte[], RuntimeException>withBytes(byte[]::clone);
  }

  private static ByteBuffer buffer(SecretValue value) {
    return value.<ByteBuffer, RuntimeException>withBytes(
        bytes -> ByteBuffer.allocateDirect(bytes.length).put(bytes));
  }

  /** Of all of the heap, garbage included, or of what is left of it after a collection. */
  private static void dump(Path file, boolean live) throws IOException {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(file.toString(), live);
  }
}
