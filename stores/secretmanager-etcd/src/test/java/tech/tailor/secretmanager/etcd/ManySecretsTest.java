package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import io.etcd.jetcd.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;

/** What a store of 10,000 secrets costs in calls to etcd. */
@Tag("suite")
@Timeout(900)
@ExtendWith(SharedEtcd.class)
class ManySecretsTest {

  private static final int COUNT = 10_000;
  private static final int AT_ONCE = 40;

  private final Calls calls = new Calls();

  @Test
  void manySecrets_takeNoCallEach() {
    String prefix = SharedEtcd.newStore();
    try (Client client = Client.builder()
            .endpoints(SharedEtcd.server().url())
            .interceptor(calls)
            .build();
        EtcdSecretStore store =
            EtcdSecretStore.builder(client, prefix, SharedEtcd.key()).open()) {
      int making = measure("make", () -> make(store));
      int update = measure("update one", () -> SharedEtcd.put(store, name(0), "made-up"));
      int list =
          measure("list", () -> assertThat(store.listSecrets(SharedEtcd.VAULT)).hasSize(COUNT));
      int plan = measure(
          "plan",
          () -> assertThat(
                  SecretPlan.builder(store, "many").declare(declared()).plan().isEmpty())
              .as("they are to be labelled")
              .isFalse());
      measure("rotate the data key", store::rotateDataKey);
      int verification =
          measure("verify", () -> assertThat(store.verify().problems()).isEmpty());

      assertThat(SharedEtcd.read(store, name(COUNT - 1))).isEqualTo("made-up");
      assertThat(making).isLessThan(COUNT / 4);
      assertThat(update).as("the secret is read with the head, and written").isEqualTo(2);
      assertThat(list).isLessThan(COUNT / 50);
      assertThat(plan).isLessThan(COUNT / 10);
      assertThat(verification).isLessThan(COUNT / 10);
    }
  }

  /** Runs it, and returns how many calls it made. */
  private int measure(String what, Runnable run) {
    int before = calls.count.get();
    long start = System.nanoTime();
    run.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    int made = calls.count.get() - before;
    System.out.printf(
        Locale.ROOT, "etcd, %d secrets, %s: %d calls, %.1f s%n", COUNT, what, made, seconds);
    return made;
  }

  private static void make(EtcdSecretStore store) {
    List<String> names =
        IntStream.range(0, COUNT).mapToObj(ManySecretsTest::name).toList();
    try (SecretValue value = SecretValue.of("made-up")) {
      for (int from = 0; from < COUNT; from += AT_ONCE) {
        List<String> some = names.subList(from, Math.min(COUNT, from + AT_ONCE));
        store.inOneCommit(changes -> {
          changes.describeSecrets(SharedEtcd.VAULT, some); // reads them in one call
          some.forEach(name -> changes.createSecret(SharedEtcd.VAULT, name, value));
        });
      }
    }
  }

  private static SecretDefinition declared() {
    SecretDefinition.Builder builder = defineSecret(SharedEtcd.VAULT);
    IntStream.range(0, COUNT)
        .forEach(i -> builder.secret(
            name(i), secret -> secret.source(ref -> Optional.of(SecretValue.of("made-up")))));
    return builder.build();
  }

  private static String name(int i) {
    return String.format(Locale.ROOT, "secret-%05d", i);
  }

  /** Counts the calls of a client. */
  private static final class Calls implements ClientInterceptor {

    private final AtomicInteger count = new AtomicInteger();

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      count.incrementAndGet();
      return next.newCall(method, options);
    }
  }
}
