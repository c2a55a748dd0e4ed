package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A flood, by those without a token and by one who has one, and hundreds who begin a request and
 * never end it: one good client goes on being answered.
 */
@Tag("suite")
class OverloadTest {

  private static final int SECONDS = Boolean.getBoolean("deep") ? 600 : 60;
  private static final int SLOW_CONNECTIONS = 1_000;
  private static final int FLOODERS = 4;

  /** Half a request line, and half of a header. */
  private static final List<String> BEGINNINGS = List.of(
      "POST /tailor.v1.Opera",
      "POST /tailor.v1.OperatorService/GetSecretManagerVault HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
      "PRI * HTTP/2.0\r\n\r\nSM",
      "");

  @Test
  void goodClient_isAnswered_whateverOthersDo() throws Exception {
    try (SecretManagerEmulator emulator =
        SecretManagerEmulator.builder().callsPerSecond(2_000).start()) {
      emulator.put("default", "api-key", "a made-up value");
      String flooding = emulator.tokenFor(EmulatorRole.VIEWER).issue();
      Report report = run(emulator, flooding);

      System.out.println("Overload: " + report);
      assertThat(report.failed).isZero();
      assertThat(report.answered).isGreaterThan(SECONDS);
      assertThat(report.slowOpened).isGreaterThanOrEqualTo(SLOW_CONNECTIONS);
      assertThat(report.refusedForToken).isGreaterThan(SECONDS);
      assertThat(report.threads).isLessThan(100);
      assertThat(report.mostConnections)
          .as("512, and on each thread one that has come and makes another go")
          .isLessThanOrEqualTo(512 + report.threads);
    }
  }

