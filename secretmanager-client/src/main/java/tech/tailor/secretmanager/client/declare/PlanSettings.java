package tech.tailor.secretmanager.client.declare;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;

/**
 * Settings of a plan. Immutable once handed out; {@link SecretPlan.Builder} documents and checks
 * each part.
 *
 * @param owner whose declaration it is
 * @param secrets the declared secrets, by vault and by name, in the order of their declaration
 * @param sources the sources given in addition to those of the declaration
 * @param takenOver the vaults to change regardless of their owner
 * @param prune whether what this owner applied, and no longer declares, is deleted
 * @param pruned the secrets to delete regardless of their owner
 * @param skipEmptyValues whether a secret whose source yields nothing is skipped
 */
record PlanSettings(
    String owner,
    Map<String, Map<String, DeclaredSecret>> secrets,
    Map<SecretRef, SecretSource> sources,
    Set<String> takenOver,
    boolean prune,
    Set<SecretRef> pruned,
    boolean skipEmptyValues) {

  PlanSettings {
    secrets = new LinkedHashMap<>(secrets);
    sources = Map.copyOf(sources);
    takenOver = new LinkedHashSet<>(takenOver);
    pruned = new LinkedHashSet<>(pruned);
  }

  Optional<SecretSource> source(DeclaredSecret secret) {
    SecretSource given = sources.get(secret.ref());
    return given != null ? Optional.of(given) : secret.source();
  }

  boolean declares(String vault, String name) {
    return secrets.getOrDefault(vault, Map.of()).containsKey(name);
  }

  /** Whether the secret is declared, or to be deleted by its name. */
  boolean mayChange(String vault, String name) {
    return declares(vault, name)
        || pruned.stream()
            .anyMatch(ref -> ref.vault().equals(vault) && ref.name().equals(name));
  }

  /**
   * The labels that the secret should have, given those that it has: the declared ones, and of the
   * others those that nothing is to be pruned of; the value version and what the SDK wrote stay as
   * they are.
   */
  Map<String, String> labels(DeclaredSecret secret, Map<String, String> current) {
    Map<String, String> wanted = new TreeMap<>();
    current.forEach((key, value) -> {
      if (!prune || key.equals(SecretPlan.VALUE_VERSION_LABEL) || Owner.isSdkLabel(key)) {
        wanted.put(key, value);
      }
    });
    wanted.putAll(secret.labels());
    return wanted;
  }

  /** Whether the labels of a vault name this owner. */
  boolean isOwn(Map<String, String> vaultLabels) {
    return owner.equals(vaultLabels.get(SecretPlan.OWNER_LABEL));
  }

  /** Whether the vault may be changed, given who its labels say owns it. */
  boolean mayTouch(String vault, Map<String, String> vaultLabels) {
    return isOwn(vaultLabels) || Owner.isNobody(vaultLabels) || takenOver.contains(vault);
  }

  /**
   * Whether a secret that is not declared is to be deleted.
   *
   * @param vaultLabels of its vault, which may be changed
   * @param labels of the secret
   */
  boolean prunes(SecretRef ref, Map<String, String> vaultLabels, Map<String, String> labels) {
    boolean applied = Planner.appliedVersion(labels) > 0 && !Owner.isSdk(labels);
    return pruned.contains(ref) || (prune && isOwn(vaultLabels) && applied);
  }
}
