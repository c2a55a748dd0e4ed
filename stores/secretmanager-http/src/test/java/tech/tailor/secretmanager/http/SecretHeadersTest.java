package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

class SecretHeadersTest {

  private static final Map<String, ?> BEARER =
      Map.of("Authorization", "Bearer ${secret:api-keys/token}");
  private static final MediaType TEXT = MediaType.get("text/plain");

  private final MockWebServer server = new MockWebServer();
  private final MockWebServer elsewhere = new MockWebServer();
  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final Backend backend = new Backend();
  private final AtomicLong now = new AtomicLong();
  private final SecretManager secretManager =
      SecretManagers.builder(backend).ticker(now::get).build();

  /** The store, which may be down, and counts what it is asked. */
  private final class Backend implements SecretBackend {
    private volatile boolean down;
    private volatile int fetches;

    @Override
    public synchronized Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      fetches++;
      if (down) {
        throw new SecretUnavailableException("The store is down");
      }
      return store.fetch(vault, names);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
    elsewhere.start();
    store.createVault("api-keys");
    store.put("api-keys", "token", "first");
    store.put("api-keys", "signing", "signed");
  }

  @AfterEach
  void stop() {
    secretManager.close();
    server.close();
    elsewhere.close();
  }

  @Test
  void withoutTls_noProxyIsGivenTheHeaders() {
    OkHttpClient client = client(BEARER)
        .newBuilder()
        .proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", elsewhere.getPort())))
        .build();

    assertThatIOException()
        .isThrownBy(() -> get(client, "/", false))
        .withMessageContaining("proxy");
    assertThat(elsewhere.getRequestCount()).isZero();
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void header_isSent_andReadForEachCall() throws Exception {
    OkHttpClient client = client(BEARER);

    assertThat(get(client, "/")).isEqualTo(200);
    store.put("api-keys", "token", "second");
    secretManager.refresh("api-keys", "token");
    assertThat(get(client, "/")).isEqualTo(200);

    assertThat(sent("Authorization")).containsExactly("Bearer first", "Bearer second");
  }

  @Test
  void severalHeaders_andObjects_areSent_andReplaceWhatIsThere() throws Exception {
    OkHttpClient client = client(Map.of(
        "Authorization",
        Map.of("vault", "api-keys", "key", "token"),
        "X-Signature",
        "v1=${secret:api-keys/signing};${secret:api-keys/token}"));

    answer(200);
    try (Response response =
        client.newCall(request("/").header("authorization", "mine").build()).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }

    RecordedRequest request = take(server);
    assertThat(request.getHeaders().values("Authorization")).containsExactly("first");
    assertThat(request.getHeaders().get("X-Signature")).isEqualTo("v1=signed;first");
  }

  @Test
  void refused_isRefreshedOnce_andRepeatedWithTheNewValue() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    answer(401);
    answer(200);
    assertThat(post(client, RequestBody.create("hello", TEXT))).isEqualTo(200);

    List<RecordedRequest> requests = List.of(take(server), take(server));
    assertThat(requests)
        .extracting(request -> request.getHeaders().get("Authorization"))
        .containsExactly("Bearer first", "Bearer second");
    assertThat(requests).extracting(request -> request.getBody().utf8()).containsOnly("hello");
    assertThat(backend.fetches).isEqualTo(2);
  }

  @Test
  void refusedTwice_isNotRepeatedAgain() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    answer(401);
    answer(401);
    assertThat(get(client, "/", false)).isEqualTo(401);

