package tech.tailor.secretmanager.testing.emulator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tech.tailor.secretmanager.spi.SecretStore;

/** One workspace: its store, and the scripts that ran in it. */
final class Workspace {

  private static final int MAX_EXECUTIONS = 1_000;

  private final String id;
  private final SecretStore store;

  /** Guarded by itself; the oldest one goes when there are too many. */
  private final Map<String, Execution> executions = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Execution> eldest) {
      return size() > MAX_EXECUTIONS;
    }
  };

  Workspace(String id, SecretStore store) {
    this.id = id;
    this.store = store;
  }

  /**
   * A script that ran.
   *
   * @param vault what it read from, which whoever asks for its result must be allowed to
   */
  record Execution(String id, String scriptName, String vault, String result, int pollsLeft) {
    @Override
    public String toString() {
      return "Execution[" + id + "]";
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

  void setLabels(Trn trn, Map<String, String> labels) {
    String secret = trn.secret();
    if (secret == null) {
      store.setVaultLabels(trn.vault(), labels);
    } else {
      store.setLabels(trn.vault(), secret, labels);
    }
  }

  /** Keeps what a script returned; the first polls for it are told that it runs. */
  String addExecution(String scriptName, String vault, String result, int runningPolls) {
    String executionId = UUID.randomUUID().toString();
    synchronized (executions) {
      executions.put(
          executionId, new Execution(executionId, scriptName, vault, result, runningPolls));
    }
    return executionId;
  }

  /** The execution as this poll finds it. */
  Optional<Execution> poll(String executionId) {
    synchronized (executions) {
      Execution execution = executions.get(executionId);
      if (execution != null && execution.pollsLeft > 0) {
        executions.put(
            executionId,
            new Execution(
                execution.id,
                execution.scriptName,
                execution.vault,
                execution.result,
                execution.pollsLeft - 1));
      }
      return Optional.ofNullable(execution);
    }
  }
}
