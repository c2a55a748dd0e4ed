package tech.tailor.secretmanager.testing.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Stores that break one rule of versions each. */
final class VersionMutants {

  private VersionMutants() {}

  /** The contract, for a store that {@link #mutant()} makes. */
  abstract static class VersionMutant extends VersionedSecretStoreContract {
    abstract VersionedReferenceStore mutant();

    @Override
    protected VersionedSecretStore emptyStore() {
      return mutant();
    }
  }

  @CaughtBy("listVersions_tellsEachVersion_andShowsNoValue")
  static class ListsVersionsNewestFirst extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized List<SecretVersionInfo> listVersions(String vault, String name) {
          List<SecretVersionInfo> reversed = new ArrayList<>(super.listVersions(vault, name));
          Collections.reverse(reversed);
          return reversed;
        }
      };
    }
  }

  @CaughtBy("readVersion_givesWhatWasWrittenAsThatVersion")
  static class ReadsTheCurrentVersionAlways extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretValue readVersion(String vault, String name, long version) {
          super.readVersion(vault, name, version).close();
          return value(requireSecret(vault, name));
        }
      };
    }
  }

  @CaughtBy("versions_ofWhatIsMissing_areNotFound")
  static class BlamesTheSecretForAMissingVersion extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretValue readVersion(String vault, String name, long version) {
          try {
            return super.readVersion(vault, name, version);
          } catch (SecretNotFoundException e) {
            throw e.missing() == Missing.VERSION
                ? SecretNotFoundException.of(SecretRef.of(vault, name), Missing.SECRET)
                : e;
          }
        }
      };
    }
  }

  @CaughtBy("oldestVersions_goWhenThereAreMoreThanAreKept")
  static class KeepsEveryVersion extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        void keep(SecretRef ref, byte[] bytes, SecretInfo info) {
          versions
              .computeIfAbsent(ref, key -> new ArrayList<>())
              .add(new Version(bytes, info.version(), info.updateTime(), State.ENABLED));
        }
      };
    }
  }

  @CaughtBy("oldestVersions_goWhenThereAreMoreThanAreKept")
  static class DropsTheSecondOldest extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        void keep(SecretRef ref, byte[] bytes, SecretInfo info) {
          List<Version> kept = versions.computeIfAbsent(ref, key -> new ArrayList<>());
          if (kept.size() == versionsKept()) {
            kept.remove(1);
          }
          super.keep(ref, bytes, info);
        }
      };
    }
  }

  @CaughtBy("versions_goWithTheSecret")
  static class BringsOldVersionsBack extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        private final Map<SecretRef, String> described = new HashMap<>();

        @Override
        void removeSecret(String vault, String name) {
          described.putAll(descriptions);
          super.removeSecret(vault, name);
          descriptions.putAll(described);
        }
      };
    }
  }

  @CaughtBy("updateOfAnotherVersionThanExpected_isAConflict")
  static class IgnoresTheExpectedVersion extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(
            String vault, String name, SecretValue value, long expectedVersion) {
          kept(vault, name);
          VersionedSecretStore.requireVersion(expectedVersion);
          return updateSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("updateOfAnotherVersionThanExpected_isAConflict")
  static class WritesBeforeItFindsTheConflict extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretInfo updateSecret(
            String vault, String name, SecretValue value, long expectedVersion) {
          try {
            return super.updateSecret(vault, name, value, expectedVersion);
          } catch (SecretConflictException e) {
            updateSecret(vault, name, value);
            throw e;
          }
        }
      };
    }
  }

  @CaughtBy("expectedUpdates_byManyThreads_loseNothing")
  static class ComparesBeforeItLocks extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // that is what is broken
        public SecretInfo updateSecret(
            String vault, String name, SecretValue value, long expectedVersion) {
          VersionedSecretStore.requireVersion(expectedVersion);
          List<SecretVersionInfo> versions = listVersions(vault, name);
          if (versions.get(versions.size() - 1).version() != expectedVersion) {
            throw new SecretConflictException("It is not at version " + expectedVersion);
          }
          LockSupport.parkNanos(1_000_000); // time enough for another thread
          return updateSecret(vault, name, value);
        }
      };
    }
  }

  @CaughtBy("rollBack_isANewVersionWithTheOldValue")
  static class RollsBackByDroppingVersions extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretInfo rollBack(String vault, String name, long version) {
          readVersion(vault, name, version).close();
          List<Version> kept = kept(vault, name);
          kept.removeIf(each -> each.number() > version);
          Version back = kept.get(kept.size() - 1);
          return write(
              vault,
              name,
              new Secret(back.bytes(), version, kept.get(0).createTime(), back.createTime()));
        }
      };
    }
  }

  @CaughtBy("disabledVersion_canNotBeRead_untilItIsEnabled")
  static class ReadsDisabledVersions extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized SecretValue readVersion(String vault, String name, long version) {
          Version found = requireVersion(vault, name, version);
          if (found.state() != State.DISABLED) {
            return super.readVersion(vault, name, version);
          }
          return SecretValue.copyOf(found.bytes());
        }
      };
    }
  }

  @CaughtBy("disabledCurrentVersion_isNeverReplacedByAnEarlierOne")
  static class FallsBackToAnEarlierVersion extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        SecretOutcome disabled(SecretRef ref, Version current) {
          return versions.get(ref).stream()
              .filter(version -> version.state() == State.ENABLED)
              .reduce((first, second) -> second)
              .<SecretOutcome>map(
                  version -> new SecretOutcome.Found(SecretValue.copyOf(version.bytes())))
              .orElseGet(() -> super.disabled(ref, current));
        }
      };
    }
  }

  @CaughtBy("disabledCurrentVersion_isNeverReplacedByAnEarlierOne")
  static class TakesADisabledSecretForMissing extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        SecretOutcome disabled(SecretRef ref, Version current) {
          return new SecretOutcome.Missing(Missing.SECRET);
        }
      };
    }
  }

  @CaughtBy("destroyedVersion_isGoneForEver")
  static class EnablesDestroyedVersions extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        SecretVersionInfo change(String vault, String name, long number, State state) {
          Version found = requireVersion(vault, name, number);
          Version changed = new Version(found.bytes(), number, found.createTime(), state);
          List<Version> kept = kept(vault, name);
          kept.set(kept.indexOf(found), changed);
          return changed.info();
        }
      };
    }
  }

  @CaughtBy("manager_forgetsTheValueOfADisabledSecret")
  static class FailsToReadADisabledSecretOtherwise extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        SecretOutcome disabled(SecretRef ref, Version current) {
          return new SecretOutcome.Failed(new SecretStorageException(ref + " can't be read"));
        }
      };
    }
  }

  @CaughtBy("disabledCurrentVersion_isNeverReplacedByAnEarlierOne")
  static class DeniesADisabledSecret extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        SecretOutcome disabled(SecretRef ref, Version current) {
          return new SecretOutcome.Failed(new SecretAccessDeniedException(ref + " is disabled"));
        }
      };
    }
  }

  @CaughtBy("description_isReplaced_andIsNoNewVersion")
  static class CutsDescriptionsToAscii extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        String checkedDescription(String description) {
          return new String(
              super.checkedDescription(description)
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
              UTF_8);
        }
      };
    }
  }

  @CaughtBy("description_isReplaced_andIsNoNewVersion")
  static class TakesAnyDescription extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        String checkedDescription(String description) {
          return java.util.Objects.requireNonNull(description, "description");
        }
      };
    }
  }

  @CaughtBy("oneCommit_makesAllItsChanges")
  static class LosesTheLabelsOfACommit extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
          Map<String, Map<String, String>> before = new HashMap<>(vaultLabels);
          super.inOneCommit(changes);
          vaultLabels.clear();
          vaultLabels.putAll(before);
        }
      };
    }
  }

  @CaughtBy("failedCommit_changesNothing")
  static class LeavesWhatAFailedCommitDid extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        Runnable picture() {
          return () -> {};
        }
      };
    }
  }

  @CaughtBy("commitInACommit_isAPartOfIt")
  static class RefusesACommitInACommit extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        private int depth;

        @Override
        public synchronized void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
          if (depth > 0) {
            throw new IllegalStateException("One commit at a time");
          }
          depth++;
          try {
            super.inOneCommit(changes);
          } finally {
            depth--;
          }
        }
      };
    }
  }

  @CaughtBy("commit_isSeenByNobodyBeforeItsEnd")
  static class CommitsChangeByChange extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // that is what is broken
        public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
          requireOpen();
          changes.accept(this);
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // as above
        public SecretInfo updateSecret(String vault, String name, SecretValue value) {
          SecretInfo info = super.updateSecret(vault, name, value);
          LockSupport.parkNanos(500_000); // time enough for another thread
          return info;
        }
      };
    }
  }

  @CaughtBy("commitThatIsOver_canNotBeUsed")
  static class LetsACommitBeUsedAfterItsEnd extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        boolean refusesAfterTheEnd() {
          return false;
        }
      };
    }
  }

  @CaughtBy("commitThatIsOver_canNotBeUsed")
  static class LetsTheStoreBeChangedDuringACommit extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        boolean refusesOtherWays() {
          return false;
        }
      };
    }
  }

  @CaughtBy("badArguments_areRefusedByTheMethodsOfVersions")
  static class TakesAnyNameForVersions extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized List<SecretVersionInfo> listVersions(String vault, String name) {
          requireOpen();
          return vaults.containsKey(vault) && secrets.get(vault).containsKey(name)
              ? super.listVersions(vault, name)
              : List.of();
        }
      };
    }
  }

  @CaughtBy("closedVersionedStore_refusesEveryCall")
  static class DescribesAfterClose extends VersionMutant {
    @Override
    VersionedReferenceStore mutant() {
      return new VersionedReferenceStore() {
        @Override
        public synchronized String description(String vault, String name) {
          return closed ? "" : super.description(vault, name);
        }
      };
    }
  }
}
