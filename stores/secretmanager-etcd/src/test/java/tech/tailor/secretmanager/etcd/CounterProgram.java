package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Counts up a secret. Arguments: an endpoint, a prefix, a key file, how often. */
final class CounterProgram {

  private CounterProgram() {}

  public static void main(String[] args) {
    try (Client client = Client.builder().endpoints(args[0]).build();
        EtcdSecretStore store = EtcdSecretStore.builder(
                client, args[1], MasterKey.fromFile(Path.of(args[2])))
            .open()) {
      for (int i = Integer.parseInt(args[3]); i > 0; i--) {
        Counter.increment(store);
      }
    }
  }
}
