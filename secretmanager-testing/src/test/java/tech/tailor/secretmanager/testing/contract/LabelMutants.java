package tech.tailor.secretmanager.testing.contract;

import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.contract.StoreMutants.StoreMutant;

/** Stores that break one rule of labels each. */
final class LabelMutants {

  private LabelMutants() {}

  @CaughtBy("setLabels_replacesAllLabelsOfTheSecret")
  static class AddsToTheLabels extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void putLabels(SecretRef ref, Map<String, String> checked) {
          labels.computeIfAbsent(ref, key -> new TreeMap<>()).putAll(checked);
        }
      };
    }
  }

  @CaughtBy("setLabels_replacesAllLabelsOfTheSecret")
  static class GivesLabelsUnsorted extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void putLabels(SecretRef ref, Map<String, String> checked) {
          Map<String, String> reversed = new TreeMap<>(Collections.reverseOrder());
          reversed.putAll(checked);
          labels.put(ref, reversed);
        }
      };
    }
  }

  @CaughtBy("setLabels_isNoNewVersion")
  static class CountsLabelsAsAVersion extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void putLabels(SecretRef ref, Map<String, String> checked) {
          super.putLabels(ref, checked);
          Secret secret = requireSecret(ref.vault(), ref.name());
          write(
              ref.vault(),
              ref.name(),
              new Secret(secret.bytes(), secret.version() + 1, secret.createTime(), Instant.now()));
        }
      };
    }
  }

  @CaughtBy("labels_goWithTheSecret")
  static class KeepsLabelsOfADeletedSecret extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        private final Map<SecretRef, Map<String, String>> kept = new HashMap<>();

        @Override
        void removeSecret(String vault, String name) {
          kept.putAll(labels);
          super.removeSecret(vault, name);
          labels.putAll(kept);
        }
      };
    }
  }

  @CaughtBy("setVaultLabels_replacesAllLabelsOfTheVault")
  static class AddsToTheLabelsOfTheVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void putVaultLabels(String vault, Map<String, String> checked) {
          vaultLabels.computeIfAbsent(vault, key -> new TreeMap<>()).putAll(checked);
        }
      };
    }
  }

  @CaughtBy("setVaultLabels_replacesAllLabelsOfTheVault")
  static class LabelsEveryVault extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        void putVaultLabels(String vault, Map<String, String> checked) {
          vaults.keySet().forEach(each -> vaultLabels.put(each, checked));
        }
      };
    }
  }

  @CaughtBy("labels_ofWhatIsMissing_areNotFound")
  static class GivesNoLabelsForAMissingSecret extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        public synchronized Map<String, String> labels(String vault, String name) {
          return describeSecret(vault, name).isPresent() ? super.labels(vault, name) : Map.of();
        }
      };
    }
  }

  @CaughtBy("badLabels_areRefused")
  static class TakesAnyLabels extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        Map<String, String> checked(Map<String, String> labels) {
          return new TreeMap<>(labels);
        }
      };
    }
  }

  @CaughtBy("badLabels_areRefused")
  static class TakesFewerLabels extends StoreMutant {
    @Override
    ReferenceStore mutant() {
      return new ReferenceStore() {
        @Override
        Map<String, String> checked(Map<String, String> labels) {
          if (labels.size() >= SecretStore.MAX_LABELS) {
            throw new IllegalArgumentException("There may be fewer labels");
          }
          return super.checked(labels);
        }
      };
    }
  }
}
