package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ServerSocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okio.Buffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

/** Name resolution, proxies, and the guard. */
class OkHttpTransportTest {

  private static final String REPLY =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + "Content-Length: 2\r\n\r\n{}";

  /** Without a bound, the call would never end: the resolver does not. */
  @Test
  void nameThatIsNotResolved_endsWithTheCall_andIsAskedForOnce() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger lookups = new AtomicInteger();
    Dns hanging = name -> {
      lookups.incrementAndGet();
      await(end);
      throw new UnknownHostException(name);
    };
    OkHttpTransport transport = transport("https://secrets.example", Proxy.NO_PROXY, hanging);
    try {
      for (int i = 0; i < 3; i++) {
        NoReplyException failure = catchThrowableOfType(
            NoReplyException.class, () -> send(transport, "https://secrets.example", 200));
        assertThat(failure.reason()).isEqualTo(NoReplyException.Reason.TIMEOUT);
        assertThat(failure.sent()).isFalse();
      }
      assertThat(lookups).hasValue(1);
    } finally {
      end.countDown();
      transport.close();
    }
  }

  @Test
  void lookup_inheritsNothingOfTheCaller() throws Exception {
    InheritableThreadLocal<String> callers = new InheritableThreadLocal<>();
    callers.set("of the caller");
    AtomicReference<Object> inherited = new AtomicReference<>();
    try (RawServer server = serving()) {
      OkHttpTransport transport =
          transport("http://localhost:" + server.port(), Proxy.NO_PROXY, name -> {
            inherited.set(callers.get());
            return List.of(InetAddress.getLoopbackAddress());
          });
      assertThat(send(transport, "http://localhost:" + server.port(), 5_000).status())
          .isEqualTo(200);
      transport.close();
    }
    assertThat(inherited).hasValue(null);
  }

  @Test
  void systemThatGivesNoThread_failsTheLookup_andNotTheNextOne() throws Exception {
    AtomicBoolean full = new AtomicBoolean(true);
    List<InetAddress> addresses = List.of(InetAddress.getLoopbackAddress());
    BoundedDns dns = new BoundedDns(name -> addresses, Duration.ofSeconds(30), lookup -> {
      if (full.get()) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      new Thread(lookup).start();
    });

    assertThatThrownBy(() -> dns.lookup("secrets.example"))
        .isInstanceOf(BoundedDns.NoThreadException.class);
    full.set(false);
    assertThat(dns.lookup("secrets.example")).isEqualTo(addresses);
  }

  @Test
  void memoryThatRunsOutBeforeARequestIsSent_isAFailureThatSentNothing() {
    OkHttpTransport transport = transport("https://secrets.example", Proxy.NO_PROXY, Dns.SYSTEM);
    Map<String, String> headers = new AbstractMap<>() {
      @Override
      public Set<Map.Entry<String, String>> entrySet() {
        throw new OutOfMemoryError("made up");
      }
    };
    NoReplyException failure = catchThrowableOfType(
        NoReplyException.class,
        () -> transport.send(
            new Transport.Request(
                "https://secrets.example/x", "application/json", null, "token", headers, 1, false),
            Deadline.after(Duration.ofSeconds(30), System::nanoTime)));
    transport.close();

    assertThat(failure.reason()).isEqualTo(NoReplyException.Reason.UNREACHABLE);
    assertThat(failure.sent()).isFalse();
  }

  @Test
  void memoryThatRunsOutAfterARequestIsSent_leavesItInDoubt() {
    try (RawServer server = serving()) {
      String url = "http://127.0.0.1:" + server.port();
      MeteredSockets sockets = new MeteredSockets(Proxy.NO_PROXY);
      OutOfMemoryError error = new OutOfMemoryError("made up");
      OkHttpClient client = new OkHttpClient.Builder()
          .socketFactory(sockets)
          .addNetworkInterceptor(new RequestGuard(Endpoint.of(url, false, "The endpoint"), sockets))
          .addNetworkInterceptor(chain -> {
            chain.proceed(chain.request()).close();
            throw error;
          })
          .build();
      try (Exchange exchange = new Exchange()) {
        okhttp3.Request.Builder request = new okhttp3.Request.Builder().url(url);
        RequestGuard.tag(request, exchange, "token", false);
        Call call = client.newCall(request.build());

        assertThatThrownBy(call::execute).isSameAs(error);
        assertThat(exchange.mayBeProcessed(error)).isTrue();
      }
      client.connectionPool().evictAll();
    }
  }

  @ParameterizedTest
  @CsvSource({"true, 407", "false, 407", "true, 403", "true, 400"})
  void proxyThatRefuses_isNamed_andNotAskedAgain(boolean tls, int status) {
    try (RawServer proxy = new RawServer(ServerSocketFactory.getDefault(), exchange -> {
      exchange.readRequest();
      exchange.write("HTTP/1.1 " + status + " canary\r\nProxy-Authenticate: Basic realm=canary\r\n"
          + "Connection: close\r\nContent-Length: 6\r\n\r\ncanary");
    })) {
      HttpSecretStore store = store(
          tls ? "https://secrets.example" : "http://127.0.0.1:1",
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.port())));
      try (SecretValue value = SecretValue.of("x")) {
        assertThatThrownBy(() -> store.describeVault("default"))
            .isInstanceOf(SecretProtocolException.class)
            .hasMessageContaining(
                "the proxy 127.0.0.1:" + proxy.port() + " answered HTTP " + status)
            .hasMessageContaining("1 attempt]")
            .hasMessageNotContaining("canary");
        assertThat(proxy.requests()).isEqualTo(1);
        assertThatThrownBy(() -> store.createSecret("default", "api-key", value))
            .isInstanceOf(SecretProtocolException.class);
        assertThat(proxy.requests()).isEqualTo(2);
      }
      store.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void proxyThatCantConnect_isNamed_andAskedAgain(int status) {
    try (RawServer proxy = new RawServer(ServerSocketFactory.getDefault(), exchange -> {
      exchange.readRequest();
      exchange.write("HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n\r\n");
    })) {
      HttpSecretStore store = store(
          "https://secrets.example",
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.port())));
      assertThatThrownBy(() -> store.describeVault("default"))
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageContaining("the proxy 127.0.0.1:" + proxy.port() + " answered HTTP " + status);
      assertThat(proxy.requests()).isEqualTo(3);
      store.close();
    }
  }

  @Test
  void socksProxy_resolvesTheName_andIsMetered() throws Exception {
    AtomicReference<String> asked = new AtomicReference<>();
    try (RawServer proxy = new RawServer(ServerSocketFactory.getDefault(), exchange -> {
      DataInputStream in = new DataInputStream(exchange.socket.getInputStream());
      in.readByte();
      in.readNBytes(in.readUnsignedByte()); // the logins that are offered
      exchange.write("\u0005\u0000");
      in.readNBytes(4); // connect, to a name
      asked.set(
          new String(in.readNBytes(in.readUnsignedByte()), UTF_8) + ":" + in.readUnsignedShort());
      exchange.write("\u0005\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000");
      exchange.readRequest();
      exchange.write(REPLY);
    })) {
      OkHttpTransport transport = transport(
          "http://localhost:7",
          new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("127.0.0.1", proxy.port())),
          name -> {
            throw new UnknownHostException(name);
          });
      assertThat(send(transport, "http://localhost:7", 5_000).status()).isEqualTo(200);
      assertThat(asked).hasValue("localhost:7");
      assertThat(transport.openSockets()).isEqualTo(1);
      transport.close();
      assertThat(transport.openSockets()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[0:0:0:0:0:0:0:1]", "[::1]", "[::0001]"})
  void addressInAnySpelling_isTheEndpoint(String host) throws Exception {
    try (RawServer server =
        new RawServer(ServerSocketFactory.getDefault(), InetAddress.getByName("::1"), exchange -> {
          exchange.readRequest();
          exchange.write(REPLY);
        })) {
      String url = "http://" + host + ":" + server.port();
      OkHttpTransport transport = transport(url, Proxy.NO_PROXY, Dns.SYSTEM);
      assertThat(send(transport, url, 5_000).status()).isEqualTo(200);
      transport.close();
    }
  }

  @Test
  void requestToAnotherServer_isHeldBack_andNotRepeated() {
    try (RawServer other = serving()) {
      OkHttpTransport transport = transport("https://secrets.example", Proxy.NO_PROXY, Dns.SYSTEM);
      NoReplyException failure = catchThrowableOfType(
          NoReplyException.class, () -> send(transport, "http://127.0.0.1:" + other.port(), 5_000));
      assertThat(failure.reason()).isEqualTo(NoReplyException.Reason.ELSEWHERE);
      assertThat(failure.sent()).isFalse();
      assertThat(other.requests()).isZero();
      assertThat(Verdict.ofNoReply(failure.reason(), false)).isEqualTo(Verdict.PROTOCOL);
      transport.close();
    }
  }

  /** The thread that reads HTTP/2 waits for callers; they must never wait for each other. */
  @ParameterizedTest
  @CsvSource({"HTTP_1_1, 64, 2", "HTTP_1_1, 8192, 8", "HTTP_2, 0, 16"})
  void largestReplies_arriveWhole_manyAtOnce(Protocol protocol, int chunkBytes, int count)
      throws Exception {
    requireLargestReplies(protocol, chunkBytes, count);
  }

  @Test
  @Tag("suite")
  void largestReplies_arriveWhole_asManyAsThereMayBe() throws Exception {
    requireLargestReplies(Protocol.HTTP_2, 0, HttpLimits.IN_FLIGHT);
  }

  private static void requireLargestReplies(Protocol protocol, int chunkBytes, int count)
      throws Exception {
    byte[] largest = "x".repeat(HttpLimits.ANSWER_BYTES).getBytes(UTF_8);
    Buffer body = new Buffer().write(largest);
    MockResponse response = chunkBytes == 0
        ? new MockResponse.Builder().body(body).build()
        : new MockResponse.Builder().chunkedBody(body, chunkBytes).build();
    ExecutorService threads = Executors.newFixedThreadPool(HttpLimits.IN_FLIGHT);
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(Certificates.good().sslSocketFactory());
      server.setProtocols(
          protocol == Protocol.HTTP_2
              ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
              : List.of(Protocol.HTTP_1_1));
      server.setDispatcher(new Dispatcher() {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
          return response;
        }
      });
      server.start();
      String url = "https://127.0.0.1:" + server.getPort();
      OkHttpTransport transport = new OkHttpTransport(
          Endpoint.of(url, false, "The endpoint"),
          Duration.ofSeconds(30),
          Tls.standard().trusting(Certificates.trustStore()),
          Proxy.NO_PROXY);
      List<Future<Transport.Reply>> replies = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        replies.add(threads.submit(() -> send(transport, url, 120_000)));
      }
      for (Future<Transport.Reply> reply : replies) {
        assertThat(reply.get().body()).isEqualTo(largest);
      }
      transport.close();
    } finally {
      threads.shutdownNow();
    }
  }

  /** A token may come from another server than the endpoint. */
  @Test
  void transportOfAPlainEndpoint_callsByTlsToo() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(Certificates.good().sslSocketFactory());
      server.enqueue(new MockResponse.Builder().body("by TLS").build());
      server.start();
      OkHttpTransport transport = new OkHttpTransport(
          Endpoint.of("http://127.0.0.1:1", false, "The endpoint"),
          Duration.ofSeconds(30),
          Tls.standard().trusting(Certificates.trustStore()),
          Proxy.NO_PROXY);
      Transport.Request request = new Transport.Request(
          "https://127.0.0.1:" + server.getPort(),
          "application/json",
          null,
          null,
          Map.of(),
          100,
          true);
      assertThat(transport
              .send(request, Deadline.after(Duration.ofSeconds(30), System::nanoTime))
              .body())
          .asString()
          .isEqualTo("by TLS");
      transport.close();
    }
  }

  private static RawServer serving() {
    return new RawServer(ServerSocketFactory.getDefault(), exchange -> {
      exchange.readRequest();
      exchange.write(REPLY);
    });
  }

  private static OkHttpTransport transport(String url, Proxy proxy, Dns resolver) {
    return new OkHttpTransport(
        Endpoint.of(url, false, "The endpoint"),
        Duration.ofSeconds(30),
        Tls.standard(),
        proxy,
        resolver);
  }

  private static HttpSecretStore store(String url, Proxy proxy) {
    Endpoint endpoint = Endpoint.of(url, false, "The endpoint");
    OkHttpTransport transport = transport(url, proxy, Dns.SYSTEM);
    ConnectClient client = new ConnectClient(
        endpoint,
        transport,
        new FixedToken("token"),
        new Pauses(System::nanoTime, nanos -> {}, () -> 0.5),
        Clock.systemUTC());
    return new HttpSecretStore(
        endpoint,
        MockPlatform.WORKSPACE,
        transport,
        client,
        new RuntimeServiceReads(client),
        HttpLimits.CALL_TIMEOUT,
        System::nanoTime);
  }

  private static Transport.Reply send(OkHttpTransport transport, String url, long millis)
      throws NoReplyException {
    return transport.send(
        new Transport.Request(
            url + "/x",
            "application/json",
            "{}".getBytes(UTF_8),
            "token",
            Map.of(),
            HttpLimits.ANSWER_BYTES,
            true),
        Deadline.after(Duration.ofMillis(millis), System::nanoTime));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
