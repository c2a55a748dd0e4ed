package tech.tailor.secretmanager.client.declare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.client.declare.SecretPlan.Action;
import tech.tailor.secretmanager.client.declare.SecretPlan.Step;

/**
 * Decides what is to be done so that a store is as declared: the vaults with their secrets in the
 * order of the declaration, then what is to be deleted.
 */
final class Planner {

  private final PlanSettings settings;
  private final boolean keepsDescriptions;
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> deletions = new ArrayList<>();

  private Planner(PlanSettings settings, boolean keepsDescriptions) {
    this.settings = settings;
    this.keepsDescriptions = keepsDescriptions;
  }

  static List<Step> steps(PlanSettings settings, StoreState state, boolean keepsDescriptions) {
    Planner planner = new Planner(settings, keepsDescriptions);
    state.vaults().forEach(planner::addVault);
    planner.steps.addAll(planner.deletions);
    return List.copyOf(planner.steps);
  }

  /**
   * The version of the value that was applied last, as the labels have it; 0 if none is known.
   *
   * @param labels of the secret
   */
  static int appliedVersion(Map<String, String> labels) {
    String label = labels.getOrDefault(SecretPlan.VALUE_VERSION_LABEL, "");
    return label.matches("v[1-9][0-9]{0,8}") || label.matches("v[12][0-9]{9}")
        ? parsed(label.substring(1))
        : 0;
  }

  private static int parsed(String digits) {
    long number = Long.parseLong(digits);
    return number <= Integer.MAX_VALUE ? (int) number : 0;
  }

  private void addVault(String vault, StoreState.Vault state) {
    if (!settings.secrets().containsKey(vault)) {
      addUndeclaredVault(vault, state);
      return;
    }
    if (!settings.mayTouch(vault, state.labels())) {
      addBlocked(vault, null, state.labels());
      return;
    }
    boolean isOwn = settings.isOwn(state.labels());
    if (!state.exists()) {
      addVaultStep(Action.CREATE, vault, "it does not exist");
    } else if (isOwn) {
      addVaultStep(Action.LEAVE, vault, "it exists");
    } else if (Owner.isNobody(state.labels())) {
      addVaultStep(Action.UPDATE, vault, "it has no owner yet");
    } else {
      addVaultStep(Action.UPDATE, vault, "it is taken over from " + Owner.describe(state.labels()));
    }
    settings.secrets().getOrDefault(vault, Map.of()).forEach((name, secret) -> {
      StoreState.Secret found = state.secrets().get(name);
      if (found != null && isOfSdk(vault, state, found)) {
        addBlocked(vault, name, found.labels());
      } else {
        addSecret(secret, found, isOwn);
      }
    });
    addUndeclared(vault, state);
  }

  /** Whether the SDK owns a secret of a vault that nobody has said to be ours. */
  private boolean isOfSdk(String vault, StoreState.Vault state, StoreState.Secret secret) {
    return Owner.isSdk(secret.labels())
        && !settings.isOwn(state.labels())
        && !settings.takenOver().contains(vault);
  }

  private void addVaultStep(Action action, String vault, String reason) {
    steps.add(new Step(action, vault, null, null, reason));
  }

  private void addBlocked(String vault, @Nullable String name, Map<String, String> labels) {
    steps.add(new Step(
        Action.BLOCKED,
        vault,
        name,
        null,
        "it is owned by " + Owner.describe(labels)
            + "; if it is to be yours, say so with takeOver(\"" + vault + "\")"));
  }

  /** A vault that was declared once, or of which a secret is to be deleted by its name. */
  private void addUndeclaredVault(String vault, StoreState.Vault state) {
    if (!state.exists()) {
      return;
    }
    if (!settings.isOwn(state.labels())) {
      String owner = Owner.isNobody(state.labels())
          ? "it has no owner"
          : "it is owned by " + Owner.describe(state.labels());
      addVaultStep(Action.BLOCKED, vault, owner + "; delete the secrets in it by hand");
      return;
    }
    addUndeclared(vault, state);
    if (settings.prune()) {
      String gone = "none of its secrets is declared any more";
      if (state.others().isEmpty() && !Owner.isSdk(state.labels())) {
        deletions.add(new Step(Action.DELETE, vault, null, null, gone));
      } else {
        addVaultStep(
            Action.LEAVE,
            vault,
            gone + "; kept, since it holds what this declaration did not apply");
      }
    }
  }

