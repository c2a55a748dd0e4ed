package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretValue;

/**
 * A server that ends its connections, as it does when it restarts: no read fails, no repeat is
 * charged to the budget, and a change that was not sent is sent on a new connection, once.
 */
@Tag("suite")
class ServerRestartTest {

  private static final MockResponse ANSWER = MockPlatform.ok("{\"vault\":"
      + MockPlatform.named("default") + ",\"secret\":" + MockPlatform.named("api-key") + "}");

  private final MockWebServer server = new MockWebServer();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicReference<Runnable> beforeReply = new AtomicReference<>(() -> {});
  private final AtomicInteger pauses = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private Relay relay;
  private OkHttpTransport transport;
  private HttpSecretStore store;

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

  static Stream<Arguments> restarts() {
    List<Arguments> all = new ArrayList<>();
    for (Wire wire : Wire.values()) {
      for (int connections : new int[] {1, 8, 32}) {
        for (boolean reset : new boolean[] {false, true}) {
          all.add(Arguments.of(wire, connections, reset));
        }
      }
    }
    return all.stream();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    if (store != null) {
      store.close();
      relay.close();
    }
    server.close();
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void noRead_fails(Wire wire, int connections, boolean reset) throws Exception {
    start(wire);
    pool(wire, connections);

    relay.cut(reset);
    for (int i = 0; i < connections + 10; i++) {
      assertThat(store.describeVault("default")).isPresent();
    }
    pool(wire, connections);
    relay.cut(reset);
    assertThat(atOnce(connections, () -> store.describeVault("default").isPresent()))
        .doesNotContain(false);

    assertThat(pauses).as("repeats charged to the budget").hasValue(0);
  }

  @ParameterizedTest
  @MethodSource("restarts")
  void noChange_isInDoubt_andEachIsProcessedOnce(Wire wire, int connections, boolean reset)
      throws Exception {
    start(wire);
    pool(wire, connections);
    requests.set(0);

    relay.cut(reset);
    if (wire == Wire.HTTP2_TLS) {
      awaitNotice();
    } else {
      Thread.sleep(50); // what the relay did takes a moment to arrive
    }
    for (int i = 0; i < connections + 10; i++) {
      update();
    }

    assertThat(requests).hasValue(connections + 10);
  }

  /** What was sent may have been processed: a read is repeated, a change is in doubt. */
  @ParameterizedTest
  @EnumSource
  void endAfterTheRequest_leavesAChangeInDoubt(Wire wire) throws Exception {
    start(wire);
    pool(wire, 1);
    requests.set(0);
    beforeReply.set(() -> {
      beforeReply.set(() -> {});
      relay.cut(true);
    });

    assertThatThrownBy(this::update).isInstanceOf(SecretOutcomeUnknownException.class);
    assertThat(requests).hasValue(1);

    pool(wire, 1);
    beforeReply.set(() -> {
      beforeReply.set(() -> {});
      relay.cut(true);
    });
    assertThat(store.describeVault("default")).isPresent();
    assertThat(pauses).hasValue(0);
  }

  /** A server that answers on no connection twice still serves every read. */
  @ParameterizedTest
  @EnumSource
  void serverThatEndsEveryPooledConnection_isNotAskedForEver(Wire wire) throws Exception {
    start(wire);
    pool(wire, 8);
    for (int i = 0; i < 20; i++) {
      assertThat(store.describeVault("default")).isPresent();
      relay.cut(i % 2 == 0);
    }
    assertThat(pauses).hasValue(0);
  }

  /** With HTTP/2 the end is seen by the thread that reads, which has to get its turn. */
  private void awaitNotice() {
    while (transport.openSockets() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void update() {
    try (SecretValue value = SecretValue.of("x")) {
      store.updateSecret("default", "api-key", value);
    }
  }

  private void start(Wire wire) throws Exception {
    if (wire.tls) {
      server.useHttps(Certificates.good().sslSocketFactory());
      server.setProtocols(wire.protocols);
    }
    server.setDispatcher(new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        requests.incrementAndGet();
        beforeReply.get().run();
        return ANSWER;
      }
    });
    server.start();
    relay = new Relay(server.getPort());
    Endpoint endpoint = Endpoint.of(
        (wire.tls ? "https" : "http") + "://127.0.0.1:" + relay.port(), false, "The endpoint");
    transport = new OkHttpTransport(
        endpoint,
        HttpLimits.CALL_TIMEOUT,
        Tls.standard().trusting(Certificates.trustStore()),
        Proxy.NO_PROXY);
    Pauses counted = new Pauses(System::nanoTime, nanos -> pauses.incrementAndGet(), () -> 0.5);
    ConnectClient client =
        new ConnectClient(endpoint, transport, new FixedToken("token"), counted, Clock.systemUTC());
    store = new HttpSecretStore(
        endpoint,
        MockPlatform.WORKSPACE,
        transport,
        client,
        new RuntimeServiceReads(client),
        Duration.ofMinutes(1),
        System::nanoTime);
  }

  /** Fills the pool: the server answers only when all have asked. */
  private void pool(Wire wire, int connections) throws Exception {
    CyclicBarrier all = new CyclicBarrier(connections);
    beforeReply.set(() -> await(all));
    atOnce(connections, () -> store.describeVault("default"));
    beforeReply.set(() -> {});
    assertThat(transport.idleConnections()).isEqualTo(wire == Wire.HTTP2_TLS ? 1 : connections);
  }

  private <T> List<T> atOnce(int count, Callable<T> call) throws Exception {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      futures.add(threads.submit(call));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get());
    }
    return results;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
