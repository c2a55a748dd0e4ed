package tech.tailor.secretmanager.testing.contract;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** Stores that break one rule of management each. */
final class StoreMutants {

  private StoreMutants() {}

  /** The contract, for a store that {@link #mutant()} makes. */
  abstract static class StoreMutant extends SecretStoreContract {
    abstract ReferenceStore mutant();

    @Override
    protected SecretStore emptyStore() {
      return mutant();
    }
  }

  // --- vaults

  @CaughtBy("createVault_isSeenByAll")
  static class PutsASecretIntoANewVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized VaultInfo createVault(String vault) {
          VaultInfo info = super.createVault(vault);
          write(vault, "readme", new Secret(new byte[0], 1, Instant.now(), Instant.now()));
          return info;
        }
      };
    }
  }

  @CaughtBy("createVault_ofExistingName_isRefused")
  static class CreatesAVaultOverAnother extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized VaultInfo createVault(String vault) {
          requireOpen();
          requireVaultName(vault);
          return addVault(vault);
        }
      };
    }
  }

  @CaughtBy("createVault_ofExistingName_isRefused")
  static class RefusesAVaultButEmptiesIt extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized VaultInfo createVault(String vault) {
          try {
            return super.createVault(vault);
          } catch (SecretAlreadyExistsException e) {
            secrets.get(vault).clear();
            throw e;
          }
        }
      };
    }
  }

  @CaughtBy("listVaults_isSortedByName")
  static class ListsVaultsUnsorted extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized List<VaultInfo> listVaults() {
          return reversed(super.listVaults());
        }
      };
    }
  }

  @CaughtBy("describeVault_ofMissingVault_isEmpty")
  static class ThrowsToDescribeAMissingVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized Optional<VaultInfo> describeVault(String vault) {
          Optional<VaultInfo> info = super.describeVault(vault);
          requireVault(vault);
          return info;
        }
      };
    }
  }

  @CaughtBy("deleteVault_thatHoldsSecrets_isRefused")
  static class DeletesAVaultWithItsSecrets extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized void deleteVault(String vault) {
          requireOpen();
          requireVaultName(vault);
          requireVault(vault);
          removeVault(vault);
        }
      };
    }
  }

  @CaughtBy("deleteVault_thatHoldsSecrets_isRefused")
  static class RefusesToDeleteAVaultButEmptiesIt extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized void deleteVault(String vault) {
          try {
            super.deleteVault(vault);
          } catch (tech.tailor.secretmanager.SecretPreconditionException e) {
            secrets.get(vault).clear();
            throw e;
          }
        }
      };
    }
  }

  @CaughtBy("deleteVault_ofMissingVault_isNotFound")
  static class DeletesAMissingVaultSilently extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized void deleteVault(String vault) {
          if (describeVault(vault).isPresent()) {
            super.deleteVault(vault);
          }
        }
      };
    }
  }

  @CaughtBy("deleteVault_removesEmptyVault")
  static class ForgetsToDeleteTheVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void removeVault(String vault) {}
      };
    }
  }

  @CaughtBy("vault_createdAgain_isEmpty")
  static class BringsDeletedSecretsBackWithTheVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, Secret> deleted = new HashMap<>();

        @Override
        void removeSecret(String vault, String name) {
          deleted.put(SecretRef.of(vault, name), secrets.get(vault).get(name));
          super.removeSecret(vault, name);
        }

        @Override
        public synchronized VaultInfo createVault(String vault) {
          VaultInfo info = super.createVault(vault);
          deleted.forEach((ref, secret) -> {
            if (ref.vault().equals(vault)) {
              write(vault, ref.name(), secret);
            }
          });
          return info;
        }
      };
    }
  }

  @CaughtBy("vault_isNotChangedByItsSecrets")
  static class TouchesTheVaultWithItsSecrets extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.updateSecret(vault, name, value);
          vaults.computeIfPresent(
              vault,
              (same, before) ->
                  VaultInfo.of(vault, before.createTime(), before.updateTime().plusMillis(1)));
          return info;
        }
      };
    }
  }

  // --- create

  @CaughtBy("createSecret_isVersionOne")
  static class CountsVersionsFromZero extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          super.createSecret(vault, name, value);
          Secret created = secrets.get(vault).get(name);
          return write(
              vault,
              name,
              new Secret(created.bytes(), 0, created.createTime(), created.updateTime()));
        }
      };
    }
  }

  @CaughtBy("createSecret_ofExistingName_isRefused")
  static class CreatesOverAnExistingSecret extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          return describeSecret(vault, name).isPresent()
              ? updateSecret(vault, name, value)
              : super.createSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("createSecret_ofExistingName_isRefused")
  static class WritesBeforeItRefuses extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          if (describeSecret(vault, name).isPresent()) {
            updateSecret(vault, name, value);
          }
          return super.createSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("createSecret_inMissingVault_isNotFound")
  static class CreatesTheVaultOnTheSide extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          if (describeVault(vault).isEmpty()) {
            createVault(vault);
          }
          return super.createSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("createSecret_byManyThreads_succeedsOnce")
  static class ChecksThenCreatesWithoutALock extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public SecretInfo createSecret(String vault, String name, SecretValue value) {
          if (describeSecret(vault, name).isPresent()) {
            throw new SecretAlreadyExistsException("There is a secret " + name);
          }
          LockSupport.parkNanos(100_000_000); // so that the others look in the meantime
          synchronized (this) {
            requireVault(vault).remove(name);
            return super.createSecret(vault, name, value);
          }
        }
      };
    }
  }

  // --- update

  @CaughtBy("updateSecret_isTheNextVersion")
  static class StaysAtVersionOne extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          requireOpen();
          requireNames(vault, name);
          Instant created = requireSecret(vault, name).createTime();
          return write(vault, name, new Secret(bytes(value), 1, created, Instant.now()));
        }
      };
    }
  }

  @CaughtBy("updateSecret_isTheNextVersion")
  static class SkipsVersions extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          super.updateSecret(vault, name, value);
          return super.updateSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("updateSecret_isTheNextVersion")
  static class CountsUpButKeepsTheOldValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          requireOpen();
          requireNames(vault, name);
          try (SecretValue old = value(requireSecret(vault, name))) {
            bytes(value);
            return super.updateSecret(vault, name, old);
          }
        }
      };
    }
  }

  @CaughtBy("updateSecret_isTheNextVersion")
  static class ForgetsWhenItWasCreated extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          long version = super.updateSecret(vault, name, value).version();
          Instant later = Instant.now().plusMillis(1);
          return write(vault, name, new Secret(bytes(value), version, later, later));
        }
      };
    }
  }

  @CaughtBy({"updateSecret_isTheNextVersion", "manager_readsTheUpdatedValue_whenTheOldOneHasExpired"
  })
  static class CachesOnItsOwn extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, Secret> cache = new HashMap<>();

        @Override
        SecretOutcome outcome(String vault, String name) {
          Secret secret = cache.computeIfAbsent(
              SecretRef.of(vault, name),
              ref -> secrets.getOrDefault(vault, Map.of()).get(name));
          return secret == null
              ? super.outcome(vault, name)
              : new SecretOutcome.Found(value(secret));
        }
      };
    }
  }

  @CaughtBy("updateSecret_withTheSameValue_isTheNextVersionToo")
  static class IgnoresAnUpdateWithTheSameValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          requireOpen();
          requireNames(vault, name);
          Secret before = requireSecret(vault, name);
          return value.matches(before.bytes())
              ? before.info(name)
              : super.updateSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("updateSecret_ofMissingSecret_isNotFound")
  static class UpdateCreates extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          return describeSecret(vault, name).isPresent()
              ? super.updateSecret(vault, name, value)
              : createSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy({"updateSecret_ofMissingSecret_isNotFound", "deleteSecret_ofMissingSecret_isNotFound"})
  static class BlamesTheVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          return blamingTheVault(() -> super.updateSecret(vault, name, value));
        }

        @Override
        public synchronized void deleteSecret(String vault, String name) {
          blamingTheVault(() -> {
            super.deleteSecret(vault, name);
            return vault;
          });
        }
      };
    }
  }

  @CaughtBy("updateSecret_leavesOtherSecretsAlone")
  static class UpdatesNamesakesEverywhere extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.updateSecret(vault, name, value);
          Secret updated = secrets.get(vault).get(name);
          secrets.values().forEach(there -> there.replace(name, updated));
          return info;
        }
      };
    }
  }

  @CaughtBy("updateSecret_byManyThreads_losesNothing")
  static class LosesConcurrentUpdates extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public SecretInfo updateSecret(String vault, String name, SecretValue value) {
          requireOpen();
          requireNames(vault, name);
          Secret before = requireSecret(vault, name);
          byte[] bytes = bytes(value);
          LockSupport.parkNanos(100_000);
          return write(
              vault,
              name,
              new Secret(bytes, before.version() + 1, before.createTime(), Instant.now()));
        }
      };
    }
  }

  @CaughtBy("fetch_duringUpdates_givesWholeValues")
  static class TearsValues extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public SecretInfo updateSecret(String vault, String name, SecretValue value) {
          requireOpen();
          requireNames(vault, name);
          byte[] half = requireSecret(vault, name).bytes().clone();
          byte[] whole = bytes(value);
          System.arraycopy(whole, 0, half, 0, Math.min(whole.length, half.length) / 2);
          synchronized (this) {
            Secret before = requireSecret(vault, name);
            write(
                vault,
                name,
                new Secret(half, before.version(), before.createTime(), before.updateTime()));
          }
          LockSupport.parkNanos(2_000_000);
          return super.updateSecret(vault, name, value);
        }
      };
    }
  }

  // --- the value that was passed in

  @CaughtBy("passedValue_staysTheCallers")
  static class ClosesTheCallersValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        byte[] bytes(SecretValue value) {
          byte[] bytes = super.bytes(value);
          value.close();
          return bytes;
        }
      };
    }
  }

  @CaughtBy({"passedValue_changedAfterwards_changesNothing", "passedValue_staysTheCallers"})
  static class KeepsTheCallersValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, SecretValue> kept = new ConcurrentHashMap<>();

        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.createSecret(vault, name, value);
          kept.put(SecretRef.of(vault, name), value);
          return info;
        }

        @Override
        public synchronized SecretInfo updateSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.updateSecret(vault, name, value);
          kept.put(SecretRef.of(vault, name), value);
          return info;
        }

        @Override
        SecretOutcome outcome(String vault, String name) {
          SecretOutcome right = super.outcome(vault, name);
          return right instanceof SecretOutcome.Found found
              ? new SecretOutcome.Found(SecretSupport.adopt(
                  bytes(kept.get(SecretRef.of(vault, name))), found.value().metadata()))
              : right;
        }
      };
    }
  }

  @CaughtBy("passedValue_hasNoSayInItsMetadata")
  static class TakesTheVersionOfThePassedValue extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.createSecret(vault, name, value);
          return value.version() == 0
              ? info
              : write(
                  vault,
                  name,
                  new Secret(bytes(value), value.version(), info.createTime(), info.updateTime()));
        }
      };
    }
  }

  // --- list, describe, delete

  @CaughtBy("listSecrets_isSortedByName_andShowsNoValue")
  static class ListsSecretsUnsorted extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized List<SecretInfo> listSecrets(String vault) {
          return reversed(super.listSecrets(vault));
        }
      };
    }
  }

  @CaughtBy("listSecrets_ofMissingVault_isNotFound")
  static class ListsAMissingVaultAsEmpty extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized List<SecretInfo> listSecrets(String vault) {
          return describeVault(vault).isPresent() ? super.listSecrets(vault) : List.of();
        }
      };
    }
  }

  @CaughtBy("describeSecret_ofMissingSecret_isEmpty")
  static class ThrowsToDescribeAMissingSecret extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized Optional<SecretInfo> describeSecret(String vault, String name) {
          Optional<SecretInfo> info = super.describeSecret(vault, name);
          requireSecret(vault, name);
          return info;
        }
      };
    }
  }

  @CaughtBy("deleteSecret_removesIt")
  static class KeepsTheValueOfADeletedSecret extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, Secret> deleted = new HashMap<>();

        @Override
        void removeSecret(String vault, String name) {
          deleted.put(SecretRef.of(vault, name), secrets.get(vault).get(name));
          super.removeSecret(vault, name);
        }

        @Override
        SecretOutcome outcome(String vault, String name) {
          SecretOutcome right = super.outcome(vault, name);
          Secret secret = deleted.get(SecretRef.of(vault, name));
          return right instanceof SecretOutcome.Missing && secret != null
              ? new SecretOutcome.Found(value(secret))
              : right;
        }
      };
    }
  }

  @CaughtBy("deleteSecret_ofMissingSecret_isNotFound")
  static class DeletesAMissingSecretSilently extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized void deleteSecret(String vault, String name) {
          if (describeSecret(vault, name).isPresent()) {
            super.deleteSecret(vault, name);
          }
        }
      };
    }
  }

  @CaughtBy("secret_createdAgain_beginsAtVersionOne")
  static class ContinuesVersionsAfterDeletion extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, Long> lastVersions = new HashMap<>();

        @Override
        void removeSecret(String vault, String name) {
          lastVersions.put(
              SecretRef.of(vault, name), secrets.get(vault).get(name).version());
          super.removeSecret(vault, name);
        }

        @Override
        public synchronized SecretInfo createSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.createSecret(vault, name, value);
          long version = lastVersions.getOrDefault(SecretRef.of(vault, name), 0L) + 1;
          return write(
              vault, name, new Secret(bytes(value), version, info.createTime(), info.updateTime()));
        }
      };
    }
  }

  // --- names, null, close

  @CaughtBy("badName_isRefusedByEveryMethod")
  static class TakesAnyName extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void requireNames(String vault, String name) {
          java.util.Objects.requireNonNull(name, "name");
        }
      };
    }
  }

  @CaughtBy("badName_isRefusedByEveryMethod")
  static class TakesAnyVaultName extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void requireVaultName(String vault) {
          java.util.Objects.requireNonNull(vault, "vault");
        }
      };
    }
  }

  @CaughtBy("null_isRefusedByEveryMethod")
  static class TakesNullForAMissingVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized Optional<VaultInfo> describeVault(String vault) {
          return vault == null ? Optional.empty() : super.describeVault(vault);
        }
      };
    }
  }

  @CaughtBy("closedStore_refusesEveryCall")
  static class CanBeManagedAfterClose extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void requireOpen() {}

        @Override
        public synchronized Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
          if (closed) {
            throw new IllegalStateException("The store is closed");
          }
          return super.fetch(vault, names);
        }
      };
    }
  }

  private static <T> List<T> reversed(List<T> sorted) {
    List<T> reversed = new ArrayList<>(sorted);
    Collections.reverse(reversed);
    return reversed;
  }

  private static <T> T blamingTheVault(java.util.function.Supplier<T> call) {
    try {
      return call.get();
    } catch (SecretNotFoundException e) {
      throw SecretNotFoundException.of(
          SecretRef.of(e.vault(), e.name().orElse("any-name")), Missing.VAULT);
    }
  }
}
