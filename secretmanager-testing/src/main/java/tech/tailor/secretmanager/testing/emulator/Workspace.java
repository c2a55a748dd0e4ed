package tech.tailor.secretmanager.testing.emulator;

import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** One workspace: its store, and the scripts that ran in it. */
final class Workspace {

  private static final int MAX_EXECUTIONS = 1_000;
  private static final long MAX_KEPT_BYTES = 16L << 20;
  private static final int MAX_ATTEMPTS = 100;

  private final String id;
  private final SecretStore store;

  /** By id, oldest first. Guarded by itself. */
  private final Map<String, Execution> executions = new LinkedHashMap<>();

  /** Of all executions. Guarded by them. */
  private long keptBytes;

  Workspace(String id, SecretStore store) {
    this.id = id;
    this.store = store;
  }

  /**
   * A script that ran.
   *
   * @param vault the vault it read from; a caller that asks for its result must be allowed to read
   *     it
   * @param pollsLeft how many polls still find it running
   */
  record Execution(
      String id,
      String scriptName,
      String vault,
      Instant startedAt,
      Instant finishedAt,
      String result,
      int pollsLeft) {

    Execution polled() {
      return new Execution(
          id, scriptName, vault, startedAt, finishedAt, result, Math.max(0, pollsLeft - 1));
    }

    /** Of the text that is kept; a result is ASCII, the name of a script need not be. */
    private long sizeBytes() {
      return result.length() + 2L * scriptName.length();
    }

    @Override
    public String toString() {
      return "Execution[" + id + "]";
    }
  }

  /** Deletes everything, also while calls are under way that change it. */
  void clear() {
    for (VaultInfo vault : store.listVaults()) {
      int left = MAX_ATTEMPTS;
      while (!isCleared(vault.name(), left == 1)) {
        left--;
      }
    }
    synchronized (executions) {
      executions.clear();
      keptBytes = 0;
    }
  }

  /** False if a call has come between, which the last attempt throws. */
  private boolean isCleared(String vault, boolean last) {
    try {
      for (SecretInfo secret : store.listSecrets(vault)) {
        store.deleteSecret(vault, secret.name());
      }
      store.deleteVault(vault);
      return true;
    } catch (SecretNotFoundException | SecretPreconditionException e) {
      if (store.describeVault(vault).isEmpty()) {
        return true;
      }
      if (last) {
        throw e;
      }
      return false;
    }
  }

  String id() {
    return id;
  }

  SecretStore store() {
    return store;
  }

  Map<String, String> labelsOf(Trn trn) {
    String secret = trn.secret();
    return secret == null ? store.vaultLabels(trn.vault()) : store.labels(trn.vault(), secret);
  }

  /** Makes changes, in one commit if the store has such. */
  void change(Consumer<SecretStore> changes) {
    if (store instanceof VersionedSecretStore versioned) {
      versioned.inOneCommit(changes);
    } else {
      changes.accept(store);
    }
  }

  /**
   * Keeps what a script returned; the first polls for it are told that it runs. The oldest ones go
   * when there are more than 1,000, or they have more than 16 MiB; the newest one stays.
   */
  void addExecution(Execution execution) {
    synchronized (executions) {
      executions.put(execution.id, execution);
      keptBytes += execution.sizeBytes();
      Iterator<Execution> oldest = executions.values().iterator();
      while (executions.size() > MAX_EXECUTIONS
          || (keptBytes > MAX_KEPT_BYTES && executions.size() > 1)) {
        keptBytes -= oldest.next().sizeBytes();
        oldest.remove();
      }
    }
  }

  /** The execution as this poll finds it. */
  Optional<Execution> poll(String executionId) {
    synchronized (executions) {
      Execution execution = executions.get(executionId);
      if (execution != null) {
        executions.put(executionId, execution.polled());
      }
      return Optional.ofNullable(execution);
    }
  }
}
