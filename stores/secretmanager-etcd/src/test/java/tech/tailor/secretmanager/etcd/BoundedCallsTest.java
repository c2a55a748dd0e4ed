package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Op;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.fixtures.TcpProxy;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** How long a call waits, and how many calls an etcd is left with that does not answer. */
@ExtendWith(SharedEtcd.class)
class BoundedCallsTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  private final String prefix = SharedEtcd.newStore();
  private final List<Op> gets = List.of(Etcd.get(prefix + "head"));
  private TcpProxy proxy;
  private Client client;
  private Etcd etcd;

  @BeforeEach
  void startProxy() throws Exception {
    proxy = new TcpProxy(SharedEtcd.server().port());
    client = Client.builder().endpoints(proxy.url()).build();
    etcd = new Etcd(client, "store of a test");
  }

  @AfterEach
  void closeProxy() throws Exception {
    client.close();
    proxy.close();
  }

  private static Budget spent() {
    Budget budget = Budget.of(LONG);
    long sinceNanos = System.nanoTime() - LONG.toNanos();
    budget.spendSince(sinceNanos);
    return budget;
  }

  @Test
  void waitsOfOneCall_areTakenOffOneBudget() {
    Budget budget = Budget.of(LONG);
    budget.spendSince(System.nanoTime() - Duration.ofSeconds(40).toNanos());
    assertThat(budget.isSpent()).isFalse();
    assertThat(budget.leftNanos()).isPositive().isLessThanOrEqualTo(20_000_000_000L);
    budget.spendSince(System.nanoTime() - Duration.ofSeconds(40).toNanos());
    assertThat(budget.isSpent()).isTrue();
  }

  @Test
  void withoutTime_nothingIsSent() throws Exception {
    assertThatThrownBy(() -> etcd.read(spent(), gets)).isInstanceOf(SecretTimeoutException.class);
    assertThatThrownBy(() -> etcd.write(
            spent(),
            LONG.toNanos(),
            List.of(),
            List.of(Etcd.put(prefix + "unsent", "made up".getBytes(UTF_8))),
            List.of()))
        .as("certain, and not in doubt")
        .isInstanceOf(SecretTimeoutException.class);
    assertThat(etcd.read(Budget.of(LONG), gets).getGetResponses()).hasSize(1);
    assertThat(SharedEtcd.dump(prefix + "unsent")).isEmpty();
  }

  /** The plan takes all of the time: no request of the call begins a time of its own. */
  @Test
  void commitWhosePlanTookAllTime_isNotSent() throws Exception {
    EtcdSettings settings = new EtcdSettings(
        client, prefix, List.of(SharedEtcd.key()), null, LONG, LONG, 10, EtcdSettings.Control.NONE);
    Keys keys = new Keys(prefix);
    RewindGuard<Head> guard = new RewindGuard<>(null, settings.describe());
    Keyring keyring = new Keyring(KeyList.LABEL, settings.keys(), settings.describe());
    HeadReader heads = new HeadReader(etcd, keys, keyring, guard, settings);
    Committer committer = new Committer(etcd, keys, heads, guard, settings);
    byte[] before = SharedEtcd.get(prefix + "head");
    assertThatThrownBy(() -> committer.commit((opened, budget) -> {
          CommitWriter writer =
              new CommitWriter(settings, keys, opened.head(), opened.envelope(), opened.envelope());
          CommitWriter.Written written = writer.writeKeys("test").written(java.time.Instant.now());
          budget.spendSince(System.nanoTime() - LONG.toNanos());
          return new Committer.Commit<>(written, true);
        }))
        .isInstanceOf(SecretTimeoutException.class);
    assertThat(SharedEtcd.get(prefix + "head")).isEqualTo(before);
  }

  /** Before, it began from the start in each call, and never came to the end. */
  @Test
  void processThatMissedMoreThanOneTimeoutAllows_catchesUp() {
    try (Client far = SlowCalls.client(Duration.ofMillis(300));
        EtcdSecretStore idle = EtcdSecretStore.builder(far, prefix, SharedEtcd.key())
            .timeout(Duration.ofMillis(800))
            .open();
        EtcdSecretStore busy = SharedEtcd.builder(prefix).open()) {
      assertThat(idle.fetch(SharedEtcd.VAULT, Set.of("name"))).isNotEmpty();
      for (int i = 0; i < 3 * Etcd.PAGE + 1; i++) {
        SharedEtcd.put(busy, "name", "made up " + i);
      }
      assertThat(idle.fetch(SharedEtcd.VAULT, Set.of("name")).get("name"))
          .isInstanceOfSatisfying(
              SecretOutcome.Found.class, found -> found.value().close());
    }
  }

  /** jetcd keeps what it can't send: without a bound, each call would add to that. */
  @Test
  void callsThatEtcdOwesAnAnswer_areBounded() {
    etcd.read(Budget.of(LONG), gets); // connects
    proxy.holdRequests();
    for (int i = 0; i < 256; i++) {
      assertThatThrownBy(() -> etcd.read(Budget.of(Duration.ofMillis(1)), gets))
          .isInstanceOf(SecretTimeoutException.class);
    }
    assertThatThrownBy(() -> etcd.read(Budget.of(LONG), gets))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("owes the answers to 256 calls");
    proxy.pass();
    boolean isAnswered = false;
    while (!isAnswered) {
      try {
        isAnswered = etcd.read(Budget.of(LONG), gets).isSucceeded();
      } catch (SecretUnavailableException e) {
        Thread.onSpinWait(); // it has not answered all of them yet
      }
    }
    assertThat(isAnswered).isTrue();
  }
}
