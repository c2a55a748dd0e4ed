package tech.tailor.secretmanager.testing.contract;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.contract.StoreMutants.StoreMutant;

/** Stores that have a worse way of their own for what is made of other methods. */
final class ConvenienceMutants {

  private ConvenienceMutants() {}

  @CaughtBy("put_createsTheSecret_orUpdatesIt")
  static class PutsByDeletingAndCreating extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo put(String vault, String name, SecretValue value) {
          if (exists(vault, name)) {
            deleteSecret(vault, name);
            pause();
          }
          return createSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("put_createsTheSecret_orUpdatesIt")
  static class PutsIntoAVaultThatItMakes extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo put(String vault, String name, SecretValue value) {
          if (describeVault(vault).isEmpty()) {
            createVault(vault);
          }
          return super.put(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("readSecret_givesTheCurrentValue")
  static class ReadsTheFirstValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<String, byte[]> first = new LinkedHashMap<>();

        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          first.put(vault + "/" + name, bytes(value));
          return super.createSecret(vault, name, value);
        }

        @Override
        public synchronized SecretValue readSecret(String vault, String name) {
          byte[] bytes = first.get(vault + "/" + name);
          return bytes == null ? super.readSecret(vault, name) : SecretValue.copyOf(bytes);
        }
      };
    }
  }

  @CaughtBy("exists_tellsWhetherThereIsSuchASecret")
  static class SaysThatEverythingExists extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public boolean exists(String vault, String name) {
          return true;
        }
      };
    }
  }

  @CaughtBy("describeSecrets_tellsThoseThatExist_withTheirLabels")
  static class DescribesWithoutLabels extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
          Map<String, SecretDetails> bare = new LinkedHashMap<>();
          super.describeSecrets(vault, names)
              .forEach((name, details) ->
                  bare.put(name, SecretDetails.of(details.info(), Map.of(), "")));
          return bare;
        }
      };
    }
  }

  @CaughtBy("listSecrets_byPage_givesEachOnce")
  static class BeginsAPageWithTheLastName extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public List<SecretInfo> listSecrets(String vault, String after, int limit) {
          if (limit < 2) {
            return super.listSecrets(vault, after, limit);
          }
          return listSecrets(vault).stream()
              .filter(secret -> secret.name().compareTo(after) >= 0)
              .limit(limit)
              .toList();
        }
      };
    }
  }

  @CaughtBy("copyTo_bringsEverythingOver_onceAndNoMore")
  static class CopiesAgainWhatIsThere extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public int copyTo(SecretStore target) {
          int copied = super.copyTo(target);
          return copied == 0 ? 1 : copied;
        }
      };
    }
  }

  private static void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
  }
}
