package tech.tailor.secretmanager.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * How do I get an access token by OAuth2's client credentials, when the configuration only says
 * where the client's secret is? Take the reference out of it, and borrow the secret for the one
 * request that needs it. It is never a {@code String} here, and a rotated one is found by itself.
 */
public final class LogInToAnAuthServer {

  private LogInToAnAuthServer() {}

  public static void main(String[] args) throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "oidc-client-secret", "made-up-secret");

    try (AuthServer server = new AuthServer("made-up-secret");
        SecretManager secretManager = SecretManagers.open(store)) {
      // As Tailor's Auth service is configured; it may come from JSON or YAML as well.
      Map<String, Object> config = Map.of(
          "client_id", "orders",
          "client_secret", Map.of("vault_name", "default", "secret_name", "oidc-client-secret"),
          "provider_url", server.url());

      System.out.println(logIn(config, secretManager));
      store.put("default", "oidc-client-secret", "next-secret");
      server.secret = "next-secret";
      System.out.println(logIn(config, secretManager));
    }
  }

  private static String logIn(Map<String, Object> config, SecretManager secretManager)
      throws Exception {
    SecretRef clientSecret = SecretTemplate.whole(config.get("client_secret")).orElseThrow();
    URI tokenEndpoint = URI.create(config.get("provider_url") + "/oauth2/token");
    String clientId = (String) config.get("client_id");

    SecretFunction<SecretValue, String, Exception> login =
        secret -> secret.withBytes(bytes -> accessToken(tokenEndpoint, clientId, bytes));
    Predicate<Exception> isRejected = e -> e instanceof InvalidClient;
    return secretManager.withSecret(clientSecret, login, isRejected);
  }

  private static String accessToken(URI endpoint, String clientId, byte[] clientSecret)
      throws Exception {
    byte[] form = form(clientId, clientSecret);
    try {
      HttpRequest request = HttpRequest.newBuilder(endpoint)
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofByteArray(form))
          .build();
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode json = new ObjectMapper().readTree(answer.body());
      if (answer.statusCode() == 200) {
        return json.path("access_token").textValue();
      }
      // RFC 6749 leaves the server the choice of 400 and 401.
      if (json.path("error").asText().equals("invalid_client")) {
        throw new InvalidClient();
      }
      throw new IOException("The authorization server answered " + answer.statusCode());
    } finally {
      Arrays.fill(form, (byte) 0);
    }
  }

  /** Percent-encodes every byte of the secret, which needs no look at what they are. */
  private static byte[] form(String clientId, byte[] clientSecret) {
    byte[] start = ("grant_type=client_credentials&client_id=" + URLEncoder.encode(clientId, UTF_8)
            + "&client_secret=")
        .getBytes(UTF_8);
    byte[] form = Arrays.copyOf(start, start.length + 3 * clientSecret.length);
    int at = start.length;
    for (byte b : clientSecret) {
      form[at++] = '%';
      form[at++] = (byte) Character.forDigit((b >> 4) & 0xf, 16);
      form[at++] = (byte) Character.forDigit(b & 0xf, 16);
    }
    return form;
  }

  /** What the server says to a wrong secret. */
  private static final class InvalidClient extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Stands for the authorization server: it knows one client and its secret. */
  private static final class AuthServer implements AutoCloseable {

    private final HttpServer server;
    private volatile String secret;
    private int granted;

    private AuthServer(String secret) throws IOException {
      this.secret = secret;
      this.server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/oauth2/token", this::answer);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
      String form = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      boolean valid = URLDecoder.decode(form, UTF_8).endsWith("&client_secret=" + secret);
      String json = valid
          ? "{\"token_type\":\"Bearer\",\"access_token\":\"access-token-" + ++granted + "\"}"
          : "{\"error\":\"invalid_client\"}";
      exchange.sendResponseHeaders(valid ? 200 : 400, json.length());
      exchange.getResponseBody().write(json.getBytes(UTF_8));
      exchange.close();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
