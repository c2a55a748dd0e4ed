package tech.tailor.secretmanager.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.http.SecretHeaders;

/**
 * How do I call a webhook whose token is a secret? Give the client a header that refers to it. The
 * client reads the token for each call, reads it again when the server refuses it, and sends it to
 * that server alone.
 */
public final class CallAWebhook {

  private CallAWebhook() {}

  public static void main(String[] args) throws IOException {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("api-keys");
    store.put("api-keys", "external-api-token", "made-up-token");

    try (Receiver receiver = new Receiver("made-up-token");
        SecretManager secretManager = SecretManagers.open(store)) {
      OkHttpClient client = SecretHeaders.of(
              secretManager,
              receiver.origin(),
              Map.of("Authorization", "Bearer ${secret@api-keys/external-api-token}"))
          .addTo(new OkHttpClient.Builder())
          .build();

      System.out.println("delivered: " + deliver(client, receiver));

      store.put("api-keys", "external-api-token", "next-token");
      receiver.token = "next-token";
      System.out.println("delivered after the rotation: " + deliver(client, receiver));
      System.out.println(receiver.requests + " requests, "
          + secretManager.cacheStats().loads() + " calls to the store");
    }
  }

  private static int deliver(OkHttpClient client, Receiver receiver) throws IOException {
    Request request = new Request.Builder()
        .url(receiver.origin() + "/orders")
        .post(RequestBody.create("{\"order\": 7}", MediaType.get("application/json")))
        .build();
    try (Response response = client.newCall(request).execute()) {
      return response.code();
    }
  }

  /** Stands for somebody else's server: it knows one token. */
  private static final class Receiver implements AutoCloseable {

    private final HttpServer server;
    private volatile String token;
    private final AtomicInteger requests = new AtomicInteger();

    private Receiver(String token) throws IOException {
      this.token = token;
      this.server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", this::answer);
      server.start();
    }

    String origin() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
      requests.incrementAndGet();
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(("Bearer " + token).equals(given) ? 204 : 401, -1);
      exchange.close();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
