package tech.tailor.secretmanager.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

class SecretHeadersRequestFactoryTest {

  private static final Map<String, ?> API_KEY = Map.of("X-Api-Key", "${secret@api-keys/token}");

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final SecretManager secretManager = SecretManagers.open(store);
  private final Server server = new Server();
  private final Server elsewhere = new Server();

  SecretHeadersRequestFactoryTest() throws IOException {}

  /**
   * An answer of a server.
   *
   * @param location where a redirect leads, or null
   */
  private record Answer(int status, @Nullable String location) {}

  /** Remembers what it is sent, and answers 200 where the test says nothing else. */
  private static final class Server implements AutoCloseable {

    private final HttpServer server;
    private final Queue<String> keys = new ConcurrentLinkedQueue<>();
    private final Queue<String> bodies = new ConcurrentLinkedQueue<>();
    private final Queue<Answer> answers = new ArrayDeque<>();

    Server() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", this::answer);
      server.start();
    }

    String origin() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void willAnswer(int status) {
      answers.add(new Answer(status, null));
    }

    void willRedirectTo(String location) {
      answers.add(new Answer(307, location));
    }

    private void answer(HttpExchange exchange) throws IOException {
      List<String> given = exchange.getRequestHeaders().get("X-Api-Key");
      keys.add(given == null ? "none" : String.join(",", given));
      bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      Answer answer = answers.isEmpty() ? new Answer(200, null) : answers.remove();
      if (answer.location() != null) {
        exchange.getResponseHeaders().set("Location", answer.location());
      }
      byte[] body = "the answer".getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @BeforeEach
  void fill() {
    store.createVault("api-keys");
    store.put("api-keys", "token", "first");
  }

  @AfterEach
  void close() {
    secretManager.close();
    server.close();
    elsewhere.close();
  }

  private SecretHeadersRequestFactory factory() {
    return SecretHeadersRequestFactory.of(secretManager, server.origin(), API_KEY);
  }

  private RestClient client() {
    return RestClient.builder().requestFactory(factory()).build();
  }

  private static ResponseEntity<String> get(RestClient client, String uri) {
    return client
        .get()
        .uri(uri)
        .retrieve()
        .onStatus(status -> status.isError(), (request, response) -> {})
        .toEntity(String.class);
  }

  private static int status(RestClient client, String uri) {
    return get(client, uri).getStatusCode().value();
  }

  @Test
  void header_isSent_andReadForEachCall() {
    RestClient client = client();

    assertThat(status(client, server.origin() + "/a?b=c")).isEqualTo(200);
    store.put("api-keys", "token", "second");
    secretManager.refresh("api-keys", "token");
    assertThat(status(client, server.origin())).isEqualTo(200);

    assertThat(server.keys).containsExactly("first", "second");
  }

  @Test
  void header_replacesTheRequestsOwn_alsoWithRestTemplate() {
    client().get().uri(server.origin()).header("x-api-key", "mine").retrieve().toBodilessEntity();
    new RestTemplate(factory()).getForObject(server.origin(), String.class);

    assertThat(server.keys).containsExactly("first", "first");
  }

  @Test
  void callToAnotherServer_isLeftAsItIs() {
    assertThat(status(client(), elsewhere.origin())).isEqualTo(200);

    assertThat(elsewhere.keys).containsExactly("none");
    assertThat(secretManager.cacheStats().loads()).isZero();
  }

  @Test
  void redirect_isTheAnswer_andNobodyElseIsAsked() {
    server.willRedirectTo(elsewhere.origin() + "/collect");
    assertThat(status(client(), server.origin())).isEqualTo(307);

    assertThat(server.keys).containsExactly("first");
    assertThat(elsewhere.keys).isEmpty();
  }

  /** What the class is for: as an interceptor alone is that adds the header. */
  @Test
  void control_anInterceptorOverAClientThatFollows_carriesTheHeaderElsewhere() {
    HttpClient follows =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    RestClient client = RestClient.builder()
        .requestFactory(new JdkClientHttpRequestFactory(follows))
        .requestInterceptor((request, body, execution) -> {
          request.getHeaders().set("X-Api-Key", "first");
          return execution.execute(request, body);
        })
        .build();

    server.willRedirectTo(elsewhere.origin() + "/collect");
    assertThat(status(client, server.origin())).isEqualTo(200);

    assertThat(elsewhere.keys).containsExactly("first");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> factory().withClient(follows))
        .withMessageContaining("Redirect.NEVER");
  }

