package tech.tailor.secretmanager.client.declare;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretServerIdentityException;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.ApplyReport.Result;
import tech.tailor.secretmanager.client.declare.SecretPlan.Action;
import tech.tailor.secretmanager.client.declare.SecretPlan.Step;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/*
 * The order of writes, and what a crash leaves. A value and the label that says which version of it
 * was applied are two writes, where the store has no commits:
 *
 *   1. the label goes, if there is one    crash: no label, so the value is sent (again) next time
 *   2. the value is written               crash: the same
 *   3. the label comes                    crash before: the same; after: done
 *
 * Without step 1 a crash after step 2 would leave the new value under the label of the old one. If
 * the declaration then went back to the old version, the old value would count as applied.
 *
 * A vault is created before its owner is put on it: a crash leaves one without an owner, which the
 * next plan takes as its own. Where there was another owner, the labels that say what that one
 * applied go first: a crash after leaves a vault that is still to be taken over. Deletions come
 * last.
 */
/** One application of a plan. For one thread. */
final class PlanRun {

  private static final System.Logger LOGGER = System.getLogger(PlanRun.class.getName());

  private final SecretStore store;
  private final PlanSettings settings;
  private final StoreState planned;
  private final Set<String> failedVaults = new HashSet<>();
  private boolean failed;
  private boolean unavailable;

  /** Whether a source is asked, which tells nothing of the store. */
  private boolean reading;

  PlanRun(SecretStore store, PlanSettings settings, StoreState planned) {
    this.store = store;
    this.settings = settings;
    this.planned = planned;
  }

  ApplyReport apply(List<Step> steps) {
    List<Result> results = new ArrayList<>();
    for (Step step : steps) {
      if (step.action() != Action.LEAVE) {
        Result result = result(step);
        LOGGER.log(
            System.Logger.Level.DEBUG,
            () -> step.address() + ": " + step.action() + ", " + result.outcome());
        results.add(result);
      }
    }
    return new ApplyReport(settings.owner(), results);
  }

  private Result result(Step step) {
    if (unavailable) {
      return Result.notTried(step, "the store is unavailable");
    } else if (failedVaults.contains(step.vault())) {
      return Result.notTried(step, "its vault failed");
    } else if (failed && step.action() == Action.DELETE) {
      return Result.notTried(step, "nothing is deleted after a failure");
    }
    SecretManagerException failure;
    reading = false;
    try {
      return run(step) ? Result.done(step) : Result.skipped(step);
    } catch (SecretManagerException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = unexpected("The store " + store.getClass().getName(), "apply " + step.address(), e);
    }
    failed = true;
    unavailable = !reading
        && (failure instanceof SecretUnavailableException
            || failure instanceof SecretServerIdentityException);
    if (step.name().isEmpty()) {
      failedVaults.add(step.vault());
    }
    return Result.failed(step, failure);
  }

  /** Whether it was done; if not, it was skipped. */
  private boolean run(Step step) {
    String name = step.name().orElse(null);
    if (name == null) {
      inOneCommit(target -> runOnVault(target, step));
      return true;
    }
    SecretRef ref = SecretRef.of(step.vault(), name);
    DeclaredSecret secret = step.secret();
    if (secret == null) {
      inOneCommit(target -> delete(target, ref));
      return true;
    }
    if (!step.writesValue()) {
      inOneCommit(target -> write(target, step, secret, null));
      return true;
    }
    // Read outside of a commit: it may take as long as somebody types.
    Optional<SecretValue> read = read(secret);
    if (read.isEmpty()) {
      if (step.action() == Action.UPDATE) {
        inOneCommit(target -> write(target, step, secret, null));
      }
      return false;
    }
    try (SecretValue value = read.get()) {
      SecretEncodingException malformed = Verification.malformed(secret, value);
      if (malformed != null) {
        throw malformed;
      }
      inOneCommit(target -> write(target, step, secret, value));
    }
    return true;
  }

