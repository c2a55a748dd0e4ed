package tech.tailor.secretmanager.integration.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * Server in this process that a subject in another process reads from: the emulator, which seals;
 * or, for the control, one that answers in clear.
 *
 * <p>A kind is {@code http} (HTTP/1.1), {@code https} (HTTP/2 in TLS) or {@code https1} (HTTP/1.1
 * in TLS). The suffix {@code -script} selects reads by the function runtime; the prefix
 * {@code careless-} selects the control.
 */
final class ReadServer implements AutoCloseable {

  private static final String SETTINGS = "server.properties";
  private static final String TRUST_STORE = "trust.p12";
  private static final String CARELESS = "careless-";

  private final SecretManagerEmulator emulator;
  private final HttpServer careless;
  private final @Nullable TlsFront tls;

  /** Starts it, and leaves in the directory what {@link #store} and {@link #careless} need. */
  ReadServer(String kind, byte[] secret, Path directory) throws IOException {
    String text = new String(secret, US_ASCII);
    emulator = SecretManagerEmulator.start();
    emulator.put(HeapSubject.REF.vault(), HeapSubject.REF.name(), text);
    careless = carelessServer("{\"value\":\"" + text + "\"}");
    URI plain = isCareless(kind)
        ? URI.create("http://127.0.0.1:" + careless.getAddress().getPort())
        : emulator.endpoint();
    if (!kind.contains("https")) {
      tls = null;
    } else {
      boolean http1 = isCareless(kind) || kind.equals("https1");
      tls = http1 ? new TlsFront(plain, "http/1.1") : new TlsFront(plain, "h2", "http/1.1");
      tls.writeTrustStore(directory.resolve(TRUST_STORE));
    }
    Properties settings = new Properties();
    settings.setProperty("endpoint", (tls == null ? plain : tls.endpoint()).toString());
    settings.setProperty("workspaceId", emulator.workspaceId());
    settings.setProperty("token", emulator.adminToken());
    try (OutputStream out = Files.newOutputStream(directory.resolve(SETTINGS))) {
      settings.store(out, null);
    }
  }

  /** Whether a subject of that kind has to have a server. */
  static boolean serves(String kind) {
    return kind.contains("http");
  }

  static boolean isCareless(String kind) {
    return kind.startsWith(CARELESS);
  }

  /** In the subject: a store of ours that reads from the server. */
  static HttpSecretStore store(String kind, Path directory) throws IOException {
    Properties settings = settings(directory);
    HttpSecretStore.Builder builder = HttpSecretStore.builder()
        .endpoint(settings.getProperty("endpoint"))
        .workspaceId(settings.getProperty("workspaceId"))
        .accessToken(AccessTokenSource.of(settings.getProperty("token")))
        .readMode(kind.endsWith("-script") ? ReadMode.FUNCTION_RUNTIME : ReadMode.RUNTIME_SERVICE);
    KeyStore trusted = trustStore(directory);
    return trusted == null ? builder.build() : builder.trustStore(trusted).build();
  }

  /** In the subject: a backend that reads from the server as one does without a thought. */
  static CarelessBackend careless(Path directory) throws IOException {
    return new CarelessBackend(settings(directory).getProperty("endpoint"), trustStore(directory));
  }

  @Override
  public void close() throws IOException {
    if (tls != null) {
      tls.close();
    }
    emulator.close();
    careless.stop(0);
  }

  private static Properties settings(Path directory) throws IOException {
    Properties settings = new Properties();
    try (InputStream in = Files.newInputStream(directory.resolve(SETTINGS))) {
      settings.load(in);
    }
    return settings;
  }

  private static @Nullable KeyStore trustStore(Path directory) throws IOException {
    Path file = directory.resolve(TRUST_STORE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return KeyStore.getInstance(file.toFile(), TlsFront.TRUST_STORE_PASSWORD);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static HttpServer carelessServer(String json) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = json.getBytes(US_ASCII);
    server.createContext("/", exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    });
    server.start();
    return server;
  }
}
