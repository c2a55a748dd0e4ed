package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;

/** What a store of 10,000 secrets costs in questions to the database. */
@Tag("suite")
class ManySecretsTest {

  private static final int COUNT = 10_000;

  @TempDir
  Path directory;

  @Test
  void plan_ofManySecrets_asksFewQuestions() throws Exception {
    TestStore made = TestStore.create(directory);
    AtomicInteger connections = new AtomicInteger();
    AtomicInteger requests = new AtomicInteger();
    try (PostgresSecretStore store = PostgresSecretStore.builder(
            CountingDataSource.of(made.database().dataSource(), connections, requests),
            TestStore.WORKSPACE,
            made.key())
        .open()) {
      try (SecretValue value = SecretValue.of("made-up")) {
        Map<String, SecretValue> values = new HashMap<>();
        IntStream.range(0, COUNT).forEach(i -> values.put(name(i), value));
        store.putAll(TestStore.VAULT, values);
      }
      connections.set(0);
      requests.set(0);
      SecretPlan plan = SecretPlan.builder(store, "many").declare(declared()).plan();

      System.out.println("a plan of " + COUNT + " secrets: " + connections + " connections, "
          + requests + " requests");
      assertThat(plan.isEmpty()).as("they are to be labelled").isFalse();
      assertThat(connections).hasValueLessThan(10);
      assertThat(requests).hasValueLessThan(100);

      connections.set(0);
      requests.set(0);
      assertThat(store.listSecrets(TestStore.VAULT)).hasSize(COUNT);
      assertThat(connections).hasValueLessThan(10);
      assertThat(requests).hasValueLessThan(100);
    }
  }

  private static SecretDefinition declared() {
    SecretDefinition.Builder builder = defineSecret(TestStore.VAULT);
    IntStream.range(0, COUNT)
        .forEach(i -> builder.secret(
            name(i), secret -> secret.source(ref -> Optional.of(SecretValue.of("made-up")))));
    return builder.build();
  }

  private static String name(int i) {
    return String.format(Locale.ROOT, "secret-%05d", i);
  }
}
