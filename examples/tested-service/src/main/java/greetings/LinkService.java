package greetings;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.client.SecretManagers;

/** Answers {@code GET /sign/PATH} on the loopback address with the signed path. */
final class LinkService implements AutoCloseable {

  private static final String PREFIX = "/sign";

  private final HttpServer server;
  private final SignedLinks links;

  private LinkService(HttpServer server, SecretManager secrets) {
    this.server = server;
    this.links = new SignedLinks(secrets);
  }

  /**
   * Starts to answer.
   *
   * @param port 0 for any that is free
   * @param secrets stays the caller's to close, after this
   */
  static LinkService start(int port, SecretManager secrets) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    LinkService service = new LinkService(server, secrets);
    server.createContext(PREFIX, service::answer);
    server.start();
    return service;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        String path = exchange.getRequestURI().getPath().substring(PREFIX.length());
        send(exchange, 200, links.sign(path));
      } catch (SecretManagerException e) { // its message holds no value
        send(exchange, 503, e.getMessage());
      } catch (GeneralSecurityException e) {
        send(exchange, 500, "The link could not be signed");
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** The environment says which store there is: see docs/environment.md. */
  public static void main(String[] args) throws IOException {
    SecretManager secrets = SecretManagers.fromEnvironment();
    LinkService service = start(args.length == 0 ? 0 : Integer.parseInt(args[0]), secrets);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      service.close();
      secrets.close();
    }));
    System.out.println("http://127.0.0.1:" + service.port() + PREFIX);
  }
}
