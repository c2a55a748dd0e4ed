package tech.tailor.secretmanager.client.declare;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * What a store holds of what a plan is about, without any value. Immutable.
 *
 * @param vaults by name: those that are declared first, in their order
 */
record StoreState(Map<String, Vault> vaults) {

  /** A server may tell one moment more exactly in one answer than in another. */
  private static final Duration SAME_MOMENT = Duration.ofMillis(1);

  /**
   * A vault.
   *
   * @param createTime null if the vault does not exist
   * @param labels its labels
   * @param secrets the secrets in it that the plan may change, if only their labels, by name
   * @param others the names of the others
   */
  record Vault(
      @Nullable Instant createTime,
      Map<String, String> labels,
      Map<String, Secret> secrets,
      Set<String> others) {

    static final Vault MISSING = new Vault(null, Map.of(), Map.of(), Set.of());

    boolean exists() {
      return createTime != null;
    }

    private boolean isSame(Vault other) {
      return labels.equals(other.labels)
          && exists() == other.exists()
          && (createTime == null
              || other.createTime == null
              || StoreState.isSame(createTime, other.createTime));
    }
  }

  /**
   * A secret.
   *
   * @param info what the store tells of it
   * @param labels its labels
   * @param description its description; empty where the store keeps none
   */
  record Secret(SecretInfo info, Map<String, String> labels, String description) {

    static Secret of(SecretDetails details) {
      return new Secret(details.info(), details.labels(), details.description());
    }

    boolean isSame(Secret other) {
      return labels.equals(other.labels)
          && description.equals(other.description)
          && isSameVersion(other.info);
    }

    /** Whether it is the same secret with the same value, as far as the store can tell. */
    boolean isSameVersion(SecretInfo other) {
      return info.version() == other.version()
          && StoreState.isSame(info.createTime(), other.createTime())
          && StoreState.isSame(info.updateTime(), other.updateTime());
    }
  }

  /** Reads what the plan is about. What somebody deletes meanwhile is gone, and no failure. */
  static StoreState read(SecretStore store, PlanSettings settings) {
    Set<String> named = new LinkedHashSet<>(settings.secrets().keySet());
    settings.pruned().forEach(ref -> named.add(ref.vault()));
    Map<String, Vault> vaults = new LinkedHashMap<>();
    for (String vault : named) {
      vaults.put(vault, readVault(store, settings, vault).orElse(Vault.MISSING));
    }
    if (settings.prune()) {
      for (VaultInfo info : store.listVaults()) {
        String vault = info.name();
        if (!vaults.containsKey(vault)
            && unlessGone(() -> store.vaultLabels(vault))
                .filter(settings::isOwn)
                .isPresent()) {
          readVault(store, settings, vault).ifPresent(state -> vaults.put(vault, state));
        }
      }
    }
    return new StoreState(vaults);
  }

  private static Optional<Vault> readVault(SecretStore store, PlanSettings settings, String vault) {
    Optional<VaultInfo> info = store.describeVault(vault);
    return info.flatMap(found -> unlessGone(() -> readVault(store, settings, found)));
  }

  private static Vault readVault(SecretStore store, PlanSettings settings, VaultInfo info) {
    String vault = info.name();
    Map<String, String> labels = store.vaultLabels(vault);
    Map<String, Secret> secrets = new LinkedHashMap<>();
    Set<String> others = new TreeSet<>();
    if (settings.mayTouch(vault, labels)) {
      // Of all, if it depends on the labels which are changed.
      boolean all = settings.prune() || !settings.isOwn(labels);
      List<String> names =
          store.listSecrets(vault).stream().map(SecretInfo::name).toList();
      Map<String, SecretDetails> details = store.describeSecrets(
          vault,
          names.stream().filter(name -> all || settings.mayChange(vault, name)).toList());
      for (String name : names) {
        Secret secret = details.containsKey(name) ? Secret.of(details.get(name)) : null;
        if (secret != null && isConcerned(settings, vault, labels, name, secret)) {
          secrets.put(name, secret);
        } else if (!settings.declares(vault, name)) {
          others.add(name);
        }
      }
    }
    return new Vault(info.createTime(), labels, secrets, others);
  }

  /** Whether the plan may change the secret, if only by taking another owner's version away. */
  private static boolean isConcerned(
      PlanSettings settings,
      String vault,
      Map<String, String> vaultLabels,
      String name,
      Secret secret) {
    return settings.mayChange(vault, name)
        || settings.prunes(SecretRef.of(vault, name), vaultLabels, secret.labels())
        || (!settings.isOwn(vaultLabels)
            && secret.labels().containsKey(SecretPlan.VALUE_VERSION_LABEL));
  }

  private static <T> Optional<T> unlessGone(Supplier<T> read) {
    try {
      return Optional.of(read.get());
    } catch (SecretNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Reads the secret as it is now; null if it does not exist. */
  static @Nullable Secret readSecret(SecretStore store, SecretRef ref) {
    return unlessGone(() -> store.describeSecrets(ref.vault(), List.of(ref.name())))
        .map(found -> found.get(ref.name()))
        .map(Secret::of)
        .orElse(null);
  }

  /** What is another in the given state, as addresses. */
  Set<String> differences(StoreState other) {
    Set<String> differences = new TreeSet<>();
    Set<String> names = new TreeSet<>(vaults.keySet());
    names.addAll(other.vaults.keySet());
    for (String name : names) {
      Vault here = vaults.getOrDefault(name, Vault.MISSING);
      Vault there = other.vaults.getOrDefault(name, Vault.MISSING);
      if (!here.isSame(there)) {
        differences.add("the vault " + name);
      }
      Set<String> secrets = new TreeSet<>(here.secrets.keySet());
      secrets.addAll(there.secrets.keySet());
      for (String secret : secrets) {
        Secret before = here.secrets.get(secret);
        Secret after = there.secrets.get(secret);
        if (before == null || after == null || !before.isSame(after)) {
          differences.add(name + "/" + secret);
        }
      }
    }
    return differences;
  }

  private static boolean isSame(Instant one, Instant other) {
    return Duration.between(one, other).abs().compareTo(SAME_MOMENT) <= 0;
  }
}
