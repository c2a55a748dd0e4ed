package tech.tailor.secretmanager.client.declare;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * The steps that make a store match its declaration: what would be created, updated, deleted and
 * left, and why. Making a plan changes nothing and reads no value; {@link #apply()} does the steps.
 *
 * <pre>{@code
 * SecretPlan plan = SecretPlan.builder(store, "orders-service").declare(SECRETS).plan();
 * System.out.println(plan);
 * plan.apply().requireComplete();
 * }</pre>
 *
 * <p><b>Values are write-only.</b> A store can't be asked whether it has the value that a source
 * yields. So the {@linkplain DeclaredSecret#valueVersion() value version} that was applied is kept
 * as a label of the secret, {@value #VALUE_VERSION_LABEL}, and a value is sent again only when the
 * declared one differs, or the vault wasn't of this owner. The label is never written before the
 * value; after a crash between the two, the next plan reads the source and sends the value once
 * more. A value that was changed by hand is neither detected nor undone.
 *
 * <p><b>Ownership.</b> A vault that is applied gets the label {@value #OWNER_LABEL}, which names
 * the owner of the declaration. A plan does not change a vault of another owner, and a plan that
 * would can't be applied, unless the vault is {@linkplain Builder#takeOver taken over}. Another
 * owner is another declaration, which the same label names; or a deployment of Tailor's SDK, which
 * has any of the labels {@code sdk-app-id}, {@code sdk-name} and {@code sdk-version}. The SDK's
 * labels are kept.
 *
 * <p><b>Undeclared secrets</b> and vaults are kept, unless {@linkplain Builder#prune() pruning} was
 * requested. Those that this declaration did not apply are kept even then.
 *
 * <p>A plan is immutable and thread-safe. It holds no value. The caller closes the store, after the
 * plan was applied.
 */
public final class SecretPlan {

  /** The key of the label that says which value version of a secret was applied: {@value}. */
  public static final String VALUE_VERSION_LABEL = "value-version";

  /** The key of the label that says who owns a vault: {@value}. */
  public static final String OWNER_LABEL = "declaration-owner";

  private final SecretStore store;
  private final PlanSettings settings;
  private final StoreState state;
  private final List<Step> steps;

  private SecretPlan(SecretStore store, PlanSettings settings, StoreState state) {
    this.store = store;
    this.settings = settings;
    this.state = state;
    this.steps = Planner.steps(settings, state, store instanceof VersionedSecretStore);
  }

  /**
   * Starts a plan.
   *
   * @param store the store to apply it to
   * @param owner the name of the whole declaration, the same at each start and unique, such as
   *     {@code orders-service}. It is a label, with the {@linkplain SecretStore#LABEL_GRAMMAR
   *     grammar} of one
   * @throws IllegalArgumentException if the owner breaks the grammar
   */
  public static Builder builder(SecretStore store, String owner) {
    requireNonNull(store, "store");
    if (!requireNonNull(owner, "owner").matches(SecretStore.LABEL_GRAMMAR)) {
      throw new IllegalArgumentException("The owner of a declaration must match "
          + SecretStore.LABEL_GRAMMAR
          + " (1 to 63 characters: lower-case letters, digits, underscores and hyphens, a letter"
          + " first)");
    }
    return new Builder(store, owner);
  }

  /** Returns the steps in the order in which they are done, and those that leave something. */
  public List<Step> steps() {
    return steps;
  }

  /** Returns whether there is nothing to do. */
  public boolean isEmpty() {
    return steps.stream().allMatch(step -> step.action() == Action.LEAVE);
  }

  /**
   * Applies the plan. It reads each value from its source right before it writes it, and wipes it
   * right after.
   *
   * <p>The report has the failures; this method does not throw them, but
   * {@link ApplyReport#requireComplete()} does. A secret that fails does not prevent others from
   * being applied, unless the store is unavailable. But nothing is deleted after a failure.
   *
   * <p>Each secret is checked again right before it is written, and fails if another writer changed
   * it since the plan was made. In a {@link VersionedSecretStore} check and write are one commit;
   * in another store a change can fall between them.
   *
   * <p>A process that was killed in this method makes a new plan and applies it. That keeps what
   * was done, and does the rest.
   *
   * @throws SecretPreconditionException if a vault has another owner; nothing was done
   * @throws SecretConflictException if the plan is stale, that is, the vaults or secrets that it is
   *     about changed since it was made; nothing was done
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be read; nothing
   *     was done
   */
  public ApplyReport apply() {
    List<Step> blocked =
        steps.stream().filter(step -> step.action() == Action.BLOCKED).toList();
    if (!blocked.isEmpty()) {
      throw new SecretPreconditionException("The plan can't be applied, and nothing was done:"
          + blocked.stream().map(step -> "\n  " + step).collect(Collectors.joining()));
    }
    Set<String> differences = state.differences(StoreState.read(store, settings));
    if (!differences.isEmpty()) {
      throw new SecretConflictException(
          "The plan is stale, and nothing was done: since it was made," + " changed were "
              + SecretSupport.oneLine(String.join(", ", differences)) + "; make a new plan");
    }
    return new PlanRun(store, settings, state).apply(steps);
  }

  /**
   * Returns the plan as a JSON object: {@code owner}, {@code empty}, a number for each of
   * {@code create}, {@code update}, {@code delete}, {@code leave} and {@code blocked}, and
   * {@code steps}, each with {@code action}, {@code vault}, {@code name} (not for a vault itself),
   * {@code description} and {@code reason}.
   */
  public String toJson() {
    Map<String, Object> plan = new LinkedHashMap<>();
    plan.put("owner", settings.owner());
    plan.put("empty", isEmpty());
    for (Action action : Action.values()) {
      plan.put(ReportText.symbol(action), count(action));
    }
    plan.put("steps", steps.stream().map(Step::members).toList());
    return Json.compact(plan);
  }

  /** Returns the plan as text: a summary line, and one line for each step. */
  @Override
  public String toString() {
    String counts = Stream.of(Action.values())
        .filter(action -> action != Action.BLOCKED || count(action) > 0)
        .map(action -> count(action) + " " + action.summary)
        .collect(Collectors.joining(", "));
    return "Plan of \"" + settings.owner() + "\": " + counts
        + steps.stream().map(step -> "\n  " + step).collect(Collectors.joining());
  }

  private long count(Action action) {
    return steps.stream().filter(step -> step.action() == action).count();
  }

  /** The action on a vault or a secret. */
  public enum Action {
    /** It does not exist, and is created. */
    CREATE('+', "to create"),
    /** It exists, and is changed. */
    UPDATE('~', "to update"),
    /** It is not declared, and is deleted. */
    DELETE('-', "to delete"),
    /** Nothing is done. */
    LEAVE('=', "left"),
    /** It must not be changed, and so the plan can't be applied. */
    BLOCKED('!', "blocked");

    private final char sign;
    private final String summary;

    Action(char sign, String summary) {
      this.sign = sign;
      this.summary = summary;
    }
  }

  /** The action on one vault or one secret, and its reason. Immutable; holds no value. */
  public static final class Step {

    private final Action action;
    private final String vault;
    private final @Nullable String name;
    private final @Nullable DeclaredSecret secret;
    private final boolean writesValue;
    private final String reason;

    /** A step of a vault, if the name is null, or of an undeclared secret. */
    Step(
        Action action,
        String vault,
        @Nullable String name,
        @Nullable DeclaredSecret secret,
        String reason) {
      this.action = action;
      this.vault = vault;
      this.name = name;
      this.secret = secret;
      this.writesValue = false;
      this.reason = SecretSupport.oneLine(reason);
    }

    /** A step of a declared secret. */
    Step(Action action, DeclaredSecret secret, boolean writesValue, String reason) {
      this.action = action;
      this.vault = secret.ref().vault();
      this.name = secret.ref().name();
      this.secret = secret;
      this.writesValue = writesValue;
      this.reason = SecretSupport.oneLine(reason);
    }

    /** Returns the action. */
    public Action action() {
      return action;
    }

    /** Returns the vault. */
    public String vault() {
      return vault;
    }

    /** Returns the name of the secret; empty if the step is about the vault itself. */
    public Optional<String> name() {
      return Optional.ofNullable(name);
    }

    /** Returns the declared description; empty if there is no description. */
    public String description() {
      return secret == null ? "" : secret.description();
    }

    /** Returns the reason, in one line. */
    public String reason() {
      return reason;
    }

    /** Returns one line: a sign for the action, the address, the description, the reason. */
    @Override
    public String toString() {
      return action.sign + " " + address()
          + (description().isEmpty() ? "" : " (" + SecretSupport.oneLine(description()) + ")")
          + ": "
          + reason;
    }

    @Nullable
    DeclaredSecret secret() {
      return secret;
    }

    boolean writesValue() {
      return writesValue;
    }

    String address() {
      return SecretSupport.oneLine(name == null ? "vault " + vault : vault + "/" + name);
    }

    /** Returns the step as JSON, to which the caller may add. */
    Map<String, Object> members() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("action", ReportText.symbol(action));
      members.put("vault", vault);
      if (name != null) {
        members.put("name", name);
      }
      members.put("description", description());
      members.put("reason", reason);
      return members;
    }
  }

  /** Builder of a plan. Each method checks its setting at once. Not thread-safe. */
  public static final class Builder {

    private final SecretStore store;
    private final String owner;
    private final Map<String, Map<String, DeclaredSecret>> secrets = new LinkedHashMap<>();
    private final Map<SecretRef, SecretSource> sources = new LinkedHashMap<>();
    private final Set<String> takenOver = new LinkedHashSet<>();
    private final Set<SecretRef> pruned = new LinkedHashSet<>();
    private boolean prune;
    private boolean skipEmptyValues;

    private Builder(SecretStore store, String owner) {
      this.store = store;
      this.owner = owner;
    }

    /**
     * Declares what the store should hold. Calls add up.
     *
     * @throws IllegalArgumentException if no definition is given, or a secret is declared twice
     */
    public Builder declare(SecretDefinition... definitions) {
      List<SecretDefinition> added = List.of(requireNonNull(definitions, "definitions"));
      if (added.isEmpty()) {
        throw new IllegalArgumentException("declare needs at least one definition");
      }
      for (SecretDefinition definition : added) {
        Map<String, DeclaredSecret> ofVault =
            secrets.computeIfAbsent(definition.vault(), vault -> new LinkedHashMap<>());
        for (DeclaredSecret secret : definition.secrets()) {
          if (ofVault.putIfAbsent(secret.ref().name(), secret) != null) {
            throw new IllegalArgumentException("The secret " + secret.ref() + " is declared twice");
          }
        }
      }
      return this;
    }

    /**
     * Sets the source of a declared secret's value, in place of the declared one: for a value that
     * only the deployment knows. Default: the declared source.
     */
    public Builder source(SecretRef ref, SecretSource source) {
      sources.put(requireNonNull(ref, "ref"), requireNonNull(source, "source"));
      return this;
    }

    /**
     * Deletes what this owner applied once and no longer declares:
     *
     * <ul>
     *   <li>secrets with the label of a value version, with all their versions, in vaults that had
     *       this owner's label before this plan;
     *   <li>vaults of this owner that are not declared at all, if nothing is left in them;
     *   <li>labels of declared secrets.
     * </ul>
     *
     * <p>This plan and later ones keep what another owner made. In a vault that is
     * {@linkplain #takeOver taken over}, that is everything undeclared. Default: nothing is
     * deleted.
     */
    public Builder prune() {
      this.prune = true;
      return this;
    }

    /**
     * Deletes the given secrets, regardless of their owner, with all their versions. Their vaults
     * must belong to this owner, or be taken by this plan. A secret that doesn't exist is not a
     * failure. Calls add up, and are independent of {@link #prune()}. Default: none.
     */
    public Builder prune(SecretRef... secrets) {
      pruned.addAll(List.of(requireNonNull(secrets, "secrets")));
      return this;
    }

    /**
     * Changes the given vaults even if they have another owner, and makes this declaration their
     * owner. Values that the other owner applied are replaced by those of the declared sources,
     * regardless of their value version. Default: vaults of other owners are not changed.
     */
    public Builder takeOver(String... vaults) {
      takenOver.addAll(List.of(requireNonNull(vaults, "vaults")));
      return this;
    }

    /**
     * Skips the value of a secret whose source yields nothing or an empty value; the store keeps
     * the value that it has. If the source {@linkplain SecretSource#isKnownToBeEmpty knows} this
     * beforehand, as that of an environment variable does, the plan leaves the secret alone.
     * Default: an empty value is a failure.
     */
    public Builder skipEmptyValues() {
      this.skipEmptyValues = true;
      return this;
    }

    /**
     * Makes the plan. It reads the state of the store, but no value.
     *
     * @throws IllegalStateException if nothing is declared
     * @throws IllegalArgumentException if a source is for an undeclared secret, a vault to take
     *     over is undeclared, or a secret to delete is declared
     * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be read
     */
    public SecretPlan plan() {
      if (secrets.isEmpty()) {
        throw new IllegalStateException("Nothing is declared; call declare(definition)");
      }
      for (SecretRef ref : sources.keySet()) {
        if (!secrets.getOrDefault(ref.vault(), Map.of()).containsKey(ref.name())) {
          throw new IllegalArgumentException(
              "There is a source for the secret " + ref + ", which is not declared");
        }
      }
      for (String vault : takenOver) {
        if (!secrets.containsKey(vault)) {
          throw new IllegalArgumentException("The vault " + SecretRef.requireVaultName(vault)
              + " is to be taken over, and no secret of it is declared");
        }
      }
      for (SecretRef ref : pruned) {
        if (secrets.getOrDefault(ref.vault(), Map.of()).containsKey(ref.name())) {
          throw new IllegalArgumentException(
              "The secret " + ref + " is to be deleted, and is declared; take one of the two out");
        }
      }
      Map<String, Map<String, DeclaredSecret>> copy = new LinkedHashMap<>();
      secrets.forEach((vault, ofVault) -> copy.put(vault, new LinkedHashMap<>(ofVault)));
      PlanSettings settings =
          new PlanSettings(owner, copy, sources, takenOver, prune, pruned, skipEmptyValues);
      return new SecretPlan(store, settings, StoreState.read(store, settings));
    }
  }
}