  private void inOneCommit(Consumer<SecretStore> change) {
    if (store instanceof VersionedSecretStore versioned) {
      versioned.inOneCommit(change);
    } else {
      change.accept(store);
    }
  }

  private void runOnVault(SecretStore target, Step step) {
    String vault = step.vault();
    switch (step.action()) {
      case CREATE -> {
        try {
          target.createVault(vault);
        } catch (SecretAlreadyExistsException e) {
          throw changedSince("the vault " + vault, e);
        }
        target.setVaultLabels(vault, owned(vault, Map.of()));
      }
      case UPDATE -> {
        Map<String, String> labels = vaultLabels(target, vault);
        if (!labels.equals(plannedVault(vault).labels())) {
          throw changedSince("the vault " + vault, null);
        }
        Map<String, String> owned = owned(vault, labels); // refused before anything is changed
        forgetVersions(target, vault);
        target.setVaultLabels(vault, owned);
      }
      case DELETE -> {
        requireOwned(target, vault);
        target.deleteVault(vault);
      }
      default -> throw new AssertionError(step.action());
    }
  }

  /**
   * Takes away what says that the values of another owner are applied, before the vault gets its
   * new owner, in whose hands that would be a lie: it would count a declared value as its own, and
   * prune what it doesn't declare.
   */
  private void forgetVersions(SecretStore target, String vault) {
    plannedVault(vault).secrets().forEach((name, secret) -> {
      if (secret.labels().containsKey(SecretPlan.VALUE_VERSION_LABEL)) {
        StoreState.Secret current = StoreState.readSecret(target, SecretRef.of(vault, name));
        if (current == null || !secret.isSame(current)) {
          throw changedSince("the secret " + vault + "/" + name, null);
        }
        target.setLabels(vault, name, withoutVersion(current.labels()));
      }
    });
  }

  private static Map<String, String> withoutVersion(Map<String, String> labels) {
    Map<String, String> without = new TreeMap<>(labels);
    without.remove(SecretPlan.VALUE_VERSION_LABEL);
    return without;
  }

  private Map<String, String> owned(String vault, Map<String, String> labels) {
    Map<String, String> owned = new TreeMap<>(labels);
    owned.put(SecretPlan.OWNER_LABEL, settings.owner());
    return requireFew("the vault " + vault, owned);
  }

  private void delete(SecretStore target, SecretRef ref) {
    requireOwned(target, ref.vault());
    StoreState.Secret expected = plannedVault(ref.vault()).secrets().get(ref.name());
    SecretInfo info = target.describeSecret(ref.vault(), ref.name()).orElse(null);
    if (info == null || expected == null || !expected.isSameVersion(info)) {
      throw changedSince("the secret " + ref, null);
    }
    target.deleteSecret(ref.vault(), ref.name());
  }

  /** The secret as it was planned, after its vault was made ours. */
  private StoreState.@Nullable Secret expected(SecretRef ref) {
    StoreState.Vault vault = plannedVault(ref.vault());
    StoreState.Secret secret = vault.secrets().get(ref.name());
    return secret == null || settings.isOwn(vault.labels())
        ? secret
        : new StoreState.Secret(
            secret.info(), withoutVersion(secret.labels()), secret.description());
  }

  private void write(
      SecretStore target, Step step, DeclaredSecret secret, @Nullable SecretValue value) {
    SecretRef ref = secret.ref();
    requireOwned(target, ref.vault());
    StoreState.Secret expected = expected(ref);
    StoreState.Secret current = StoreState.readSecret(target, ref);
    boolean untouched =
        current == null ? expected == null : expected != null && expected.isSame(current);
    if (!untouched) {
      throw changedSince("the secret " + ref, null);
    }
    Map<String, String> before = current == null ? Map.of() : current.labels();
    Map<String, String> labels = new TreeMap<>(settings.labels(secret, before));
    if (value != null) {
      labels.put(SecretPlan.VALUE_VERSION_LABEL, "v" + secret.valueVersion());
      requireFew("the secret " + ref, labels);
      writeValue(target, step, ref, value, before);
    }
    if (!labels.equals(before)) {
      target.setLabels(ref.vault(), ref.name(), requireFew("the secret " + ref, labels));
    }
    if (target instanceof VersionedSecretStore versioned
        && !secret.description().isEmpty()) {
      versioned.setDescription(ref.vault(), ref.name(), secret.description());
    }
  }