  private void addUndeclared(String vault, StoreState.Vault state) {
    Set<String> kept = new TreeSet<>(state.others());
    state.secrets().forEach((name, secret) -> {
      if (settings.declares(vault, name)) {
        return;
      }
      if (settings.prunes(SecretRef.of(vault, name), state.labels(), secret.labels())) {
        deletions.add(new Step(Action.DELETE, vault, name, null, "it is not declared"));
      } else {
        kept.add(name);
      }
    });
    for (String name : kept) {
      String why = settings.prune()
          ? "kept, now and by later plans, since this declaration did not apply it; to delete it,"
              + " say so with prune(SecretRef.of(\"" + vault + "\", \"" + name + "\"))"
          : "kept, since pruning was not asked for";
      steps.add(new Step(Action.LEAVE, vault, name, null, "it is not declared; " + why));
    }
  }

  private void addSecret(
      DeclaredSecret secret, StoreState.@Nullable Secret state, boolean ownVault) {
    Optional<String> origin = settings.source(secret).map(SecretSource::origin);
    String version = "value version " + secret.valueVersion();
    if (state == null) {
      addMissing(secret, origin, version);
      return;
    }
    List<String> changes = new ArrayList<>();
    // What somebody else applied is another value under the same number.
    int applied = ownVault ? appliedVersion(state.labels()) : 0;
    boolean isDue = origin.isPresent() && applied != secret.valueVersion();
    boolean isSkipped = isDue && isSkipped(secret);
    boolean writesValue = isDue && !isSkipped;
    if (writesValue) {
      changes.add((applied == 0
              ? "the value that is there is not known to be yours, and is replaced; " + version
              : "value version " + applied + " -> " + secret.valueVersion())
          + " from " + origin.get());
    }
    changes.addAll(labelChanges(secret, state.labels()));
    if (keepsDescriptions
        && !secret.description().isEmpty()
        && !secret.description().equals(state.description())) {
      changes.add("the description");
    }
    if (!changes.isEmpty()) {
      steps.add(step(Action.UPDATE, secret, writesValue, String.join("; ", changes)));
    } else if (isSkipped) {
      steps.add(step(
          Action.LEAVE,
          secret,
          false,
          version + " is skipped: " + origin.get() + " yields no value now"));
    } else {
      steps.add(step(
          Action.LEAVE,
          secret,
          false,
          origin.isPresent() ? version + " is applied" : "its value comes from elsewhere"));
    }
  }

  private void addMissing(DeclaredSecret secret, Optional<String> origin, String version) {
    if (origin.isEmpty()) {
      steps.add(step(
          Action.LEAVE,
          secret,
          false,
          "it does not exist, and no source of its value is declared; create it by hand, or"
              + " declare a source"));
    } else if (isSkipped(secret)) {
      steps.add(step(
          Action.LEAVE,
          secret,
          false,
          "it does not exist, and is skipped: " + origin.get() + " yields no value now"));
    } else {
      steps.add(step(
          Action.CREATE, secret, true, "it does not exist; " + version + " from " + origin.get()));
    }
  }

  /** Whether it is known that there is no value to be written, and that is to be skipped. */
  private boolean isSkipped(DeclaredSecret secret) {
    try {
      return settings.skipEmptyValues()
          && settings.source(secret).orElseThrow().isKnownToBeEmpty(secret.ref());
    } catch (RuntimeException e) {
      return false; // applying the plan will tell
    }
  }

  private List<String> labelChanges(DeclaredSecret secret, Map<String, String> current) {
    Map<String, String> wanted = settings.labels(secret, current);
    List<String> changes = new ArrayList<>();
    for (String key : new TreeSet<>(wanted.keySet())) {
      String before = current.get(key);
      if (before == null) {
        changes.add("the label " + key + "=" + wanted.get(key));
      } else if (!before.equals(wanted.get(key))) {
        changes.add("the label " + key + "=" + before + " -> " + wanted.get(key));
      }
    }
    for (String key : new TreeSet<>(current.keySet())) {
      if (!wanted.containsKey(key)) {
        changes.add("without the label " + key);
      }
    }
    return changes;
  }

  private static Step step(
      Action action, DeclaredSecret secret, boolean writesValue, String reason) {
    return new Step(action, secret, writesValue, reason);
  }
}
