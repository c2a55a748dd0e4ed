package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretServerIdentityException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

/**
 * Every fault, by every protocol, in a read and in a change: each cell says which exception, and
 * how many requests arrive. A change arrives once, or not at all where there was nobody to get it.
 */
@Tag("suite")
class HttpFaultMatrixTest {

  /** Enough for a busy machine, and less than the shortest pause that a fault asks for. */
  private static final Duration TIMEOUT = Duration.ofSeconds(6);

  /** Where nothing comes, there is no use in waiting long. */
  private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(1);

  private static final String VALUE = "canary-of-the-value";
  private static final String TOKEN = "canary-of-the-token";
  private static final int ROUNDS = Boolean.getBoolean("deep") ? 20 : 1;

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger cells = new AtomicInteger();
  private final AtomicInteger changes = new AtomicInteger();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final List<Future<?>> underWay = new ArrayList<>();

  /** How client and server speak. */
  enum Wire {
    HTTP1(false, List.of(Protocol.HTTP_1_1)),
    HTTP1_TLS(true, List.of(Protocol.HTTP_1_1)),
    HTTP2_TLS(true, List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));

    private final boolean tls;
    private final List<Protocol> protocols;

    Wire(boolean tls, List<Protocol> protocols) {
      this.tls = tls;
      this.protocols = protocols;
    }
  }

  @AfterEach
  void end() {
    threads.shutdown();
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void everyFault_isWhatItIsSpecifiedToBe(Wire wire) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      for (Fault fault : Fault.all()) {
        Fault.In other = wire == Wire.HTTP2_TLS ? Fault.In.HTTP1 : Fault.In.HTTP2;
        if (fault.in() != other) {
          inParallel(() -> cell(wire, fault, false));
          inParallel(() -> cell(wire, fault, true));
        }
      }
    }
    assertAllRight("faults over " + wire);
    assertThat(cells).hasValueGreaterThanOrEqualTo(180);
  }

  @ParameterizedTest
  @EnumSource(
      value = Wire.class,
      names = {"HTTP1", "HTTP1_TLS"})
  void everyRawFault_isWhatItIsSpecifiedToBe(Wire wire) throws Exception {
    Class<?> unavailable = SecretUnavailableException.class;
    Class<?> protocol = SecretProtocolException.class;
    Class<?> timeout = SecretTimeoutException.class;
    Class<?> unknown = SecretOutcomeUnknownException.class;
    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    raw(
        wire,
        "closed at once",
        unavailable,
        wire.tls ? unavailable : null, // unknown, or before anything was sent
        RawServer.Exchange::reset);
    raw(wire, "reset after the request", unavailable, unknown, exchange -> {
      exchange.readRequest();
      exchange.reset();
    });
    raw(wire, "garbage for a status line", protocol, unknown, exchange -> {
      exchange.readRequest();
      exchange.write("canary-of-the-server garbage\r\n\r\n");
    });
    raw(wire, "a status line without an end", unavailable, unknown, exchange -> {
      exchange.readRequest();
      exchange.write("HTTP/1.1 20");
    });
    raw(wire, "headers without an end", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head);
      exchange.writeForever("X-More: canary-of-the-server\r\n", 1);
    });
    raw(wire, "headers that trickle", timeout, unknown, exchange -> {
      exchange.readRequest();
      exchange.writeForever("H", 100);
    });
    raw(wire, "continue, without an end", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.writeForever("HTTP/1.1 100 Continue\r\n\r\n", 1);
    });
    raw(wire, "early hints without an end", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.writeForever("HTTP/1.1 103 Early Hints\r\n\r\n", 1);
    });
    raw(wire, "a body shorter than it says", unavailable, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head + "Content-Length: 1000\r\n\r\n{\"x\":");
    });
    raw(wire, "a chunk of a bad size", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head + "Transfer-Encoding: chunked\r\n\r\ncanary\r\n{}\r\n0\r\n\r\n");
    });
    raw(wire, "chunks without an end", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"x\":\r\n");
    });
    raw(wire, "a length that is no number", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head + "Content-Length: canary\r\n\r\n{}");
    });
    raw(wire, "a body without length or end", timeout, unknown, exchange -> {
      exchange.readRequest();
      exchange.write(head + "\r\n{\"x\":");
      exchange.stall();
    });
    raw(wire, "nothing, never", timeout, wire.tls ? timeout : unknown, RawServer.Exchange::stall);
    raw(wire, "a switch of protocols", null, unknown, exchange -> {
      exchange.readRequest();
      exchange.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
      exchange.stall();
    });
    assertAllRight("raw faults over " + wire);
  }

  @Test
  void whoeverCannotProveItself_getsNothing() throws Exception {
    Map<String, HandshakeCertificates> certificates = Map.of(
        "expired", Certificates.expired(),
        "of another host", Certificates.ofAnotherHost(),
        "self-signed", Certificates.selfSigned());
    for (Map.Entry<String, HandshakeCertificates> bad : certificates.entrySet()) {
      for (Wire wire : List.of(Wire.HTTP1_TLS, Wire.HTTP2_TLS)) {
        for (boolean writes : new boolean[] {false, true}) {
          try (MockWebServer server = new MockWebServer()) {
            server.useHttps(bad.getValue().sslSocketFactory());
            server.setProtocols(wire.protocols);
            server.start();
            check(
                bad.getKey() + " certificate, " + wire,
                "https://127.0.0.1:" + server.getPort(),
                writes,
                SecretServerIdentityException.class,
                0,
                server::getRequestCount,
                TIMEOUT);
          }
        }
      }
    }
    assertAllRight("certificates");
  }

  @Test
  void noServer_isUnavailable_andAChangeIsNotInDoubt() throws Exception {
    for (boolean writes : new boolean[] {false, true}) {
      RawServer gone = new RawServer(ServerSocketFactory.getDefault(), exchange -> {});
      gone.close();
      check(
          "refused",
          "http://127.0.0.1:" + gone.port(),
          writes,
          SecretUnavailableException.class,
          0,
          gone::requests,
          TIMEOUT);
      check(
          "no such host",
          "https://no-such-host.invalid",
          writes,
          SecretUnavailableException.class,
          0,
          () -> 0,
          TIMEOUT);
      // An alert that no version of TLS is spoken here, as an old server sends it.
      try (RawServer old = new RawServer(ServerSocketFactory.getDefault(), exchange -> {
        exchange.socket.getInputStream().read(new byte[5]);
        exchange.write("\u0015\u0003\u0001\u0000\u0002\u0002\u0046");
      })) {
        check(
            "an older TLS",
            "https://127.0.0.1:" + old.port(),
            writes,
            SecretUnavailableException.class,
            0,
            old::requests,
            TIMEOUT);
      }
      try (RawServer silent =
          new RawServer(ServerSocketFactory.getDefault(), RawServer.Exchange::stall)) {
        check(
            "a handshake that stalls",
            "https://127.0.0.1:" + silent.port(),
            writes,
            SecretTimeoutException.class,
            0,
            silent::requests,
            SHORT_TIMEOUT);
      }
    }
    assertAllRight("no connection");
  }

  /** The same harness, over an OkHttp as it comes: it has to find what it is there to find. */
  @Test
  void control_okHttpAsItComes_isCaught() throws Exception {
    int twice = 0;
    int unchecked = 0;
    for (Fault fault : Fault.all()) {
      if (fault.name().startsWith("503 with Retry-After")
          || fault.name().startsWith("408 with Retry-After")) {
        try (MockWebServer server = server(Wire.HTTP1, fault.response())) {
          Endpoint endpoint = Endpoint.of(server.url("/").uri(), false, "x");
          Run run = run(endpoint, new CarelessTransport(), true, TIMEOUT);
          twice += server.getRequestCount() > 1 ? 1 : 0;
          unchecked += run.thrown instanceof NumberFormatException ? 1 : 0;
        }
      }
    }
    System.out.println("control, OkHttp as it comes: changes sent twice in " + twice
        + " cells, unchecked exceptions in " + unchecked);
    assertThat(twice).isPositive();
    assertThat(unchecked).isPositive();
  }

  /** A cell has a server and a client of its own, and most of its time it waits. */
  private void inParallel(Callable<@Nullable Void> cell) {
    underWay.add(threads.submit(cell));
  }

  private @Nullable Void cell(Wire wire, Fault fault, boolean writes) throws Exception {
    try (MockWebServer server = server(wire, fault.response())) {
      check(
          fault + " over " + wire,
          (wire.tls ? "https" : "http") + "://127.0.0.1:" + server.getPort(),
          writes,
          writes ? fault.write() : fault.read(),
          writes ? 1 : fault.readCalls(),
          server::getRequestCount,
          fault.read() == null || fault.read() == SecretTimeoutException.class
              ? SHORT_TIMEOUT
              : TIMEOUT);
    }
    return null;
  }

  private static MockWebServer server(Wire wire, MockResponse response) throws Exception {
    MockWebServer server = new MockWebServer();
    if (wire.tls) {
      server.useHttps(Certificates.good().sslSocketFactory());
      server.setProtocols(wire.protocols);
    }
    server.setDispatcher(new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return response;
      }

      @Override
      public MockResponse peek() {
        // The mock server knows this effect in HTTP/2 under another name only.
        SocketEffect effect = wire == Wire.HTTP2_TLS ? response.getOnResponseStart() : null;
        return effect == null
            ? super.peek()
            : response.newBuilder().onRequestStart(effect).build();
      }
    });
    server.start();
    return server;
  }

  /**
   * Tries a read and a write. Without a particular type, a read may throw any declared exception.
   */
  private void raw(
      Wire wire,
      String name,
      @Nullable Class<?> read,
      @Nullable Class<?> write,
      RawServer.Behaviour behaviour) {
    ServerSocketFactory sockets = wire.tls
        ? Certificates.good().sslContext().getServerSocketFactory()
        : ServerSocketFactory.getDefault();
    for (boolean writes : new boolean[] {false, true}) {
      inParallel(() -> {
        try (RawServer server = new RawServer(sockets, behaviour)) {
          check(
              name + " over " + wire,
              (wire.tls ? "https" : "http") + "://127.0.0.1:" + server.port(),
              writes,
              writes ? write : read,
              -1,
              server::requests,
              read == null || read == SecretTimeoutException.class ? SHORT_TIMEOUT : TIMEOUT);
        }
        return null;
      });
    }
  }

  private void check(
      String name,
      String url,
      boolean writes,
      @Nullable Class<?> expected,
      int expectedCalls,
      Supplier<Integer> calls,
      Duration timeout) {
    cells.incrementAndGet();
    changes.addAndGet(writes ? 1 : 0);
    Endpoint endpoint = Endpoint.of(url, false, "The endpoint");
    OkHttpTransport transport = new OkHttpTransport(
        endpoint, timeout, Tls.standard().trusting(Certificates.trustStore()), Proxy.NO_PROXY);
    Run run = run(endpoint, transport, writes, timeout);
    String cell = name + ", " + (writes ? "change" : "read") + ": ";
    Class<?> got = run.thrown == null ? Fault.NONE : run.thrown.getClass();
    if (expected == null ? !(run.thrown instanceof SecretManagerException) : got != expected) {
      wrong.add(cell + "expected " + expected + ", got " + run.thrown);
    }
    awaitCalls(expectedCalls, calls);
    if (expectedCalls >= 0 ? calls.get() != expectedCalls : writes && calls.get() > 1) {
      wrong.add(cell + calls.get() + " requests arrived");
    }
    if (transport.connections() != transport.idleConnections()) {
      wrong.add(cell + "a connection is leaked");
    }
    transport.close();
    if (transport.connections() != 0) {
      wrong.add(cell + "a connection is left after close");
    }
    if (run.thrown != null && textOf(run.thrown).contains("canary")) {
      wrong.add(cell + "the exception shows a canary");
    }
    if (run.nanos > timeout.plusSeconds(5).toNanos()) {
      wrong.add(cell + "it took " + Duration.ofNanos(run.nanos));
    }
  }

  /** A server that resets a stream counts the request after the client has heard of it. */
  private static void awaitCalls(int expected, Supplier<Integer> calls) {
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    while (calls.get() < expected && System.nanoTime() - deadlineNanos < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private record Run(@Nullable Throwable thrown, long nanos) {}

  private static Run run(Endpoint endpoint, Transport transport, boolean writes, Duration timeout) {
    Pauses pauses = new Pauses(System::nanoTime, nanos -> {}, () -> 0.5);
    ConnectClient client =
        new ConnectClient(endpoint, transport, new FixedToken(TOKEN), pauses, Clock.systemUTC());
    long begin = System.nanoTime();
    Throwable thrown = null;
    HttpSecretStore store = new HttpSecretStore(
        endpoint,
        MockPlatform.WORKSPACE,
        transport,
        client,
        new RuntimeServiceReads(client),
        timeout,
        System::nanoTime);
    try (SecretValue value = SecretValue.of(VALUE)) {
      if (writes) {
        store.createSecret("default", "api-key", value);
      } else {
        store.describeVault("default");
      }
    } catch (Throwable e) {
      thrown = e;
    }
    return new Run(thrown, System.nanoTime() - begin);
  }

  private static String textOf(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private void assertAllRight(String what) throws Exception {
    for (Future<?> cell : underWay) {
      cell.get();
    }
    System.out.println(
        what + ": " + cells + " cells, of them " + changes + " changes; wrong: " + wrong.size());
    assertThat(wrong).isEmpty();
  }
}
