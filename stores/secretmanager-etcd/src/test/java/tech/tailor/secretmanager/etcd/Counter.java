package tech.tailor.secretmanager.etcd;

import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** A number in a secret, which several writers count up by compare-and-set. */
final class Counter {

  static final String NAME = "counter";

  private Counter() {}

  /** Adds one; reads again where another writer was faster. */
  static void increment(VersionedSecretStore store) {
    while (true) {
      long version = store.describeSecret(SharedEtcd.VAULT, NAME).orElseThrow().version();
      try (SecretValue now = store.readVersion(SharedEtcd.VAULT, NAME, version);
          SecretValue next =
              SecretValue.of(String.valueOf(Integer.parseInt(now.revealString()) + 1))) {
        store.updateSecret(SharedEtcd.VAULT, NAME, next, version);
        return;
      } catch (SecretConflictException e) {
        // Another writer was faster.
      }
    }
  }
}
