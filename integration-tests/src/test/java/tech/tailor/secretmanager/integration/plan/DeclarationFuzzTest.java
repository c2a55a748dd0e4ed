package tech.tailor.secretmanager.integration.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * Any text in a declaration is taken, or refused with the exception that is documented; what was
 * taken can be planned and applied, and comes out as one line of text and as JSON.
 */
@Tag("suite")
class DeclarationFuzzTest {

  private static final String[] SNIPPETS = {
    "orders",
    "api-key",
    "a",
    "-",
    "_",
    "0",
    "A",
    "\u00e4",
    "\ud83d\ude00",
    "\ud800",
    "\udc00",
    "\n",
    "\r",
    "\u2028",
    "\u202e",
    "\u0000",
    "\u001b[31m",
    "\"",
    "\\",
    "${secret:a/b}",
    "%s",
    "{",
    "[",
    "(",
    ")",
    "*",
    "+",
    "?",
    "(a+)",
    "[a-z",
    "\\Q",
    "\\p{",
    "(?<",
    "{1,2}",
    "{9999999999}",
    " ",
    "=",
    "/",
    "v1",
    "value-version",
    "declaration-owner",
    "x".repeat(70),
    "y".repeat(1_100)
  };

  private final Random random = new Random();
  private final Map<String, Integer> counts = new TreeMap<>();

  @Test
  void anyInput_isTakenOrRefusedAsDocumented() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    random.setSeed(seed);
    int rounds = Boolean.getBoolean("deep") ? 2_000_000 : 20_000;
    for (int round = 0; round < rounds; round++) {
      try {
        round();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    System.out.println("declarations, seed " + seed + ": " + rounds + " rounds, " + counts);
    assertThat(counts)
        .hasSizeGreaterThan(20)
        .allSatisfy((what, count) -> assertThat(count).as(what).isPositive());
  }

  private void round() throws Exception {
    String vault = sometimes("orders");
    SecretDefinition.Builder builder;
    try {
      builder = SecretDefinition.defineSecret(vault);
      taken("vault");
    } catch (IllegalArgumentException e) {
      refused("vault", e);
      return;
    }
    for (int i = 0; i < 3; i++) {
      try {
        builder.secret(sometimes("api-key-" + i), this::say);
        taken("name");
      } catch (IllegalArgumentException e) {
        refused("name", e);
      }
    }
    SecretDefinition definition;
    try {
      definition = builder.build();
    } catch (IllegalStateException e) {
      return; // no secret was taken
    }
    String asked = sometimes("api-key-0");
    try {
      SecretRef ref = definition.ref(asked);
      assertThat(definition.declares(ref)).isTrue();
    } catch (IllegalArgumentException e) {
      refused("ref", e);
    }
    apply(definition);
  }

  private void apply(SecretDefinition definition) throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    SecretPlan.Builder builder;
    try {
      builder = SecretPlan.builder(store, sometimes("owner"));
      taken("owner");
    } catch (IllegalArgumentException e) {
      refused("owner", e);
      return;
    }
    SecretPlan plan = builder.declare(definition).plan();
    assertThat(plan.toString().lines()).hasSize(1 + plan.steps().size());
    parse(plan.toJson());
    ApplyReport report = plan.apply();
    parse(report.toJson());
    if (report.isComplete()) {
      assertThat(builder.plan().isEmpty()).isTrue();
    }
    store.close();
  }

  private void say(DeclaredSecret.Builder secret) {
    attempt("description", () -> secret.description(text()));
    attempt("label key", () -> secret.label(sometimes("team"), "orders"));
    attempt("label value", () -> secret.label("team", sometimes("orders")));
    attempt("value version", () -> secret.valueVersion(random.nextInt(4) - 1));
    attempt("pattern", () -> secret.shape(SecretShape.pattern(text())));
    attempt(
        "length",
        () -> secret.shape(SecretShape.length(random.nextInt(9) - 2, random.nextInt(100_000))));
    attempt("rule", () -> secret.shape(SecretShape.of(text(), value -> random.nextInt(4) > 0)));
    String yielded = text();
    if (random.nextBoolean()) {
      secret.source(new SecretSource() {
        @Override
        public Optional<SecretValue> read(SecretRef ref) {
          return Optional.of(SecretValue.of(yielded)); // refuses unpaired surrogates
        }

        @Override
        public String origin() {
          return yielded;
        }
      });
    } else {
      attempt("variable", () -> secret.source(SecretSource.environment(text())));
    }
    for (SecretShape shape : List.of(SecretShape.json(), SecretShape.uri(), SecretShape.pem())) {
      try (SecretValue value = SecretValue.copyOf(yielded.getBytes("UTF-8"))) {
        shape.matches(value);
      } catch (java.io.UnsupportedEncodingException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void attempt(String what, Runnable attempt) {
    try {
      attempt.run();
      taken(what);
    } catch (IllegalArgumentException e) {
      refused(what, e);
    }
  }

  private void taken(String what) {
    counts.merge(what + " taken", 1, Integer::sum);
  }

  private void refused(String what, IllegalArgumentException e) {
    counts.merge(what + " refused", 1, Integer::sum);
    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n", "\u001b");
  }

  private static void parse(String json) throws Exception {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        parser.getText();
      }
    }
  }

  private String sometimes(String valid) {
    return random.nextInt(4) > 0 ? valid : text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      text.append(SNIPPETS[random.nextInt(SNIPPETS.length)]);
    }
    return text.toString();
  }
}
