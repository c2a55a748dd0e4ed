package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.fixtures.JavaProcess;

/**
 * Processes that update one secret by compare-and-set. That an update is lost without the
 * comparison, {@code CommitTest} shows.
 */
@Tag("suite")
@ExtendWith(SharedEtcd.class)
class ManyWritersTest {

  private static final int PROCESSES = 4;
  private static final int UPDATES = Boolean.getBoolean("deep") ? 400 : 40;

  @Test
  void updatesOfManyProcesses_areAllThere() throws Exception {
    String prefix = SharedEtcd.newStore();
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).open()) {
      SharedEtcd.put(store, Counter.NAME, "0");
    }
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(JavaProcess.start(
            List.of(),
            CounterProgram.class,
            SharedEtcd.server().url(),
            prefix,
            SharedEtcd.directory().resolve("master.key"),
            UPDATES));
      }
      for (Process process : processes) {
        assertThat(process.waitFor()).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).open()) {
      int wanted = PROCESSES * UPDATES;
      assertThat(SharedEtcd.read(store, Counter.NAME)).isEqualTo(String.valueOf(wanted));
      assertThat(
              store.describeSecret(SharedEtcd.VAULT, Counter.NAME).orElseThrow().version())
          .isEqualTo(1 + wanted);
      assertThat(store.verify().problems()).isEmpty();
      System.out.println(
          "etcd, many writers: " + wanted + " updates by " + PROCESSES + " processes, 0 lost");
    }
  }
}
