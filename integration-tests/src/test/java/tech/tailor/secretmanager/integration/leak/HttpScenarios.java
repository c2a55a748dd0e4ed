package tech.tailor.secretmanager.integration.leak;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** What an HTTP store does with the secret as value and as token, well and through faults. */
final class HttpScenarios {

  private final String secret;
  private final List<Scenarios.Scenario> scenarios = new ArrayList<>();

  private HttpScenarios(String secret) {
    this.secret = secret;
  }

  static List<Scenarios.Scenario> around(String secret) {
    HttpScenarios scenarios = new HttpScenarios(secret);
    for (ReadMode readMode : ReadMode.values()) {
      scenarios.add("http, read by " + readMode, readMode, List.of(), scenarios::read);
      for (Fault fault : List.of(
          Fault.error("internal"),
          Fault.error("unauthenticated"),
          Fault.rateLimited(Duration.ofSeconds(30)),
          Fault.httpStatus(502),
          Fault.reset())) {
        scenarios.add(
            "http, read by " + readMode + " with " + fault,
            readMode,
            List.of(fault),
            scenarios::read);
      }
      scenarios.addBrokenOff("http, read by " + readMode, readMode, scenarios::read);
    }
    scenarios.add("http, changes", ReadMode.RUNTIME_SERVICE, List.of(), scenarios::change);
    for (Fault fault : List.of(
        Fault.error("internal"),
        Fault.error("already_exists"),
        Fault.httpStatus(502),
        Fault.reset())) {
      scenarios.add(
          "http, a change with " + fault,
          ReadMode.RUNTIME_SERVICE,
          List.of(fault),
          scenarios::change);
    }
    scenarios.addBrokenOff("http, a change", ReadMode.RUNTIME_SERVICE, scenarios::change);
    scenarios.addTokens();
    return scenarios.scenarios;
  }

  /** What is done with a store, and what comes of it. */
  private interface Use {
    Object of(HttpSecretStore store);
  }

  private Object read(HttpSecretStore store) {
    return store.fetch("default", Set.of("api-key", "no-such-key"));
  }

  private Object change(HttpSecretStore store) {
    try (SecretValue value = SecretValue.of(secret)) {
      return List.of(
          store.updateSecret("default", "api-key", value),
          store.createSecret("default", "another-key", value),
          store.listSecrets("default"));
    }
  }

  private void addTokens() {
    String token = secret.replaceAll("[^!-~]", "");
    add("http, the secret as a token", List.of(), AccessTokenSource.of(token), this::read);
    add(
        "http, the secret as a bad token",
        List.of(),
        AccessTokenSource.from(() -> secret + "\n"),
        this::read);
    add(
        "http, the secret in a supplier's exception",
        List.of(),
        AccessTokenSource.from(() -> {
          throw new IllegalStateException(secret);
        }),
        this::read);
    scenarios.add(new Scenarios.Scenario(
        "http, the secret as the token of the environment",
        () ->
            HttpSecretStore.builder().environment(Map.of("TAILOR_PLATFORM_TOKEN", secret + " "))));
    scenarios.add(new Scenarios.Scenario(
        "http, the secret in an endpoint",
        () -> HttpSecretStore.builder().endpoint("https://user:" + secret + "@host")));
  }

  private void add(String name, List<Fault> faults, AccessTokenSource tokens, Use use) {
    scenarios.add(new Scenarios.Scenario(name, () -> {
      try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
        return run(emulator, tokens, ReadMode.RUNTIME_SERVICE, faults, use);
      }
    }));
  }

  private void add(String name, ReadMode readMode, List<Fault> faults, Use use) {
    scenarios.add(new Scenarios.Scenario(name, () -> {
      try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
        return run(emulator, AccessTokenSource.of(emulator.adminToken()), readMode, faults, use);
      }
    }));
  }

  /** An answer that holds the secret, which it must not, and ends too early. */
  private void addBrokenOff(String name, ReadMode readMode, Use use) {
    scenarios.add(new Scenarios.Scenario(name + " with an answer that is broken off", () -> {
      try (BrokenOffAnswers server =
          BrokenOffAnswers.beginningWith("{\"result\":\"" + secret + "\",\"")) {
        return run(
            server.endpoint(),
            "9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11",
            AccessTokenSource.of("a-made-up-token"),
            readMode,
            use);
      }
    }));
  }

  private List<Object> run(
      SecretManagerEmulator emulator,
      AccessTokenSource tokens,
      ReadMode readMode,
      List<Fault> faults,
      Use use) {
    emulator.put("default", "api-key", secret);
    faults.forEach(fault -> emulator.faults().nextOfAny(3, fault));
    return run(emulator.endpoint(), emulator.workspaceId(), tokens, readMode, use);
  }

  private static List<Object> run(
      URI endpoint, String workspaceId, AccessTokenSource tokens, ReadMode readMode, Use use) {
    try (HttpSecretStore store = HttpSecretStore.builder()
        .endpoint(endpoint)
        .workspaceId(workspaceId)
        .accessToken(tokens)
        .readMode(readMode)
        .build()) {
      return List.of(use.of(store), store, tokens);
    }
  }
}
