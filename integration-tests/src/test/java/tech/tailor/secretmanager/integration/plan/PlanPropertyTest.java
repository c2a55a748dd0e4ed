package tech.tailor.secretmanager.integration.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.declare.SecretPlan.Action;
import tech.tailor.secretmanager.integration.plan.Subject.Kind;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * Whatever is in a store and whatever is declared: after a plan was applied, the store is as
 * declared, and a new plan is empty. Declarations are drawn one after the other, and each is
 * applied to what the one before left; between them somebody meddles.
 */
@Tag("suite")
class PlanPropertyTest {

  private static final List<String> VAULTS = List.of("one", "two", "three");
  private static final List<String> NAMES = List.of("alpha", "beta", "gamma", "delta");
  private static final List<String> LABELS = List.of("team", "env");

  @TempDir
  private Path directory;

  private long seed;
  private Random random;
  private int creations;
  private int updates;
  private int deletions;
  private int left;

  @ParameterizedTest
  @EnumSource
  void afterApply_theStoreIsAsDeclared_andTheNextPlanIsEmpty(Kind kind) {
    int rounds = rounds(kind);
    seed = Long.getLong("seed", System.nanoTime());
    random = new Random(seed);
    try (Subject subject = Subject.of(kind, directory)) {
      for (int round = 0; round < rounds; round++) {
        round(subject, "seed " + seed + ", round " + round);
      }
    }
    System.out.println("plans over " + kind + ", seed " + seed + ": " + rounds + " rounds, "
        + creations + " creations, " + updates + " updates, " + deletions + " deletions, " + left
        + " left");
    assertThat(creations).isPositive();
    assertThat(updates).isPositive();
    assertThat(deletions).isPositive();
    assertThat(left).isPositive();
  }

  private static int rounds(Kind kind) {
    boolean deep = Boolean.getBoolean("deep");
    return switch (kind) {
      case MEMORY, PLAIN -> deep ? 20_000 : 500;
      case FILE -> deep ? 2_000 : 40;
      case HTTP -> deep ? 2_000 : 50;
    };
  }

  private void round(Subject subject, String where) {
    meddle(subject.store());
    boolean prune = random.nextBoolean();
    List<SecretDefinition> definitions = definitions();
    Map<String, String> before = subject.content();
    Set<String> made = notApplied(subject.store());
    SecretPlan plan = plan(subject.store(), definitions, prune);
    plan.steps().forEach(this::count);
    assertThat(subject.content()).as("%s: a plan changes nothing", where).isEqualTo(before);

    plan.apply().requireComplete();

    for (SecretDefinition definition : definitions) {
      for (DeclaredSecret secret : definition.secrets()) {
        checkSecret(subject, secret, prune, where);
      }
      assertThat(subject.store().vaultLabels(definition.vault()))
          .as(where)
          .containsEntry(SecretPlan.OWNER_LABEL, "tester");
    }
    if (prune) {
      checkPruned(subject, definitions, made, where);
    }
    SecretPlan next = plan(subject.store(), definitions, prune);
    assertThat(next.isEmpty()).as("%s: %s", where, next).isTrue();
  }

  private static void checkSecret(
      Subject subject, DeclaredSecret secret, boolean prune, String where) {
    String vault = secret.ref().vault();
    String name = secret.ref().name();
    assertThat(subject.value(vault, name))
        .as("%s: %s", where, secret.ref())
        .contains(text(secret.ref().toString(), secret.valueVersion()));
    Map<String, String> expected = new HashMap<>(secret.labels());
    expected.put(SecretPlan.VALUE_VERSION_LABEL, "v" + secret.valueVersion());
    Map<String, String> labels = subject.store().labels(vault, name);
    if (prune) {
      assertThat(labels).as(where).isEqualTo(expected);
    } else {
      assertThat(labels).as(where).containsAllEntriesOf(expected);
    }
  }