  /** It would answer a 401 before the rule does. */
  @Test
  void clientWithAnAuthenticator_isRefused() {
    HttpClient answers =
        HttpClient.newBuilder().authenticator(new Authenticator() {}).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> factory().withClient(answers))
        .withMessageContaining("authenticator");
  }

  @Test
  void refused_isRefreshedOnce_andRepeatedWithTheNewValueAndTheBody() {
    RestClient client = client();
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    server.willAnswer(401);
    ResponseEntity<String> answer =
        client.post().uri(server.origin()).body("hello").retrieve().toEntity(String.class);

    assertThat(answer.getStatusCode().value()).isEqualTo(200);
    assertThat(server.keys).containsExactly("first", "second");
    assertThat(server.bodies).containsExactly("hello", "hello");
    assertThat(secretManager.cacheStats().loads()).isEqualTo(2);
  }

  @Test
  void refusedTwice_isNotRepeatedAgain() {
    RestClient client = client();
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    server.willAnswer(401);
    server.willAnswer(401);
    assertThat(status(client, server.origin())).isEqualTo(401);

    assertThat(server.keys).containsExactly("first", "second");
  }

  @Test
  void refused_thoughTheValueIsCurrent_isNotSentTwice() {
    server.willAnswer(401);
    ResponseEntity<String> answer = get(client(), server.origin());

    assertThat(answer.getStatusCode().value()).isEqualTo(401);
    assertThat(answer.getBody()).isEqualTo("the answer");
    assertThat(server.keys).containsExactly("first");
  }

  @Test
  void interceptorsOfTheApplication_seeOneCall_andNoHeader() {
    List<String> seen = new ArrayList<>();
    RestClient client = RestClient.builder()
        .requestFactory(factory())
        .requestInterceptor((request, body, execution) -> {
          seen.add("before " + request.getHeaders());
          var response = execution.execute(request, body);
          seen.add("after " + request.getHeaders() + response.getHeaders());
          return response;
        })
        .build();
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    server.willAnswer(401);
    server.willAnswer(403);
    client
        .get()
        .uri(server.origin())
        .retrieve()
        .onStatus(
            status -> status.isError(), (request, response) -> seen.add("" + request.getHeaders()))
        .toBodilessEntity();

    assertThat(server.keys).containsExactly("first", "second");
    assertThat(seen)
        .hasSize(3)
        .noneMatch(text -> text.toLowerCase(Locale.ROOT).contains("x-api-key"));
  }

  @Test
  void missingSecret_failsTheCall_beforeAnythingIsSent() {
    store.deleteSecret("api-keys", "token");

    assertThatExceptionOfType(ResourceAccessException.class)
        .isThrownBy(() -> get(client(), server.origin()))
        .withRootCauseInstanceOf(SecretNotFoundException.class)
        .withMessageContaining("[X-Api-Key]")
        .withMessageContaining("api-keys/token");
    assertThat(server.keys).isEmpty();
  }

  @Test
  void withoutTls_noProxyIsGivenTheHeaders() {
    HttpClient proxied = HttpClient.newBuilder()
        .proxy(ProxySelector.of(elsewhere.server.getAddress()))
        .build();
    RestClient client =
        RestClient.builder().requestFactory(factory().withClient(proxied)).build();

    assertThatExceptionOfType(ResourceAccessException.class)
        .isThrownBy(() -> get(client, server.origin()))
        .withMessageContaining("proxy");
    assertThat(elsewhere.keys).isEmpty();
    assertThat(server.keys).isEmpty();
  }

  @Test
  void settings_stay_inAnyOrder() {
    HttpClient own = HttpClient.newHttpClient();
    for (Function<SecretHeadersRequestFactory, SecretHeadersRequestFactory> with :
        List.<Function<SecretHeadersRequestFactory, SecretHeadersRequestFactory>>of(
            made -> made.withClient(own).withReadTimeout(Duration.ofMinutes(1)),
            made -> made.withReadTimeout(Duration.ofMinutes(1)).withClient(own))) {
      SecretHeadersRequestFactory made = with.apply(factory());
      assertThat(status(RestClient.builder().requestFactory(made).build(), server.origin()))
          .isEqualTo(200);
      assertThat(made)
          .hasToString("SecretHeadersRequestFactory[OriginHeaders[" + server.origin()
              + ", [X-Api-Key], SecretTemplate[api-keys/token]]]");
    }
  }
}