    assertThat(sent("Authorization")).containsExactly("Bearer first", "Bearer second");
  }

  @Test
  void refused_thoughTheValueIsCurrent_isNotSentTwice() throws Exception {
    OkHttpClient client = client(BEARER);

    answer(401);
    try (Response response = client.newCall(request("/").build()).execute()) {
      assertThat(response.code()).isEqualTo(401);
      assertThat(response.body().string()).isEqualTo("the answer");
    }

    assertThat(sent("Authorization")).containsExactly("Bearer first");
    assertThat(backend.fetches).as("asked once more").isEqualTo(2);
  }

  @Test
  void refused_whatAnotherCallHasRefreshed_isTriedWithoutAskingAgain() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    server.setDispatcher(new mockwebserver3.Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        boolean isFirst = "Bearer first".equals(request.getHeaders().get("Authorization"));
        if (isFirst) { // meanwhile, another call
          store.put("api-keys", "token", "second");
          secretManager.refresh("api-keys", "token");
        }
        return new MockResponse.Builder().code(isFirst ? 401 : 200).build();
      }
    });

    assertThat(get(client, "/", false)).isEqualTo(200);
    assertThat(backend.fetches).isEqualTo(2);
  }

  @Test
  void refused_bodyThatCanBeSentOnce_isNotRepeated() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    store.put("api-keys", "token", "second");

    answer(401);
    assertThat(post(client, new OneShotBody())).isEqualTo(401);

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void refused_whileTheStoreIsDown_isTheAnswer() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    backend.down = true;

    answer(401);
    assertThat(get(client, "/", false)).isEqualTo(401);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void refused_andTheSecretIsGone_isTheAnswer_andTheNextCallFails() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    store.deleteSecret("api-keys", "token");

    answer(401);
    assertThat(get(client, "/", false)).isEqualTo(401);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> get(client, "/"))
        .withCauseInstanceOf(SecretNotFoundException.class);
  }

  @Test
  void staleValue_isSent_duringAnOutage() throws Exception {
    OkHttpClient client = client(BEARER);
    secretManager.requireSecret("api-keys", "token").close();
    backend.down = true;
    now.addAndGet(600_000_000_000L);

    assertThat(get(client, "/")).isEqualTo(200);
    assertThat(sent("Authorization")).containsExactly("Bearer first");
  }

  @Test
  void missingSecret_failsTheCall_beforeAnythingIsSent() {
    OkHttpClient client = client(Map.of("Authorization", "Bearer ${secret:api-keys/nothing}"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> get(client, "/"))
        .withMessageContaining("[Authorization]")
        .withMessageContaining("api-keys/nothing")
        .withCauseInstanceOf(SecretNotFoundException.class);
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void missingSecret_reachesTheCallbackOfAnAsynchronousCall() throws Exception {
    OkHttpClient client = client(Map.of("Authorization", "Bearer ${secret:api-keys/nothing}"));
    BlockingQueue<IOException> failures = new LinkedBlockingQueue<>();

    client.newCall(request("/").build()).enqueue(new Callback() {
      @Override
      public void onFailure(Call call, IOException e) {
        failures.add(e);
      }

      @Override
      public void onResponse(Call call, Response response) {
        response.close();
      }
    });

    assertThat(failures.poll(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SecretNotFoundException.class);
  }

  @Test
  void closedManager_failsTheCall() {
    OkHttpClient client = client(BEARER);
    secretManager.close();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> get(client, "/"))
        .withCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void valueThatNoHeaderCanHold_isNotShown() {
    store.put("api-keys", "token", "canary\n");
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> get(client, "/"))
        .withMessageContaining("X-Api-Key")
        .withMessageContaining("line feed")
        .withMessageNotContaining("canary")
        .withNoCause();
  }

  @Test
  void redirectWithinTheOrigin_keepsTheHeader() throws Exception {
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    redirect(server, server.url("/moved"));
    assertThat(get(client, "/")).isEqualTo(200);

    assertThat(sent("X-Api-Key")).containsExactly("first", "first");
  }

  @Test
  void redirectToAnotherOrigin_doesNotCarryTheHeader() throws Exception {
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    redirect(server, elsewhere.url("/"));
    elsewhere.enqueue(new MockResponse.Builder().build());
    assertThat(get(client, "/", false)).isEqualTo(200);

    assertThat(take(server).getHeaders().get("X-Api-Key")).isEqualTo("first");
    assertThat(take(elsewhere).getHeaders().get("X-Api-Key")).isNull();
  }

  @Test
  void control_anInterceptorOfTheApplication_carriesTheHeaderToAnotherOrigin() throws Exception {
    OkHttpClient client = new OkHttpClient.Builder()
        .addInterceptor(chain -> chain.proceed(
            chain.request().newBuilder().header("X-Api-Key", "first").build()))
        .build();

    redirect(server, elsewhere.url("/"));
    elsewhere.enqueue(new MockResponse.Builder().build());
    assertThat(get(client, "/", false)).isEqualTo(200);

    assertThat(take(elsewhere).getHeaders().get("X-Api-Key")).isEqualTo("first");
  }

  @Test
  void redirectAwayAndBack_doesNotGetTheHeaderAgain() throws Exception {
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    redirect(server, elsewhere.url("/"));
    redirect(elsewhere, server.url("/delete-everything"));
    assertThat(get(client, "/")).isEqualTo(200);

    assertThat(sent("X-Api-Key")).containsExactly("first", null);
  }

  @Test
  void callToAnotherOrigin_thatLeadsHere_doesNotGetTheHeader() throws Exception {
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    redirect(elsewhere, server.url("/"));
    answer(200);
    try (Response response =
        client.newCall(new Request.Builder().url(elsewhere.url("/")).build()).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }

    assertThat(take(elsewhere).getHeaders().get("X-Api-Key")).isNull();
    assertThat(sent("X-Api-Key")).containsExactly((String) null);
    assertThat(backend.fetches).isZero();
  }

  @Test
  void refusalByAnotherOrigin_refreshesNothing() throws Exception {
    OkHttpClient client = client(BEARER);

    redirect(server, elsewhere.url("/"));
    elsewhere.enqueue(new MockResponse.Builder().code(401).build());
    assertThat(get(client, "/", false)).isEqualTo(401);

    assertThat(backend.fetches).isEqualTo(1);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void sameHost_atAnotherPort_isAnotherOrigin() throws Exception {
    OkHttpClient client = SecretHeaders.of(secretManager, origin(elsewhere), BEARER)
        .addTo(builder())
        .build();

    assertThat(get(client, "/")).isEqualTo(200);
    assertThat(sent("Authorization")).containsExactly((String) null);
  }

  @Test
  void headersOfOneOrigin_givenInTwoParts_areBothSent() throws Exception {
    OkHttpClient.Builder builder = builder();
    SecretHeaders.of(secretManager, origin(server), BEARER).addTo(builder);
    SecretHeaders.of(
            secretManager, origin(server), Map.of("X-Api-Key", "${secret:api-keys/signing}"))
        .addTo(builder);

    assertThat(get(builder.build(), "/")).isEqualTo(200);

    RecordedRequest request = take(server);
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer first");
    assertThat(request.getHeaders().get("X-Api-Key")).isEqualTo("signed");
  }

  @Test
  void noRequestThatTheCallerSees_hasTheHeaderOrTheValue() throws Exception {
    OkHttpClient client = client(Map.of("X-Api-Key", "${secret:api-keys/token}"));

    redirect(server, server.url("/moved"));
    answer(200);
    List<String> seen = new ArrayList<>();
    try (Response response = client.newCall(request("/").build()).execute()) {
      for (Response at = response; at != null; at = at.priorResponse()) {
        seen.add(at + " " + at.request() + at.request().headers());
        Response network = at.networkResponse();
        if (network != null) {
          seen.add(network + " " + network.request() + network.request().headers());
        }
      }
    }

    assertThat(seen).hasSizeGreaterThan(2).noneMatch(text -> text.contains("first"));
    assertThat(sent("X-Api-Key")).containsExactly("first", "first");
  }

  /** OkHttp runs no network interceptors for them. */
  @Test
  void webSocket_isOpenedWithoutTheHeader() throws Exception {
    OkHttpClient client = client(BEARER);
    BlockingQueue<Integer> opened = new LinkedBlockingQueue<>();
    server.enqueue(
        new MockResponse.Builder().webSocketUpgrade(new WebSocketListener() {}).build());

    WebSocket socket = client.newWebSocket(request("/").build(), new WebSocketListener() {
      @Override
      public void onOpen(WebSocket webSocket, Response response) {
        opened.add(response.code());
      }
    });

    assertThat(opened.poll(10, TimeUnit.SECONDS)).isEqualTo(101);
    assertThat(sent("Authorization")).containsExactly((String) null);
    socket.cancel();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hooks.example.com",
        "ftp://hooks.example.com",
        "https://",
        "https://user@hooks.example.com",
        "https://:hunter2@hooks.example.com",
        "https://hooks.example.com/path",
        "https://hooks.example.com/?a",
        "https://hooks.example.com/#a",
        "http://hooks.example.com",
        "http://10.0.0.1"
      })
  void whatIsNoOrigin_isRefused(String origin) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretHeaders.of(secretManager, origin, BEARER))
        .withMessageContaining("The origin must")
        .withMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.example.com",
        "HTTPS://Hooks.Example.com:443/",
        "http://localhost:80",
        "http://127.0.0.1:8080",
        "http://[::1]:8080"
      })
  void origin_isTaken(String origin) {
    assertThat(SecretHeaders.of(secretManager, origin, BEARER).toString())
        .startsWith("SecretHeaders[OriginHeaders[http")
        .endsWith(", [Authorization], SecretTemplate[api-keys/token]]]");
  }

  @Test
  void headersThatCannotBeSent_areRefused() {
    List<Map<String, ?>> wrong = List.of(
        Map.of(),
        Map.of("X-Api-Key", "plain"),
        Map.of("X-Api-Key", "${secrets:api-keys/token}"),
        Map.of("X-Api-Key", 7),
        Map.of("X-Api-Key", List.of("${secret:api-keys/token}")),
        Map.of("X-Api-Key", "${secret:api-keys/}"),
        Map.of("X-Api-Key", "${secret:api-keys/token}\r\nX-Other: 1"),
        Map.of("X Api Key", "${secret:api-keys/token}"),
        Map.of("", "${secret:api-keys/token}"),
        Map.of("x-api-key", "${secret:api-keys/token}", "X-Api-Key", "${secret:api-keys/token}"));

    for (Map<String, ?> headers : wrong) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretHeaders.of(secretManager, origin(server), headers));
    }
  }

  private OkHttpClient client(Map<String, ?> headers) {
    return SecretHeaders.of(secretManager, origin(server), headers)
        .addTo(builder())
        .build();
  }

  private static OkHttpClient.Builder builder() {
    return new OkHttpClient.Builder();
  }

  private static String origin(MockWebServer server) {
    String url = server.url("/").toString();
    return url.substring(0, url.length() - 1);
  }

  private Request.Builder request(String path) {
    return new Request.Builder().url(server.url(path));
  }

  private int get(OkHttpClient client, String path) throws IOException {
    return get(client, path, true);
  }

  private int get(OkHttpClient client, String path, boolean answered) throws IOException {
    if (answered) {
      answer(200);
    }
    try (Response response = client.newCall(request(path).build()).execute()) {
      return response.code();
    }
  }

  private int post(OkHttpClient client, RequestBody body) throws IOException {
    try (Response response = client.newCall(request("/").post(body).build()).execute()) {
      return response.code();
    }
  }

  private void answer(int status) {
    server.enqueue(new MockResponse.Builder().code(status).body("the answer").build());
  }

  private static void redirect(MockWebServer from, HttpUrl to) {
    from.enqueue(new MockResponse.Builder()
        .code(307)
        .addHeader("Location", to.toString())
        .build());
  }

  /** The header of every request that arrived, in order. */
  private List<@Nullable String> sent(String header) throws InterruptedException {
    List<@Nullable String> sent = new ArrayList<>();
    for (int i = server.getRequestCount(); i > 0; i--) {
      sent.add(take(server).getHeaders().get(header));
    }
    return sent;
  }

  private static RecordedRequest take(MockWebServer server) throws InterruptedException {
    RecordedRequest request = server.takeRequest(10, TimeUnit.SECONDS);
    assertThat(request).isNotNull();
    return request;
  }

  /** As a stream is that can be read once. */
  private static final class OneShotBody extends RequestBody {
    @Override
    public MediaType contentType() {
      return TEXT;
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeUtf8("once");
    }
  }
}