  /**
   * Nothing is there but what is declared, and what somebody made who is no declaration.
   *
   * @param made what was there before without the version of a value
   */
  private static void checkPruned(
      Subject subject, List<SecretDefinition> definitions, Set<String> made, String where) {
    Set<String> expected = new TreeSet<>(made);
    definitions.forEach(definition ->
        definition.secrets().forEach(secret -> expected.add(secret.ref().toString())));
    Set<String> there = new TreeSet<>();
    for (VaultInfo vault : subject.store().listVaults()) {
      for (SecretInfo secret : subject.store().listSecrets(vault.name())) {
        there.add(vault.name() + "/" + secret.name());
      }
    }
    assertThat(there).as(where).isEqualTo(expected);
  }

  private static Set<String> notApplied(SecretStore store) {
    Set<String> made = new TreeSet<>();
    for (VaultInfo vault : store.listVaults()) {
      for (SecretInfo secret : store.listSecrets(vault.name())) {
        if (!store
            .labels(vault.name(), secret.name())
            .containsKey(SecretPlan.VALUE_VERSION_LABEL)) {
          made.add(vault.name() + "/" + secret.name());
        }
      }
    }
    return made;
  }

  private SecretPlan plan(SecretStore store, List<SecretDefinition> definitions, boolean prune) {
    SecretPlan.Builder builder = SecretPlan.builder(store, "tester")
        .declare(definitions.toArray(SecretDefinition[]::new))
        .takeOver(definitions.stream().map(SecretDefinition::vault).toArray(String[]::new));
    return (prune ? builder.prune() : builder).plan();
  }

  private List<SecretDefinition> definitions() {
    List<SecretDefinition> definitions = new ArrayList<>();
    for (String vault : some(VAULTS)) {
      SecretDefinition.Builder builder = SecretDefinition.defineSecret(vault);
      for (String name : some(NAMES)) {
        builder.secret(name, this::say);
      }
      definitions.add(builder.build());
    }
    return definitions;
  }

  private void say(DeclaredSecret.Builder secret) {
    int version = 1 + random.nextInt(3);
    secret
        .valueVersion(version)
        .source(ref -> Optional.of(SecretValue.of(text(ref.toString(), version))));
    for (String label : LABELS) {
      if (random.nextBoolean()) {
        secret.label(label, "value-" + random.nextInt(2));
      }
    }
    if (random.nextBoolean()) {
      secret.description("Description " + random.nextInt(2));
    }
  }

  /** Somebody changes what needs no value: labels, owners, and whether things are there at all. */
  private void meddle(SecretStore store) {
    for (VaultInfo vault : store.listVaults()) {
      if (random.nextInt(8) == 0) {
        store.setVaultLabels(
            vault.name(),
            random.nextBoolean()
                ? Map.of(SecretPlan.OWNER_LABEL, "tester")
                : Map.of(SecretPlan.OWNER_LABEL, "tester", "other", "label"));
      }
      for (SecretInfo secret : store.listSecrets(vault.name())) {
        switch (random.nextInt(12)) {
          case 0 -> store.deleteSecret(vault.name(), secret.name());
          case 1 -> store.setLabels(vault.name(), secret.name(), Map.of("other", "label"));
          default -> {}
        }
      }
    }
    if (random.nextInt(4) == 0) {
      String vault = VAULTS.get(random.nextInt(VAULTS.size()));
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (store.describeVault(vault).isPresent()
          && store.describeSecret(vault, name).isEmpty()) {
        try (SecretValue value = SecretValue.of("by hand")) {
          store.createSecret(vault, name, value);
        }
      }
    }
  }

  private <T> List<T> some(List<T> all) {
    List<T> some = new ArrayList<>();
    while (some.isEmpty()) {
      all.stream().filter(each -> random.nextBoolean()).forEach(some::add);
    }
    return some;
  }

  private static String text(String ref, int version) {
    return "value " + version + " of " + ref;
  }

  private void count(SecretPlan.Step step) {
    if (step.action() == Action.CREATE) {
      creations++;
    } else if (step.action() == Action.UPDATE) {
      updates++;
    } else if (step.action() == Action.DELETE) {
      deletions++;
    } else {
      left++;
    }
  }
}
