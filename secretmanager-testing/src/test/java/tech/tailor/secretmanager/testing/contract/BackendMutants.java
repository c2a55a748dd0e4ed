package tech.tailor.secretmanager.testing.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Backends that break one rule of reading each. */
final class BackendMutants {

  private BackendMutants() {}

  /** The contract, for a backend that {@link #mutant()} makes. */
  abstract static class BackendMutant extends SecretBackendContract {
    abstract ReferenceStore mutant();

    @Override
    protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
      return mutant().holding(secrets);
    }
  }

  /** Keeps something else than what it was given. */
  abstract static class ValueMutant extends BackendMutant {
    abstract byte[] mutate(byte[] bytes);

    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        byte[] bytes(SecretValue value) {
          return mutate(super.bytes(value));
        }
      };
    }
  }

  /** Answers something else than what it found. */
  abstract static class AnswerMutant extends BackendMutant {
    abstract Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right);

    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
          return mutate(this, vault, names, super.fetch(vault, names));
        }
      };
    }
  }

  private static boolean isMissing(SecretOutcome outcome, Missing missing) {
    return new SecretOutcome.Missing(missing).equals(outcome);
  }

  // --- which names are answered, and how

  @CaughtBy("fetch_answersEachNameAsked_andNoOther")
  static class LeavesMissingNamesOut extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.values().removeIf(outcome -> outcome instanceof SecretOutcome.Missing);
      return right;
    }
  }

  @CaughtBy("fetch_answersEachNameAsked_andNoOther")
  static class AnswersNamesNotAsked extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.put("not-asked", new SecretOutcome.Missing(Missing.SECRET));
      return right;
    }
  }

  @CaughtBy("fetch_answersEachNameAsked_andNoOther")
  static class AnswersNullForMissingNames extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.replaceAll((name, outcome) -> outcome instanceof SecretOutcome.Found ? outcome : null);
      return right;
    }
  }

  @CaughtBy({"fetch_saysThatTheVaultIsMissing", "fetch_ofMissingVault_answersEachName"})
  static class ReturnsNullForMissingVault extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      return store.vaults.containsKey(vault) ? right : null;
    }
  }

  @CaughtBy("fetch_saysThatTheVaultIsMissing")
  static class SaysSecretWhereVaultIsMissing extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.replaceAll((name, outcome) ->
          isMissing(outcome, Missing.VAULT) ? new SecretOutcome.Missing(Missing.SECRET) : outcome);
      return right;
    }
  }

  @CaughtBy({"fetch_saysThatTheSecretIsMissing", "requireSecret_saysWhatIsMissing"})
  static class SaysVaultWhereSecretIsMissing extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.replaceAll((name, outcome) ->
          isMissing(outcome, Missing.SECRET) ? new SecretOutcome.Missing(Missing.VAULT) : outcome);
      return right;
    }
  }

  @CaughtBy("fetch_ofMissingVault_answersEachName")
  static class ThrowsForMissingVault extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      if (!store.vaults.containsKey(vault)) {
        throw SecretNotFoundException.vault(vault);
      }
      return right;
    }
  }

  @CaughtBy({"fetch_saysThatTheSecretIsMissing", "fetch_missingNameDoesNotSpoilOthers"})
  static class ThrowsForMissingSecret extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.forEach((name, outcome) -> {
        if (isMissing(outcome, Missing.SECRET)) {
          throw SecretNotFoundException.of(SecretRef.of(vault, name), Missing.SECRET);
        }
      });
      return right;
    }
  }

  @CaughtBy("fetch_missingNameDoesNotSpoilOthers")
  static class SpoilsOthersByOneMissingName extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      if (right.containsValue(new SecretOutcome.Missing(Missing.SECRET))) {
        right.replaceAll((name, outcome) -> new SecretOutcome.Missing(Missing.SECRET));
      }
      return right;
    }
  }

  @CaughtBy("fetch_findsTheSecretOfTheVaultAsked")
  static class LooksInAnyVault extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        SecretOutcome outcome(String vault, String name) {
          if (!vaults.containsKey(vault)) {
            return super.outcome(vault, name);
          }
          List<String> newestFirst =
              new ArrayList<>(new TreeSet<>(secrets.keySet()).descendingSet());
          return newestFirst.stream()
              .filter(other -> secrets.get(other).containsKey(name))
              .findFirst()
              .map(other -> super.outcome(other, name))
              .orElseGet(() -> super.outcome(vault, name));
        }
      };
    }
  }

  @CaughtBy("fetch_orderOfNamesDoesNotMatter")
  static class AnswersInItsOwnOrder extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      // A server that answers in alphabetical order, and a client that takes it for the order
      // asked.
      Iterator<String> sorted = new TreeSet<>(names).iterator();
      Map<String, SecretOutcome> shuffled = new LinkedHashMap<>();
      names.forEach(name -> shuffled.put(name, right.get(sorted.next())));
      return shuffled;
    }
  }

  @CaughtBy("fetch_leavesTheCallersNamesAlone")
  static class EatsTheCallersNames extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      names.removeAll(Set.copyOf(names));
      return right;
    }
  }

  @CaughtBy("fetch_takesHundredNamesInOneCall")
  static class RefusesLargeBatches extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      if (names.size() > 50) {
        throw new SecretLimitException("At most 50 names");
      }
      return right;
    }
  }

  @CaughtBy("fetch_takesHundredNamesInOneCall")
  static class AnswersFirstPageOnly extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      Collection<String> firstPage = names.stream().limit(50).toList();
      right.replaceAll((name, outcome) ->
          firstPage.contains(name) ? outcome : new SecretOutcome.Missing(Missing.SECRET));
      return right;
    }
  }

  @CaughtBy("fetch_byManyThreads_answersEach")
  static class SharesItsBufferBetweenThreads extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private String current = "";

        @Override
        public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
          requireOpen();
          Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
          for (String name : names) {
            synchronized (this) {
              current = name;
            }
            LockSupport.parkNanos(50_000);
            synchronized (this) {
              outcomes.put(name, outcome(vault, current));
            }
          }
          return outcomes;
        }
      };
    }
  }

  // --- the value, as it was stored

  @CaughtBy("fetch_findsTheValue")
  static class ChangesCase extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      return Arrays.equals(bytes, CANARY.getBytes(UTF_8))
          ? CANARY.toUpperCase(java.util.Locale.ROOT).getBytes(UTF_8)
          : bytes;
    }
  }

  @CaughtBy("value_ofLargestSize_survives")
  static class TruncatesTo32KiB extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      return Arrays.copyOf(bytes, Math.min(bytes.length, 32 * 1024));
    }
  }

  @CaughtBy("value_ofEveryByte_survives")
  static class DecodesAsText extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      return new String(bytes, UTF_8).getBytes(UTF_8);
    }
  }

  @CaughtBy("value_ofEveryByte_survives")
  static class EndsAtNul extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      int end = 0;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      return Arrays.copyOf(bytes, end);
    }
  }

  @CaughtBy("value_ofUnicode_survives")
  static class KnowsAsciiOnly extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      return new String(bytes, UTF_8).getBytes(US_ASCII);
    }
  }

  @CaughtBy("value_ofUnicode_survives")
  static class NormalisesText extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      String text = new String(bytes, UTF_8);
      return Arrays.equals(text.getBytes(UTF_8), bytes)
          ? Normalizer.normalize(text, Normalizer.Form.NFC).getBytes(UTF_8)
          : bytes;
    }
  }

  @CaughtBy("value_withBlanksAround_survives")
  static class TrimsText extends ValueMutant {
    @Override
    byte[] mutate(byte[] bytes) {
      String text = new String(bytes, UTF_8);
      return Arrays.equals(text.getBytes(UTF_8), bytes) ? text.strip().getBytes(UTF_8) : bytes;
    }
  }

  @CaughtBy("value_ofNothing_survives")
  static class TakesEmptyForMissing extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.replaceAll((name, outcome) ->
          outcome instanceof SecretOutcome.Found found && found.value().matches("")
              ? new SecretOutcome.Missing(Missing.SECRET)
              : outcome);
      return right;
    }
  }

  // --- whose the value is

  @CaughtBy("fetch_givesNewValuesEachTime")
  static class GivesTheSameValueTwice extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<Secret, SecretValue> given = new LinkedHashMap<>();

        @Override
        SecretValue value(Secret secret) {
          return given.computeIfAbsent(secret, super::value);
        }
      };
    }
  }

  @CaughtBy("fetch_isNotTouchedByClosingAnEarlierValue")
  static class LendsItsOwnArray extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        SecretValue value(Secret secret) {
          return SecretSupport.adopt(
              secret.bytes(), SecretMetadata.of(secret.version(), secret.updateTime()));
        }
      };
    }
  }

  @CaughtBy("fetch_givesValuesThatOutliveTheBackend")
  static class WipesWhatItGaveWhenItCloses extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final List<SecretValue> given = new ArrayList<>();

        @Override
        SecretValue value(Secret secret) {
          given.add(super.value(secret));
          return given.get(given.size() - 1);
        }

        @Override
        public synchronized void close() {
          super.close();
          given.forEach(SecretValue::close);
        }
      };
    }
  }

  // --- what it tells beside the value

  /** Tells something else about a value than what is true. */
  abstract static class MetadataMutant extends BackendMutant {
    private long reads;

    abstract SecretMetadata mutate(SecretMetadata right, long read);

    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        SecretValue value(Secret secret) {
          SecretMetadata right = SecretMetadata.of(secret.version(), secret.updateTime());
          return SecretSupport.adopt(secret.bytes().clone(), mutate(right, ++reads));
        }
      };
    }
  }

  @CaughtBy("metadata_isSane")
  static class CountsReadsAsVersions extends MetadataMutant {
    @Override
    SecretMetadata mutate(SecretMetadata right, long read) {
      return SecretMetadata.of(read, right.updateTime().orElseThrow());
    }
  }

  @CaughtBy("metadata_isSane")
  static class TellsTheTimeOfReading extends MetadataMutant {
    @Override
    SecretMetadata mutate(SecretMetadata right, long read) {
      return SecretMetadata.of(right.version(), right.updateTime().orElseThrow().plusMillis(read));
    }
  }

  @CaughtBy("metadata_isSane")
  static class TakesMillisecondsForSeconds extends MetadataMutant {
    @Override
    SecretMetadata mutate(SecretMetadata right, long read) {
      return SecretMetadata.of(
          right.version(),
          java.time.Instant.ofEpochSecond(right.updateTime().orElseThrow().toEpochMilli()));
    }
  }

  @CaughtBy({"metadata_isSane", "getSecret_givesTheValue"})
  static class CallsItsValuesStale extends MetadataMutant {
    @Override
    SecretMetadata mutate(SecretMetadata right, long read) {
      return right.withFreshness(
          Freshness.Stale.of(Duration.ofSeconds(1), new SecretUnavailableException("says so")));
    }
  }

  // --- open and closed, silent and not

  @CaughtBy("fetch_afterClose_isRefused")
  static class AnswersAfterClose extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void requireOpen() {}
      };
    }
  }

  @CaughtBy("close_twice_doesNothing")
  static class RefusesSecondClose extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized void close() {
          requireOpen();
          super.close();
        }
      };
    }
  }

  @CaughtBy("nothing_showsTheValue")
  static class ShowsItsValues extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public String toString() {
          return "Store" + texts(this);
        }
      };
    }
  }

  @CaughtBy("nothing_showsTheValue")
  static class ShowsItsValuesInErrors extends BackendMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void requireOpen() {
          if (closed) {
            throw new IllegalStateException("Closed; it held " + texts(this));
          }
        }
      };
    }
  }

  private static List<String> texts(ReferenceStore store) {
    return store.secrets.values().stream()
        .flatMap(there -> there.values().stream())
        .map(secret -> new String(secret.bytes(), UTF_8))
        .toList();
  }

  @CaughtBy("getSecret_ofMissingSecret_isEmpty")
  static class FailsForMissingNames extends AnswerMutant {
    @Override
    Map<String, SecretOutcome> mutate(
        ReferenceStore store, String vault, Set<String> names, Map<String, SecretOutcome> right) {
      right.replaceAll((name, outcome) -> outcome instanceof SecretOutcome.Found
          ? outcome
          : new SecretOutcome.Failed(new SecretUnavailableException("not found")));
      return right;
    }
  }
}
