package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.fixtures.TcpProxy;

/** Commits whose answer does not arrive, behind a proxy. */
@ExtendWith(SharedEtcd.class)
class CommitInDoubtTest {

  private final String prefix = SharedEtcd.newStore();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private TcpProxy proxy;
  private Client client;

  @BeforeEach
  void startProxy() throws Exception {
    proxy = new TcpProxy(SharedEtcd.server().port());
    client = Client.builder().endpoints(proxy.url()).build();
  }

  @AfterEach
  void closeProxy() throws Exception {
    client.close();
    proxy.close();
    executor.shutdownNow();
  }

  private EtcdSecretStore.Builder builder() {
    return EtcdSecretStore.builder(client, prefix, SharedEtcd.key());
  }

  private byte[] head() throws Exception {
    return SharedEtcd.get(prefix + "head");
  }

  @Test
  void answerIsLost_theStoreFindsItsCommit() throws Exception {
    try (EtcdSecretStore store = builder().timeout(Duration.ofMinutes(2)).open()) {
      byte[] before = head();
      Future<?> commit = executor.submit(() -> store.inOneCommit(changes -> {
        SharedEtcd.put(changes, "name", "value");
        proxy.holdAnswers();
      }));
      while (Arrays.equals(before, head())) {
        Thread.onSpinWait();
      }
      proxy.cut();
      proxy.pass();
      commit.get();
      assertThat(store.describeSecret(SharedEtcd.VAULT, "name").orElseThrow().version())
          .as("once")
          .isEqualTo(1);
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  @Test
  void requestIsLost_theCommitIsMadeAgain() throws Exception {
    try (EtcdSecretStore store = builder().timeout(Duration.ofMinutes(2)).open()) {
      Future<?> commit = executor.submit(() -> store.inOneCommit(changes -> {
        SharedEtcd.put(changes, "name", "value");
        proxy.holdRequests();
      }));
      proxy.awaitHeld();
      proxy.cut();
      proxy.pass();
      commit.get();
      assertThat(SharedEtcd.read(store, "name")).isEqualTo("value");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  /** What was on its way arrives after the store has settled that it did not. */
  @Test
  void requestArrivesLate_hasNoEffect() throws Exception {
    try (EtcdSecretStore store = builder().timeout(Duration.ofMinutes(2)).open()) {
      SharedEtcd.put(store, "name", "first");
      Future<?> commit = executor.submit(() -> store.inOneCommit(changes -> {
        SharedEtcd.put(changes, "name", "second");
        proxy.holdRequests();
      }));
      proxy.awaitHeld();
      byte[] before = head();
      proxy.passLater();
      proxy.cutClients();
      commit.get(); // settled and made again over another connection
      proxy.pass(); // the first transaction arrives
      SharedEtcd.put(store, "name", "third");
      assertThat(head()).isNotEqualTo(before);
      assertThat(store.listVersions(SharedEtcd.VAULT, "name"))
          .extracting(version -> version.version())
          .containsExactly(1L, 2L, 3L);
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  @Test
  void nobodyCanBeAsked_theOutcomeIsUnknown() throws Exception {
    try (EtcdSecretStore store = builder().timeout(Duration.ofMillis(500)).open()) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            SharedEtcd.put(changes, "name", "s3cret-value");
            proxy.holdRequests();
          }))
          .isInstanceOf(SecretOutcomeUnknownException.class)
          .hasMessageContaining("read the secret again")
          .hasMessageNotContaining("s3cret");
      assertThatThrownBy(() -> store.listVaults()).isInstanceOf(SecretTimeoutException.class);
    }
  }
}
