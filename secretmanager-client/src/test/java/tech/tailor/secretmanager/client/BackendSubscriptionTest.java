package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** A backend that tells of changes is listened to, for as long as its manager is open. */
class BackendSubscriptionTest {

  private final TellingBackend backend = new TellingBackend();

  @Test
  void whatWasChanged_isReadAnew_andNothingElse() {
    try (SecretManager manager = SecretManagers.open(backend)) {
      assertThat(List.of(read(manager, "one"), read(manager, "two")))
          .containsExactly("first", "first");
      backend.store.put("default", "one", "second");
      backend.store.put("default", "two", "second");
      assertThat(read(manager, "one")).as("control: it is cached").isEqualTo("first");
      backend.tell(Set.of(SecretRef.of("default", "one")));
      assertThat(List.of(read(manager, "one"), read(manager, "two")))
          .containsExactly("second", "first");
    }
  }

  @Test
  void changeThatNamesNothing_mayBeAnyChange() {
    try (SecretManager manager = SecretManagers.open(backend)) {
      assertThat(read(manager, "one")).isEqualTo("first");
      assertThat(read(manager, "two")).isEqualTo("first");
      backend.store.put("default", "one", "second");
      backend.store.put("default", "two", "second");
      assertThat(read(manager, "one")).isEqualTo("first");
      backend.tell(Set.of());
      assertThat(read(manager, "one")).isEqualTo("second");
      assertThat(read(manager, "two")).isEqualTo("second");
    }
  }

  @Test
  void changeThatNamesNothing_isToldOfAllThatIsKnown() {
    Set<SecretRef> told = new HashSet<>();
    SecretListener listener = new SecretListener() {
      @Override
      public void onChanged(SecretRef ref) {
        told.add(ref);
      }
    };
    try (SecretManager manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .listener(listener)
        .keepWarm(SecretRef.of("default", "two"))
        .build()) {
      assertThat(read(manager, "one")).isEqualTo("first");
      assertThat(manager.getSecret("default", "missing")).isEmpty();
      backend.tell(Set.of());
    }
    assertThat(told)
        .containsExactlyInAnyOrder(
            SecretRef.of("default", "one"),
            SecretRef.of("default", "two"),
            SecretRef.of("default", "missing"));
  }

  /** Long before its time to live is over; named by the backend, and not. */
  @Test
  @Timeout(60)
  void changeOfAWarmSecret_isToldAndLoadedAtOnce() throws InterruptedException {
    SecretRef two = SecretRef.of("default", "two");
    for (Set<SecretRef> named : List.of(Set.of(two), Set.<SecretRef>of())) {
      BlockingQueue<SecretRef> changed = new LinkedBlockingQueue<>();
      BlockingQueue<LoadEvent> loads = new LinkedBlockingQueue<>();
      SecretListener listener = new SecretListener() {
        @Override
        public void onChanged(SecretRef ref) {
          changed.add(ref);
        }

        @Override
        public void onLoadCompleted(LoadEvent event) {
          loads.add(event);
        }
      };
      try (SecretManager manager = SecretManagers.builder(backend)
          .keepBackendOpen()
          .listener(listener)
          .keepWarm(two)
          .build()) {
        loads.take();
        assertThat(changed).isEmpty();
        backend.tell(named);

        assertThat(changed.take()).isEqualTo(two);
        assertThat(loads.take().results()).containsOnlyKeys("two");
        assertThat(read(manager, "two")).isEqualTo("first");
      }
    }
  }

  @Test
  void closedManager_endsItsWatch() {
    SecretManagers.builder(backend).keepBackendOpen().build().close();
    assertThat(backend.watches).isEmpty();
    assertThat(backend.closed).isFalse();
    SecretManagers.open(backend).close();
    assertThat(backend.watches).isEmpty();
    assertThat(backend.closed).isTrue();
    assertThat(backend.watched).isEqualTo(2);
  }

  @Test
  void backendThatFailsToWatch_isClosed_andNotQuoted() {
    backend.failure = new IllegalArgumentException("canary-value");
    assertThatThrownBy(() -> SecretManagers.open(backend))
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("failed to watch")
        .hasMessageNotContaining("canary")
        .hasNoCause();
    assertThat(backend.closed).isTrue();
    backend.failure = new SecretUnavailableException("down");
    assertThatThrownBy(() -> SecretManagers.open(backend))
        .isInstanceOf(SecretUnavailableException.class);
  }

  @Test
  void backendThatFailsToEndItsWatch_isClosedAllTheSame_andNotQuoted() {
    SecretManager manager = SecretManagers.open(backend);
    backend.failure = new IllegalArgumentException("canary-value");
    assertThatThrownBy(manager::close)
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("failed to end its watch")
        .hasMessageNotContaining("canary")
        .hasNoCause();
    assertThat(backend.closed).isTrue();
  }

  @Test
  void backendThatCanNotTell_isNoError() {
    try (InMemorySecretStore store = InMemorySecretStore.create()) {
      SecretBackend.Watch watch = store.watch(refs -> {});
      watch.close();
      watch.close();
      backend.givesNoWatch = true;
      SecretManagers.open(backend).close();
      assertThat(backend.closed).isTrue();
    }
  }

  private static String read(SecretManager manager, String name) {
    return manager.withSecret("default", name, SecretValue::revealString);
  }

  private static final class TellingBackend implements SecretBackend {

    private final InMemorySecretStore store = InMemorySecretStore.create();
    private final List<Consumer<? super Set<SecretRef>>> watches = new ArrayList<>();
    private int watched;
    private boolean closed;
    private boolean givesNoWatch;
    private RuntimeException failure;

    private TellingBackend() {
      store.createVault("default");
      store.put("default", "one", "first");
      store.put("default", "two", "first");
    }

    private void tell(Set<SecretRef> refs) {
      watches.forEach(changed -> changed.accept(refs));
    }

    @Override
    public Watch watch(Consumer<? super Set<SecretRef>> changed) {
      if (failure != null) {
        throw failure;
      }
      if (givesNoWatch) {
        return null;
      }
      watched++;
      watches.add(changed);
      return () -> {
        if (failure != null) {
          throw failure;
        }
        watches.remove(changed);
      };
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      return store.fetch(vault, names);
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
