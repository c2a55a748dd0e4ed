package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Writes to a cluster, or reads from it, until its standard input ends; then prints its counts.
 * Arguments: endpoints with commas, a prefix, a key file, {@code read} or the name of the writer's
 * own secret. A writer adds one to a shared counter and to its own secret, in one commit.
 */
final class ClusterProgram {

  private final EtcdSecretStore store;
  private long done;
  private long failed;
  private long conflicts;
  private long unknown;
  private long longestMillis;

  private ClusterProgram(EtcdSecretStore store) {
    this.store = store;
  }

  public static void main(String[] args) throws IOException {
    try (Client client = Client.builder().endpoints(args[0].split(",", -1)).build();
        EtcdSecretStore store =
            open(EtcdSecretStore.builder(client, args[1], MasterKey.fromFile(Path.of(args[2])))
                .timeout(Duration.ofSeconds(5)))) {
      ClusterProgram program = new ClusterProgram(store);
      if (args[3].equals("read")) {
        program.read();
      } else {
        program.write(args[3]);
      }
      System.out.println(program.done + " " + program.failed + " " + program.conflicts + " "
          + program.unknown + " " + program.longestMillis);
    }
  }

  /** Opens the store as soon as it can be: on a busy machine, that takes a while. */
  private static EtcdSecretStore open(EtcdSecretStore.Builder builder) {
    while (true) {
      try {
        return builder.open();
      } catch (SecretUnavailableException e) {
        // The next try may do.
      }
    }
  }

  private void read() throws IOException {
    long seen = 0;
    while (System.in.available() == 0) {
      long began = System.nanoTime();
      try {
        long now = number(store, Counter.NAME);
        if (now < seen) {
          throw new IllegalStateException("read " + now + " after " + seen);
        }
        seen = now;
        done++;
      } catch (SecretManagerException e) {
        failed++;
      }
      took(began);
    }
  }

  private void write(String own) throws IOException {
    while (System.in.available() == 0) {
      long began = System.nanoTime();
      try {
        store.inOneCommit(changes -> {
          set(changes, Counter.NAME, number(changes, Counter.NAME) + 1);
          set(changes, own, done + 1);
        });
        done++;
      } catch (SecretConflictException e) {
        conflicts++;
      } catch (SecretOutcomeUnknownException e) {
        unknown++;
        done = settled(own);
      } catch (SecretManagerException e) {
        failed++;
      }
      took(began);
    }
  }

  /** Asks what became of the change. */
  private long settled(String own) {
    while (true) {
      try {
        return number(store, own);
      } catch (SecretManagerException e) {
        failed++;
      }
    }
  }

  private void took(long beganNanos) {
    longestMillis = Math.max(longestMillis, (System.nanoTime() - beganNanos) / 1_000_000);
  }

  private static long number(VersionedSecretStore store, String name) {
    try (SecretValue value = store.readSecret(SharedEtcd.VAULT, name)) {
      return Long.parseLong(value.revealString());
    }
  }

  private static void set(VersionedSecretStore store, String name, long number) {
    try (SecretValue value = SecretValue.of(String.valueOf(number))) {
      store.updateSecret(SharedEtcd.VAULT, name, value);
    }
  }
}
