package tech.tailor.secretmanager.client.declare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
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
    String current = state.labels().get(SecretPlan.OWNER_LABEL);
    if (!settings.secrets().containsKey(vault)) {
      addUndeclared(vault, state);
      deletions.add(
          new Step(Action.DELETE, vault, null, null, "none of its secrets is declared any more"));
      return;
    }
    if (!settings.mayTouch(vault, state.labels())) {
      steps.add(new Step(
          Action.BLOCKED,
          vault,
          null,
          null,
          "it is owned by \"" + current + "\"; if it is to be yours, say so with takeOver(\""
              + vault + "\")"));
      return;
    }
    if (!state.exists()) {
      steps.add(new Step(Action.CREATE, vault, null, null, "it does not exist"));
    } else if (current == null) {
      steps.add(new Step(Action.UPDATE, vault, null, null, "it has no owner yet"));
    } else if (!current.equals(settings.owner())) {
      steps.add(
          new Step(Action.UPDATE, vault, null, null, "it is taken over from \"" + current + "\""));
    } else {
      steps.add(new Step(Action.LEAVE, vault, null, null, "it exists"));
    }
    settings
        .secrets()
        .getOrDefault(vault, Map.of())
        .forEach((name, secret) ->
            addSecret(secret, state.secrets().get(name), settings.isOwn(state.labels())));
    addUndeclared(vault, state);
  }

  private void addUndeclared(String vault, StoreState.Vault state) {
    state.secrets().keySet().stream()
        .filter(name -> !settings.declares(vault, name))
        .forEach(name ->
            deletions.add(new Step(Action.DELETE, vault, name, null, "it is not declared")));
    String why = settings.prune()
        ? "it is not declared; kept, since the vault was not yours until now"
        : "it is not declared; kept, since pruning was not asked for";
    state.others().forEach(name -> steps.add(new Step(Action.LEAVE, vault, name, null, why)));
  }

  private void addSecret(
      DeclaredSecret secret, StoreState.@Nullable Secret state, boolean ownVault) {
    Optional<String> origin = settings.source(secret).map(SecretSource::origin);
    String version = "value version " + secret.valueVersion();
    if (state == null) {
      steps.add(
          origin.isPresent()
              ? step(
                  Action.CREATE,
                  secret,
                  true,
                  "it does not exist; " + version + " from " + origin.get())
              : step(
                  Action.LEAVE,
                  secret,
                  false,
                  "it does not exist, and no source of its value is declared; create it by hand, or"
                      + " declare a source"));
      return;
    }
    List<String> changes = new ArrayList<>();
    // What somebody else applied is another value under the same number.
    int applied = ownVault ? appliedVersion(state.labels()) : 0;
    boolean writesValue = origin.isPresent() && applied != secret.valueVersion();
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
    } else {
      steps.add(step(
          Action.LEAVE,
          secret,
          false,
          origin.isPresent() ? version + " is applied" : "its value comes from elsewhere"));
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
