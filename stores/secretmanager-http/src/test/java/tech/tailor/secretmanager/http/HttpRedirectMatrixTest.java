package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;

/** Neither token nor value goes anywhere but to the endpoint, wherever a reply points. */
@Tag("suite")
class HttpRedirectMatrixTest {

  private final MockWebServer first = new MockWebServer();
  private final MockWebServer second = new MockWebServer();
  private final MockWebServer plain = new MockWebServer();

  @BeforeEach
  void start() throws IOException {
    for (MockWebServer server : List.of(second, plain)) {
      server.setDispatcher(always(MockPlatform.ok("{}")));
    }
    first.useHttps(Certificates.good().sslSocketFactory());
    second.useHttps(Certificates.good().sslSocketFactory());
    first.start();
    second.start();
    plain.start();
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
    plain.close();
  }

  @Test
  void redirect_isNeverFollowed() {
    int cells = 0;
    for (int status : List.of(301, 302, 303, 307, 308)) {
      for (Map.Entry<String, String> target : targets().entrySet()) {
        for (boolean writes : new boolean[] {false, true}) {
          first.setDispatcher(always(redirect(status, target.getValue())));
          int before = first.getRequestCount();
          call(transport(), writes);
          assertThat(first.getRequestCount() - before)
              .as("%s to %s, requests at the endpoint", status, target.getKey())
              .isEqualTo(1);
          cells++;
        }
      }
    }
    int elsewhere = second.getRequestCount() + plain.getRequestCount();
    System.out.println("redirects: " + cells + " cells; requests elsewhere: " + elsewhere);
    assertThat(cells).isEqualTo(60);
    assertThat(elsewhere).isZero();
  }

  @Test
  void control_okHttpAsItComes_followsWithTheBody() throws Exception {
    try (MockWebServer redirecting = new MockWebServer()) {
      redirecting.setDispatcher(always(redirect(307, plain.url("/stolen").toString())));
      redirecting.start();
      Endpoint endpoint = Endpoint.of(redirecting.url("/").uri(), false, "The endpoint");
      call(new CarelessTransport(), endpoint, true);
    }
    RecordedRequest stolen = plain.takeRequest();
    assertThat(stolen.getHeaders().get("X-Tailor-Token")).isEqualTo(MockPlatform.TOKEN);
    assertThat(stolen.getBody().utf8()).contains("canary-of-the-value");
    System.out.println("control, OkHttp as it comes: token and value delivered elsewhere");
  }

  @Test
  void systemProxy_isNotUsed() {
    first.setDispatcher(always(MockPlatform.bare(403)));
    ProxySelector before = ProxySelector.getDefault();
    AtomicInteger asked = new AtomicInteger();
    ProxySelector.setDefault(new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        asked.incrementAndGet();
        return List.of(plain.getProxyAddress());
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException e) {
        asked.incrementAndGet();
      }
    });
    try {
      call(transport(), true);
    } finally {
      ProxySelector.setDefault(before);
    }
    assertThat(asked).hasValue(0);
    assertThat(first.getRequestCount()).isEqualTo(1);
    assertThat(plain.getRequestCount()).isZero();
  }

  private Map<String, String> targets() {
    Map<String, String> targets = new TreeMap<>();
    targets.put("another port", "https://127.0.0.1:" + second.getPort() + "/stolen");
    targets.put("another host", "https://localhost:" + second.getPort() + "/stolen");
    targets.put("plain http", "http://127.0.0.1:" + plain.getPort() + "/stolen");
    targets.put(
        "the endpoint as a user",
        "https://127.0.0.1:" + first.getPort() + "@127.0.0.1:" + second.getPort() + "/stolen");
    targets.put("a relative path", "/elsewhere");
    targets.put("a host without a scheme", "//127.0.0.1:" + second.getPort() + "/stolen");
    return targets;
  }

  private Endpoint endpoint() {
    return Endpoint.of("https://127.0.0.1:" + first.getPort(), false, "The endpoint");
  }

  private OkHttpTransport transport() {
    return new OkHttpTransport(
        endpoint(),
        Duration.ofSeconds(2),
        Tls.standard().trusting(Certificates.trustStore()),
        Proxy.NO_PROXY);
  }

  private void call(Transport transport, boolean writes) {
    call(transport, endpoint(), writes);
  }

  private static void call(Transport transport, Endpoint endpoint, boolean writes) {
    Pauses pauses = new Pauses(System::nanoTime, nanos -> {}, () -> 0);
    ConnectClient client = new ConnectClient(
        endpoint, transport, new FixedToken(MockPlatform.TOKEN), pauses, Clock.systemUTC());
    try (HttpSecretStore store = new HttpSecretStore(
            endpoint,
            MockPlatform.WORKSPACE,
            transport,
            client,
            new RuntimeServiceReads(client),
            Duration.ofSeconds(5),
            System::nanoTime);
        SecretValue value = SecretValue.of("canary-of-the-value")) {
      if (writes) {
        store.createSecret("default", "api-key", value);
      } else {
        store.listVaults();
      }
    } catch (SecretManagerException e) {
      assertThat(e).hasMessageNotContaining("canary").hasNoCause();
    }
  }

  private static MockResponse redirect(int status, String target) {
    return new MockResponse.Builder().code(status).addHeader("Location", target).build();
  }

  private static Dispatcher always(MockResponse response) {
    return new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return response;
      }
    };
  }
}
