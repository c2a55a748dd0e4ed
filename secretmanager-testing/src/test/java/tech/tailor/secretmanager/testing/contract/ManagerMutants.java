package tech.tailor.secretmanager.testing.contract;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;

/** Managers that break one rule of reading each, over a backend that is right. */
final class ManagerMutants {

  private ManagerMutants() {}

  /** The contract, for a manager that {@link #build} makes or wraps. */
  abstract static class ManagerMutant extends SecretBackendContract {
    @Override
    protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
      return new ReferenceStore().holding(secrets);
    }
  }

  /** A manager in front of the right one. */
  abstract static class WrapperMutant extends ManagerMutant {
    abstract SecretManager mutant(SecretManager right);

    @Override
    SecretManager build(
        SecretManagers.Builder builder, UnaryOperator<SecretManagers.Builder> settings) {
      return mutant(super.build(builder, settings));
    }
  }

  /** Leaves everything to the right manager. */
  static class Forwarding implements SecretManager {
    final SecretManager right;

    Forwarding(SecretManager right) {
      this.right = right;
    }

    @Override
    public Optional<SecretValue> getSecret(SecretRef ref) {
      return right.getSecret(ref);
    }

    @Override
    public SecretBundle getSecrets(String vault, Collection<String> names) {
      return right.getSecrets(vault, names);
    }

    @Override
    public SecretBundle getSecretsTogether(String vault, Collection<String> names) {
      return right.getSecretsTogether(vault, names);
    }

    @Override
    public SecretValue requireSecret(SecretRef ref) {
      return getSecret(ref).orElseGet(() -> right.requireSecret(ref));
    }

    @Override
    public <T, X extends Exception> T withSecret(
        SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
      return right.withSecret(ref, use);
    }

    @Override
    public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
      return right.getSecretAsync(ref);
    }

    @Override
    public CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names) {
      return right.getSecretsAsync(vault, names);
    }

    @Override
    public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
      return right.requireSecretAsync(ref);
    }

    @Override
    public <T> CompletableFuture<T> withSecretAsync(
        SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
      return right.withSecretAsync(ref, use);
    }

    @Override
    public <T, X extends Exception> T withSecret(
        SecretRef ref,
        SecretFunction<SecretValue, T, X> use,
        Predicate<? super Exception> isRejected)
        throws X {
      return right.withSecret(ref, use, isRejected);
    }

    @Override
    public <T, X extends Exception> T withSecretsTogether(
        String vault,
        Collection<String> names,
        SecretFunction<SecretBundle, T, X> use,
        Predicate<? super Exception> isRejected)
        throws X {
      return right.withSecretsTogether(vault, names, use, isRejected);
    }

    @Override
    public void refresh(SecretRef ref) {
      right.refresh(ref);
    }

    @Override
    public void invalidate(SecretRef ref) {
      right.invalidate(ref);
    }

    @Override
    public void invalidateAll() {
      right.invalidateAll();
    }

    @Override
    public CacheStats cacheStats() {
      return right.cacheStats();
    }

    @Override
    public void close() {
      right.close();
    }
  }

  // --- the cache

  @CaughtBy("getSecret_givesTheValue")
  static class GivesAnotherValue extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          return super.getSecret(ref).map(value -> replaced(value, SecretValue.of("another")));
        }
      };
    }
  }

  @CaughtBy("getSecret_withinTimeToLive_asksOnce")
  static class CachesNothing extends ManagerMutant {
    @Override
    SecretManager build(
        SecretManagers.Builder builder, UnaryOperator<SecretManagers.Builder> settings) {
      return super.build(builder.timeToLive(Duration.ZERO), settings);
    }
  }

  @CaughtBy({"getSecret_withinTimeToLive_asksOnce"})
  static class SharesOneValueBetweenReaders extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private final Map<SecretRef, SecretValue> shared = new ConcurrentHashMap<>();

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          return super.getSecret(ref).map(value -> {
            SecretValue first = shared.putIfAbsent(ref, value);
            return first == null ? value : first;
          });
        }
      };
    }
  }

  @CaughtBy("getSecrets_givesAllInOneFetch")
  static class ReadsBundlesOneByOne extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretBundle getSecrets(String vault, Collection<String> names) {
          names.forEach(name -> read(right, SecretRef.of(vault, name)));
          return super.getSecrets(vault, names);
        }
      };
    }
  }

  @CaughtBy("async_givesTheSame")
  static class FindsNothingAsynchronously extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
          return super.getSecretAsync(ref).thenApply(found -> {
            found.ifPresent(SecretValue::close);
            return Optional.empty();
          });
        }
      };
    }
  }

  // --- what does not exist

  @CaughtBy({"getSecret_ofMissingSecret_isEmpty", "getSecret_inMissingVault_isEmpty"})
  static class ThrowsForMissingSecrets extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          return Optional.of(right.requireSecret(ref));
        }
      };
    }
  }

  @CaughtBy({"getSecrets_leavesOutMissingSecrets", "getSecrets_inMissingVault_isEmpty"})
  static class CountsMissingNamesAsFailures extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretBundle getSecrets(String vault, Collection<String> names) {
          SecretBundle bundle = super.getSecrets(vault, names);
          Map<String, SecretManagerException> failures = new LinkedHashMap<>(bundle.failures());
          for (String name : names) {
            if (!failures.containsKey(name) && !bundle.names().contains(name)) {
              failures.put(
                  name, SecretNotFoundException.of(SecretRef.of(vault, name), Missing.SECRET));
            }
          }
          return SecretSupport.bundle(vault, names, values(bundle), failures, true);
        }
      };
    }
  }

  @CaughtBy("requireSecret_saysWhatIsMissing")
  static class AlwaysBlamesTheSecret extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretValue requireSecret(SecretRef ref) {
          try {
            return right.requireSecret(ref);
          } catch (SecretNotFoundException e) {
            throw SecretNotFoundException.of(ref, Missing.SECRET);
          }
        }
      };
    }
  }

  @CaughtBy("getSecret_ofDeletedSecret_isEmpty_andNeverStale")
  static class RemembersDeletedSecrets extends RememberingMutant {
    @Override
    boolean answersFromMemory(Optional<SecretManagerException> failure) {
      return failure.isEmpty();
    }
  }

  // --- names, null, close

  @CaughtBy("badName_isRefusedBeforeAnythingIsAsked")
  static class FindsNothingUnderABadName extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(String vault, String name) {
          try {
            return super.getSecret(vault, name);
          } catch (IllegalArgumentException e) {
            return Optional.empty();
          }
        }
      };
    }
  }

  @CaughtBy("badName_isRefusedBeforeAnythingIsAsked")
  static class AsksBeforeItChecksNames extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretBundle getSecrets(String vault, Collection<String> names) {
          names.stream().limit(1).forEach(first -> read(right, SecretRef.of(vault, first)));
          return super.getSecrets(vault, names);
        }
      };
    }
  }

  @CaughtBy("null_isRefusedByName")
  static class DoesNotNameTheNullParameter extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          if (ref == null) {
            throw new NullPointerException("argument");
          }
          return super.getSecret(ref);
        }
      };
    }
  }

  @CaughtBy("closedManager_refusesEveryRead")
  static class FindsNothingAfterClose extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          try {
            return super.getSecret(ref);
          } catch (IllegalStateException e) {
            return Optional.empty();
          }
        }
      };
    }
  }

  @CaughtBy("closedManager_refusesEveryRead")
  static class ClosesWhatItHandedOut extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private final List<SecretValue> handedOut = new ArrayList<>();

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          Optional<SecretValue> found = super.getSecret(ref);
          found.ifPresent(handedOut::add);
          return found;
        }

        @Override
        public void close() {
          handedOut.forEach(SecretValue::close);
          super.close();
        }
      };
    }
  }

  // --- failures

  /** Remembers what it read, and answers from memory when it should not. */
  abstract static class RememberingMutant extends WrapperMutant {
    /** Decides for a failure, or for an absence if {@code failure} is empty. */
    abstract boolean answersFromMemory(Optional<SecretManagerException> failure);

    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private final Map<SecretRef, byte[]> memory = new ConcurrentHashMap<>();

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          Optional<SecretValue> found;
          try {
            found = super.getSecret(ref);
          } catch (SecretManagerException e) {
            if (memory.containsKey(ref) && answersFromMemory(Optional.of(e))) {
              return Optional.of(SecretValue.copyOf(memory.get(ref)));
            }
            throw e;
          }
          if (found.isEmpty() && memory.containsKey(ref) && answersFromMemory(Optional.empty())) {
            return Optional.of(SecretValue.copyOf(memory.get(ref)));
          }
          found.ifPresent(value -> memory.put(ref, bytesOf(value)));
          return found;
        }
      };
    }
  }

  @CaughtBy({"denial_isThrown_andDropsTheCachedValue", "failure_isTreatedAsItsTypeSays"})
  static class AnswersADenialFromMemory extends RememberingMutant {
    @Override
    boolean answersFromMemory(Optional<SecretManagerException> failure) {
      return failure.isPresent() && failure.get() instanceof SecretAccessDeniedException;
    }
  }

  @CaughtBy({
    "outage_longerThanMaxStale_isThrown",
    "denial_isThrown_andDropsTheCachedValue",
    "getSecret_ofDeletedSecret_isEmpty_andNeverStale"
  })
  static class AnswersAnOutageFromMemoryForEver extends RememberingMutant {
    @Override
    boolean answersFromMemory(Optional<SecretManagerException> failure) {
      return failure.isPresent() && failure.get() instanceof SecretUnavailableException;
    }
  }

  @CaughtBy("failure_isTreatedAsItsTypeSays")
  static class AnswersAnyOtherFailureFromMemory extends RememberingMutant {
    @Override
    boolean answersFromMemory(Optional<SecretManagerException> failure) {
      return failure.isPresent()
          && !(failure.get() instanceof SecretAccessDeniedException)
          && !(failure.get() instanceof SecretUnavailableException);
    }
  }

  @CaughtBy("denial_thatEnded_isForgotten")
  static class RemembersADenialForEver extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private SecretAccessDeniedException denial;

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          if (denial != null) {
            throw SecretSupport.forCaller(denial);
          }
          try {
            return super.getSecret(ref);
          } catch (SecretAccessDeniedException e) {
            denial = e;
            throw e;
          }
        }
      };
    }
  }

  @CaughtBy("denial_ofOneName_doesNotSpoilOthers")
  static class SpoilsABundleByOneFailure extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretBundle getSecrets(String vault, Collection<String> names) {
          SecretBundle bundle = super.getSecrets(vault, names);
          bundle.failures().values().forEach(failure -> {
            bundle.close();
            throw SecretSupport.forCaller(failure);
          });
          return bundle;
        }
      };
    }
  }

  @CaughtBy("failure_ofEveryName_isThrown")
  static class LeavesOutWhatFailed extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public SecretBundle getSecrets(String vault, Collection<String> names) {
          try {
            return super.getSecrets(vault, names);
          } catch (SecretManagerException e) {
            return SecretSupport.bundle(vault, names, Map.of(), Map.of(), true);
          }
        }
      };
    }
  }

  @CaughtBy("outage_isAnsweredWithStaleValue")
  static class HidesThatAValueIsStale extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          return super.getSecret(ref)
              .map(value -> replaced(value, SecretValue.copyOf(bytesOf(value))));
        }
      };
    }
  }

  @CaughtBy({"outage_isAnsweredWithStaleValue", "failure_isTreatedAsItsTypeSays"})
  static class NeverServesStaleValues extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          Optional<SecretValue> found = super.getSecret(ref);
          if (found.isPresent() && found.get().freshness() instanceof Freshness.Stale stale) {
            found.get().close();
            throw SecretSupport.forCaller(stale.cause());
          }
          return found;
        }
      };
    }
  }

  @CaughtBy("outage_longerThanMaxStale_isThrown")
  static class ServesStaleValuesForADay extends ManagerMutant {
    @Override
    SecretManager build(
        SecretManagers.Builder builder, UnaryOperator<SecretManagers.Builder> settings) {
      return super.build(builder.maxStale(Duration.ofHours(24)), settings);
    }
  }

  @CaughtBy("outage_thatEnded_isForgotten")
  static class StaysStaleForEver extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private Freshness staleness;

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          return super.getSecret(ref).map(value -> {
            if (value.freshness() instanceof Freshness.Stale) {
              staleness = value.freshness();
            }
            return staleness == null
                ? value
                : replaced(
                    value,
                    SecretSupport.adopt(bytesOf(value), value.metadata().withFreshness(staleness)));
          });
        }
      };
    }
  }

  @CaughtBy("outage_withNothingCached_isThrown")
  static class TakesAnOutageForAnAbsence extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          try {
            return super.getSecret(ref);
          } catch (SecretUnavailableException e) {
            return Optional.empty();
          }
        }
      };
    }
  }

  @CaughtBy("outage_withNothingCached_isThrown")
  static class ThrowsOneExceptionObjectAtAll extends WrapperMutant {
    @Override
    SecretManager mutant(SecretManager right) {
      return new Forwarding(right) {
        private SecretUnavailableException shared;

        @Override
        public Optional<SecretValue> getSecret(SecretRef ref) {
          try {
            return super.getSecret(ref);
          } catch (SecretUnavailableException e) {
            shared = shared == null ? e : shared;
            throw shared;
          }
        }
      };
    }
  }

  // --- declared secrets

  @CaughtBy({"declaredOnly_verifiesWhenItIsBuilt", "declaredOnly_refusesWhatIsNotDeclared"})
  static class IgnoresDeclarations extends ManagerMutant {
    @Override
    SecretManager build(
        SecretManagers.Builder builder, UnaryOperator<SecretManagers.Builder> settings) {
      return super.build(builder, UnaryOperator.identity());
    }
  }

  /** The replacement, with what it replaces closed. */
  private static SecretValue replaced(SecretValue value, SecretValue replacement) {
    value.close();
    return replacement;
  }

  private static Map<String, SecretValue> values(SecretBundle bundle) {
    Map<String, SecretValue> values = new LinkedHashMap<>();
    bundle.names().forEach(name -> values.put(name, bundle.get(name).orElseThrow()));
    return values;
  }
}
