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
 * What is to be planned. Immutable once it is handed out; {@link SecretPlan.Builder} says what each
 * part means, and checks it.
 *
 * @param owner whose declaration it is
 * @param secrets the declared secrets, by vault and by name, in the order of their declaration
 * @param sources those that were given beside the declaration
 * @param takenOver the vaults to be touched whoever owns them
 * @param prune whether what is not declared is deleted
 * @param skipEmptyValues whether a secret whose source yields nothing is skipped
 */
record PlanSettings(
    String owner,
    Map<String, Map<String, DeclaredSecret>> secrets,
    Map<SecretRef, SecretSource> sources,
    Set<String> takenOver,
    boolean prune,
    boolean skipEmptyValues) {

  PlanSettings {
    secrets = new LinkedHashMap<>(secrets);
    sources = Map.copyOf(sources);
    takenOver = new LinkedHashSet<>(takenOver);
  }

  Optional<SecretSource> source(DeclaredSecret secret) {
    SecretSource given = sources.get(secret.ref());
    return given != null ? Optional.of(given) : secret.source();
  }

  /** Whether it is declared with a source of its value. */
  boolean hasSource(String vault, String name) {
    DeclaredSecret secret = secrets.getOrDefault(vault, Map.of()).get(name);
    return secret != null && source(secret).isPresent();
  }

  boolean declares(String vault, String name) {
    return secrets.getOrDefault(vault, Map.of()).containsKey(name);
  }

  /**
   * The labels that the secret should have, given those that it has: the declared ones, and of the
   * others those that nothing is to be pruned of; the value version stays as it is.
   */
  Map<String, String> labels(DeclaredSecret secret, Map<String, String> current) {
    Map<String, String> wanted = new TreeMap<>();
    current.forEach((key, value) -> {
      if (!prune || key.equals(SecretPlan.VALUE_VERSION_LABEL)) {
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
    String current = vaultLabels.get(SecretPlan.OWNER_LABEL);
    return current == null || current.equals(owner) || takenOver.contains(vault);
  }

  /** Whether what is not declared is deleted from the vault; never from one that is new to us. */
  boolean mayPrune(String vault, Map<String, String> vaultLabels) {
    return prune && (isOwn(vaultLabels) || takenOver.contains(vault));
  }
}
