package tech.tailor.secretmanager.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the launcher runs once to make its cache of loaded classes: common commands, over a store in
 * a temporary directory and over a server of its own that has nothing. It sees none of the user's
 * settings, so none can end up in the cache.
 */
final class Training {

  private static final String EMPTY_PAGE = "{}";

  private Training() {}

  /** Runs it. */
  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    Class.forName(Main.class.getName()); // which nothing else here loads
    Path directory = Files.createTempDirectory("secretmanager", PrivateFile.ownerOnly("rwx------"));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      try (exchange) {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        byte[] body = EMPTY_PAGE.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    });
    server.start();
    try {
      overHttp(server);
      overFile(directory);
    } finally {
      server.stop(0);
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void overHttp(HttpServer server) {
    Map<String, String> environment = Map.of(
        "PLATFORM_URL",
        "http://127.0.0.1:" + server.getAddress().getPort(),
        "TAILOR_PLATFORM_TOKEN",
        "none",
        ConnectionOptions.WORKSPACE,
        "00000000-0000-0000-0000-000000000000");
    run(environment, "vault", "list");
    run(environment, "list", "-V", "default", "--json");
  }

  private static void overFile(Path directory) {
    Map<String, String> environment = Map.of(
        ConnectionOptions.URL,
        StoreFile.SCHEME + directory.resolve("store"),
        ConnectionOptions.KEY_FILE,
        directory.resolve("key").toString());
    run(environment, "init");
    run(environment, "vault", "create", "default");
    run(environment, "put", "default/trained");
    run(environment, "secret", "list", "-V", "default");
    run(environment, "list", "-V", "default", "--json");
    run(environment, "get", "default/trained", "--reveal");
    run(environment, "run", "--env", "A=default/trained", "--", "true");
    run(environment, "list", "-V", "no-such");
    run(environment, "--help");
    run(environment, "--version");
  }

  private static void run(Map<String, String> environment, String... arguments) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Io io = new Io(
        new ByteArrayInputStream("trained\n".getBytes(StandardCharsets.UTF_8)),
        nowhere,
        nowhere,
        environment,
        new SystemTerminal(),
        Clock.systemUTC(),
        false);
    new Cli(io).run(List.of(arguments).toArray(String[]::new));
  }
}