  private static void writeValue(
      SecretStore target, Step step, SecretRef ref, SecretValue value, Map<String, String> labels) {
    SecretInfo written;
    if (step.action() == Action.CREATE) {
      try {
        written = target.createSecret(ref.vault(), ref.name(), value);
      } catch (SecretAlreadyExistsException e) {
        throw changedSince("the secret " + ref, e);
      }
    } else {
      if (labels.containsKey(SecretPlan.VALUE_VERSION_LABEL)) {
        target.setLabels(ref.vault(), ref.name(), withoutVersion(labels));
      }
      written = target.updateSecret(ref.vault(), ref.name(), value);
    }
    // Somebody else's value must not get the label of ours.
    SecretInfo now = target.describeSecret(ref.vault(), ref.name()).orElse(null);
    if (now == null || !new StoreState.Secret(written, Map.of(), "").isSameVersion(now)) {
      throw changedSince("the secret " + ref, null);
    }
  }

  /** The value of the source, which is the caller's; empty if it is to be skipped. */
  private Optional<SecretValue> read(DeclaredSecret secret) {
    SecretSource source = settings.source(secret).orElseThrow();
    Optional<SecretValue> read;
    reading = true;
    try {
      read = source.read(secret.ref()).filter(PlanRun::hasContent);
    } catch (SecretManagerException e) {
      throw e;
    } catch (RuntimeException e) {
      throw unexpected(
          "The source of the secret " + secret.ref() + ", " + SecretSupport.oneLine(source.origin())
              + ",",
          "yield a value",
          e);
    }
    if (read.isEmpty() && !settings.skipEmptyValues()) {
      throw new SecretPreconditionException("No value for the secret " + secret.ref() + ": "
          + SecretSupport.oneLine(source.origin())
          + " yields none; provide it, or skip such secrets with skipEmptyValues()");
    }
    reading = false;
    return read;
  }

  private static boolean hasContent(SecretValue value) {
    boolean content = value.<Boolean, RuntimeException>withBytes(bytes -> bytes.length > 0);
    if (!content) {
      value.close();
    }
    return content;
  }

  private void requireOwned(SecretStore target, String vault) {
    if (!settings.isOwn(vaultLabels(target, vault))) {
      throw changedSince("the owner of the vault " + vault, null);
    }
  }

  private static Map<String, String> vaultLabels(SecretStore target, String vault) {
    try {
      return target.vaultLabels(vault);
    } catch (SecretNotFoundException e) {
      throw changedSince("the vault " + vault, e);
    }
  }

  private StoreState.Vault plannedVault(String vault) {
    return planned.vaults().getOrDefault(vault, StoreState.Vault.MISSING);
  }

  private static Map<String, String> requireFew(String what, Map<String, String> labels) {
    if (labels.size() > SecretStore.MAX_LABELS) {
      throw new SecretLimitException("With what is declared, " + what + " would have "
          + labels.size() + " labels, and may have " + SecretStore.MAX_LABELS
          + "; remove some, or prune");
    }
    return labels;
  }

  private static SecretConflictException changedSince(String what, @Nullable Throwable cause) {
    return new SecretConflictException(
        "Somebody else changed " + what + " since the plan was made; make a new plan", cause);
  }

  /** A foreign exception's message may hold a value. */
  private static SecretProtocolException unexpected(
      String who, String attempt, RuntimeException e) {
    StackTraceElement[] trace = e.getStackTrace();
    return new SecretProtocolException(who + " failed to " + attempt + " with a "
        + e.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0])
        + "; its message is withheld, since it could hold a value");
  }
}