  /** With 64 threads that wait for bodies, and no doorman, nobody else would be served. */
  @Test
  void control_whoHoldsEveryConnection_isSeenToBlockAServerWithoutADoorman() throws Exception {
    ServerSocket naive = new ServerSocket(0, 1_024);
    ExecutorService four = Executors.newFixedThreadPool(4);
    Thread accepting = new Thread(() -> {
      try {
        while (true) {
          Socket accepted = naive.accept();
          four.execute(() -> readForEver(accepted));
        }
      } catch (IOException e) {
        // Closed, at the end.
      }
    });
    accepting.start();
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        held.add(slow(naive.getLocalPort(), "POST /"));
      }
      try (Socket good = slow(naive.getLocalPort(), "GET / HTTP/1.1\r\n\r\n")) {
        good.setSoTimeout(2_000);
        boolean answered;
        try {
          answered = good.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
          answered = false;
        }
        assertThat(answered).isFalse();
      }
    } finally {
      naive.close();
      for (Socket socket : held) {
        socket.close();
      }
      four.shutdownNow();
      accepting.join();
    }
  }

  private static void readForEver(Socket socket) {
    try (socket) {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int b = socket.getInputStream().read();
        if (b < 0) {
          return;
        }
        head.append((char) b);
      }
      socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(ISO_8859_1));
    } catch (IOException e) {
      // Whoever held it has gone.
    }
  }

  /** What a run gave. */
  private record Report(
      int answered,
      int failed,
      long slowOpened,
      long refusedForToken,
      long refusedForRate,
      long flooded,
      int mostConnections,
      int threads,
      long p50Micros,
      long p99Micros,
      long maxMicros) {}

  private static Report run(SecretManagerEmulator emulator, String flooding) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong opened = new AtomicLong();
    AtomicLong refusedForToken = new AtomicLong();
    AtomicLong refusedForRate = new AtomicLong();
    AtomicLong flooded = new AtomicLong();
    ExecutorService others = Executors.newCachedThreadPool();
    List<Future<?>> running = new ArrayList<>();
    running.add(others.submit(() -> {
      holdConnections(emulator, over, opened);
      return null;
    }));
    for (int i = 0; i < FLOODERS; i++) {
      String token = i % 2 == 0 ? "nobodys-token-nobodys-token" : flooding;
      running.add(others.submit(() -> {
        Connect client = Connect.to(emulator, token);
        while (!over.get()) {
          try {
            int status = client
                .call("GetSecretManagerVault", Map.of("secretmanagerVaultName", "default"))
                .status();
            (status == 401 ? refusedForToken : status == 429 ? refusedForRate : flooded)
                .incrementAndGet();
          } catch (UncheckedIOException e) {
            // A flooder may be shown out.
          }
        }
        return null;
      }));
    }
    Report report;
    try {
      report = goodClient(emulator, over, opened, refusedForToken, refusedForRate, flooded);
    } finally {
      over.set(true);
      others.shutdown();
    }
    for (Future<?> future : running) {
      future.get(60, TimeUnit.SECONDS);
    }
    return report;
  }

  private static Report goodClient(
      SecretManagerEmulator emulator,
      AtomicBoolean over,
      AtomicLong opened,
      AtomicLong refusedForToken,
      AtomicLong refusedForRate,
      AtomicLong flooded)
      throws InterruptedException, IOException {
    Connect good = Connect.to(emulator);
    List<Long> micros = new ArrayList<>();
    int failed = 0;
    int mostConnections = 0;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < end) {
      long begun = System.nanoTime();
      Reader reader = new Reader("KEM_X25519");
      Map<String, ?> request = reader.request("default", List.of("api-key"));
      long asked = System.nanoTime();
      Connect.Reply reply = good.call("GetSecrets", request);
      micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - asked));
      boolean right = reply.status() == 200
          && reader
              .open(reply.body(), emulator.workspaceId(), "default", List.of("api-key"))
              .equals(Map.of("api-key", "a made-up value"));
      failed += right ? 0 : 1;
      mostConnections = Math.max(mostConnections, emulator.connections());
      TimeUnit.NANOSECONDS.sleep(
          Math.max(0, TimeUnit.MILLISECONDS.toNanos(20) - (System.nanoTime() - begun)));
    }
    int threads = threads();
    over.set(true);
    long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
    return new Report(
        micros.size(),
        failed,
        opened.get(),
        refusedForToken.get(),
        refusedForRate.get(),
        flooded.get(),
        mostConnections,
        threads,
        sorted[sorted.length / 2],
        sorted[(int) (sorted.length * 0.99)],
        sorted[sorted.length - 1]);
  }

  /** Opens connections that say half of something; whoever is shown out comes again. */
  private static void holdConnections(
      SecretManagerEmulator emulator, AtomicBoolean over, AtomicLong opened)
      throws IOException, InterruptedException {
    Socket[] held = new Socket[SLOW_CONNECTIONS];
    try {
      int at = 0;
      while (!over.get()) {
        int slot = at % SLOW_CONNECTIONS;
        if (held[slot] != null) {
          try {
            // One byte more, which keeps the connection from being idle.
            held[slot].getOutputStream().write('x');
          } catch (SocketException e) {
            held[slot].close();
            held[slot] = null;
          }
        }
        if (held[slot] == null) {
          held[slot] = slow(emulator.endpoint().getPort(), BEGINNINGS.get(at % BEGINNINGS.size()));
          opened.incrementAndGet();
        }
        at++;
        if (at % 50 == 0) {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    } finally {
      for (Socket socket : Arrays.asList(held)) {
        if (socket != null) {
          socket.close();
        }
      }
    }
  }

  private static Socket slow(int port, String beginning) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    try {
      socket.getOutputStream().write(beginning.getBytes(ISO_8859_1));
    } catch (SocketException e) {
      // Shown out already.
    }
    return socket;
  }

  /** The emulator's threads. */
  private static int threads() throws IOException {
    Path tasks = Path.of("/proc/self/task");
    if (!Files.isDirectory(tasks)) {
      return (int) Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith("secretmanager-emulator"))
          .count();
    }
    try (Stream<Path> all = Files.list(tasks)) {
      int threads = 0;
      for (Path task : all.toList()) {
        threads += Files.readString(task.resolve("comm")).startsWith("secretmanager-e") ? 1 : 0;
      }
      return threads;
    }
  }
}
