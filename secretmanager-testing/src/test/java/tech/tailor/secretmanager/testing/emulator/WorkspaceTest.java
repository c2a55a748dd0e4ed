package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;

class WorkspaceTest {

  private final SecretStore store = InMemorySecretStore.create();
  private int left;

  @Test
  void clear_copesWithASecretThatIsDeleted_orAddedMeanwhile() {
    fill();
    Workspace workspace = new Workspace("made-up-id", changedBefore("deleteSecret", 1, () -> {
      store.deleteSecret("default", "one-name");
    }));
    workspace.clear();
    assertThat(store.listVaults()).isEmpty();

    fill();
    workspace =
        new Workspace("made-up-id", changedBefore("deleteVault", 3, () -> add("late-" + left)));
    workspace.clear();
    assertThat(store.listVaults()).isEmpty();
  }

  @Test
  void clear_copesWithAVaultThatIsDeletedMeanwhile() {
    fill();
    new Workspace("made-up-id", changedBefore("deleteVault", 1, () -> store.deleteVault("default")))
        .clear();
    assertThat(store.listVaults()).isEmpty();
  }

  @Test
  void clear_givesUp_onAClientThatNeverStops() {
    fill();
    Workspace workspace = new Workspace(
        "made-up-id", changedBefore("deleteVault", Integer.MAX_VALUE, () -> add("late-" + left)));
    assertThatThrownBy(workspace::clear).isInstanceOf(SecretPreconditionException.class);
  }

  @Test
  void executions_areBoundedByBytes_andTheNewestStays() {
    Workspace workspace = new Workspace("made-up-id", store);
    String oneMebibyte = "x".repeat(1 << 20);
    for (int i = 0; i < 20; i++) {
      workspace.addExecution(execution("result-" + i, "", oneMebibyte));
    }
    assertThat(workspace.poll("result-3")).isEmpty();
    assertThat(workspace.poll("result-4")).isPresent();
    assertThat(workspace.poll("result-19")).isPresent();

    workspace.addExecution(execution("long-name", "x".repeat(9 << 20), ""));
    assertThat(workspace.poll("result-19")).isEmpty();
    assertThat(workspace.poll("long-name")).isPresent();
    for (int i = 0; i < 16; i++) {
      workspace.addExecution(execution("again-" + i, "", oneMebibyte));
    }
    assertThat(workspace.poll("again-0")).isPresent();
  }

  @Test
  void executions_areBoundedInNumber() {
    Workspace workspace = new Workspace("made-up-id", store);
    for (int i = 0; i <= 1_000; i++) {
      workspace.addExecution(execution("result-" + i, "", ""));
    }
    assertThat(workspace.poll("result-0")).isEmpty();
    assertThat(workspace.poll("result-1")).isPresent();
  }

  private static Workspace.Execution execution(String id, String scriptName, String result) {
    return new Workspace.Execution(
        id, scriptName, "default", Instant.EPOCH, Instant.EPOCH, result, 0);
  }

  private void fill() {
    store.createVault("default");
    add("one-name");
    add("other-name");
  }

  private void add(String name) {
    try (SecretValue value = SecretValue.of("made up")) {
      store.createSecret("default", name, value);
    }
  }

  /** The store, where somebody is quicker than the first calls of a method. */
  private SecretStore changedBefore(String method, int calls, Runnable change) {
    left = calls;
    return (SecretStore) Proxy.newProxyInstance(
        getClass().getClassLoader(), new Class<?>[] {SecretStore.class}, (proxy, called, args) -> {
          if (called.getName().equals(method) && left > 0) {
            left--;
            change.run();
          }
          try {
            return called.invoke(store, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
