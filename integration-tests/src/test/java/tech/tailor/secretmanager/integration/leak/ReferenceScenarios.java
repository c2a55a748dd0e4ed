package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.declare.DeclarationExports;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.http.SecretHeaders;

/**
 * The secret behind references, well and badly written, in request headers, and in a store whose
 * declaration is exported.
 */
final class ReferenceScenarios {

  private static final String VAULT = "default";
  private static final String NAME = "api-key";
  private static final String REFERENCE = "${secret:default/api-key}";

  private final String secret;
  private final List<Scenarios.Scenario> scenarios = new ArrayList<>();

  private ReferenceScenarios(String secret) {
    this.secret = secret;
  }

  static List<Scenarios.Scenario> around(String secret) {
    ReferenceScenarios scenarios = new ReferenceScenarios(secret);
    scenarios.addReferences();
    scenarios.addRefusedText();
    scenarios.addHeaders();
    scenarios.addExports();
    return scenarios.scenarios;
  }

  private void addReferences() {
    for (String malformed : List.of(
        "${secret:default/api-key:-" + secret + "}",
        "${secret:default/api-key " + secret + "}",
        "${secret:}" + secret,
        "${secret@default/api-key:-" + secret + "}",
        "${secret@" + secret,
        secret + "\ufffd${secret@default/api-key}",
        secret + REFERENCE + "${secret:")) {
      add("references, malformed beside the secret", () -> SecretTemplate.in(malformed));
      add(
          "references, a malformed one in a map",
          () -> SecretTemplate.in(Map.of("servers", List.of(Map.of("password", malformed)))));
    }
    for (Object unresolvable : List.of(
        Map.of("vault", VAULT, "secretKey", secret),
        new Object[] {secret + REFERENCE},
        new AtomicReference<>(secret + REFERENCE),
        (secret + REFERENCE).toCharArray(),
        TextNode.valueOf(secret))) {
      add(
          "references, an object beside the secret that is not resolved",
          () -> SecretTemplate.in(Map.of("password", unresolvable)));
      add(
          "references, an object with the secret, not a reference",
          () -> SecretTemplate.whole(unresolvable));
    }
    add(
        "references, an object with the secret as a key",
        () -> SecretTemplate.in(Map.of("signing", Map.of("vault", VAULT, "key", secret + " "))));
    add("references, resolved, and what is left of it", () -> {
      try (SecretManager manager = manager()) {
        SecretTemplate<String> references = SecretTemplate.in("Bearer " + REFERENCE);
        Properties properties = new Properties();
        properties.setProperty("password", REFERENCE);
        SecretTemplate<Properties> inProperties = SecretTemplate.in(properties);
        return List.of(
            references.reveal(manager).length(),
            inProperties.reveal(manager).size(),
            references,
            inProperties,
            manager);
      }
    });
    add("references, one of two is missing", () -> {
      try (SecretManager manager = manager()) {
        return SecretTemplate.in(REFERENCE + secret + "${secret:default/no-such-key}")
            .reveal(manager);
      }
    });
    add("references, the value is no text", () -> {
      InMemorySecretStore store = InMemorySecretStore.create();
      store.createVault(VAULT);
      try (SecretValue binary = SecretValue.copyOf(binary())) {
        store.createSecret(VAULT, NAME, binary);
      }
      return SecretTemplate.in(REFERENCE).reveal(SecretManagers.open(store));
    });
  }

  /** Text that sources and shapes refuse. */
  private void addRefusedText() {
    add("text with the secret, a part of which was lost", () -> SecretValue.of(secret + "\ufffd"));
    for (byte[] content : List.of(
        ("\ufeff" + secret).getBytes(UTF_16LE), ("\ufeff" + secret).getBytes(UTF_8), binary())) {
      add("a text file with the secret that is not UTF-8", () -> {
        Path file = Files.write(Files.createTempFile("canary", ".txt"), content);
        try {
          return SecretSource.textFile(file).read(SecretRef.of(VAULT, NAME));
        } finally {
          Files.delete(file);
        }
      });
    }
    add("a pattern that the secret sends into backtracking", () -> {
      SecretDefinition definition = defineSecret(VAULT)
          .secret(NAME, key -> key.shape(SecretShape.pattern("(.*)*\\1\\x00")))
          .build();
      return SecretManagers.builder(store(secret)).declaredOnly(definition).build();
    });
  }

  private void addHeaders() {
    for (int status : List.of(200, 302, 401, 500)) {
      add("headers, the server answers " + status, () -> {
        try (SecretManager manager = manager()) {
          return call(manager, printable() + REFERENCE, status);
        }
      });
      add("headers, the secret as the value, the server answers " + status, () -> {
        try (SecretManager manager = SecretManagers.open(store(printable()))) {
          return call(manager, "Bearer " + REFERENCE, status);
        }
      });
    }
    add("headers, a value that no header can hold", () -> {
      try (SecretManager manager = SecretManagers.open(store(secret + "\n"))) {
        return call(manager, REFERENCE, 200);
      }
    });
    add("headers, the manager is closed", () -> {
      SecretManager manager = manager();
      manager.close();
      return call(manager, printable() + REFERENCE, 200);
    });
  }

  private void addExports() {
    SecretDefinition definition =
        defineSecret(VAULT).secret(NAME, "External API key").build();
    add("exports of a declaration whose secret is in a store", () -> {
      try (SecretManager manager =
          SecretManagers.builder(store(secret)).declaredOnly(definition).build()) {
        manager.requireSecret(VAULT, NAME).close();
        return List.of(
            DeclarationExports.terraformJson(definition),
            DeclarationExports.typeScript(definition));
      }
    });
  }

  /** What a caller gets to see of a call, by OkHttp's own means of showing it. */
  private static List<String> call(SecretManager manager, String template, int status)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, status));
    server.start();
    try {
      String origin = "http://127.0.0.1:" + server.getAddress().getPort();
      OkHttpClient client = SecretHeaders.of(manager, origin, Map.of("X-Api-Key", template))
          .addTo(new OkHttpClient.Builder())
          .build();
      Request request = new Request.Builder().url(origin + "/").build();
      try (Response response = client.newCall(request).execute()) {
        List<String> seen = new ArrayList<>(List.of(request.toString(), response.toString()));
        for (Response at = response; at != null; at = at.priorResponse()) {
          seen.add(at.request().toString());
          Response network = at.networkResponse();
          if (network != null) {
            seen.add(network.request().toString() + network.request().headers());
          }
        }
        return seen;
      } finally {
        client.connectionPool().evictAll();
      }
    } finally {
      server.stop(0);
    }
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    boolean redirects = status == 302 && exchange.getRequestURI().getPath().equals("/");
    if (redirects) {
      exchange.getResponseHeaders().set("Location", "/moved");
    }
    exchange.sendResponseHeaders(status == 302 && !redirects ? 200 : status, -1);
    exchange.close();
  }

  private void add(String name, Scenarios.Action action) {
    scenarios.add(new Scenarios.Scenario(name, action));
  }

  private SecretManager manager() {
    return SecretManagers.open(store(secret));
  }

  private static InMemorySecretStore store(String value) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault(VAULT);
    store.put(VAULT, NAME, value);
    return store;
  }

  /** The secret, as far as it can stand in a header. */
  private String printable() {
    return secret.replaceAll("[^!-~]", "");
  }

  private byte[] binary() {
    byte[] binary = (secret + " ").getBytes(ISO_8859_1);
    binary[binary.length - 1] = (byte) 0xff;
    return binary;
  }
}
