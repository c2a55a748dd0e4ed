package tech.tailor.secretmanager.integration.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretApplyException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.declare.ApplyReport;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.integration.plan.Subject.Kind;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/** Plans over each store: what they say, and what is there after they were applied. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretPlanTest {

  private static final String OWNER = "orders-service";

  private Path directory;

  private final Map<Kind, Subject> subjects = new EnumMap<>(Kind.class);
  private final List<SecretValue> yielded = new ArrayList<>();

  @BeforeAll
  void findPlace(@TempDir Path temporary) {
    directory = temporary;
  }

  @BeforeEach
  void clear() {
    subjects.values().forEach(Subject::clear);
    yielded.clear();
  }

  @AfterAll
  void close() {
    subjects.values().forEach(Subject::close);
  }

  @ParameterizedTest
  @EnumSource
  void emptyStore_isFilled_andThenLeft(Kind kind) {
    Subject subject = subject(kind);
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "db-password",
            secret -> secret
                .description("Password of the database")
                .source(yielding("made-up"))
                .label("team", "orders"))
        .secret("by-hand", "Put there by somebody")
        .build();
    SecretDefinition other = defineSecret("billing")
        .secret("api-key", secret -> secret.source(yielding("other")))
        .build();
    SecretPlan plan = plan(subject, definition, other);

    assertThat(lines(plan))
        .containsExactly(
            "CREATE orders",
            "CREATE orders/db-password",
            "LEAVE orders/by-hand",
            "CREATE billing",
            "CREATE billing/api-key");
    assertThat(plan.isEmpty()).isFalse();
    assertThat(yielded).as("planning reads no source").isEmpty();
    assertThat(subject.store().listVaults()).isEmpty();

    plan.apply().requireComplete();

    assertThat(subject.value("orders", "db-password")).contains("made-up");
    assertThat(subject.value("billing", "api-key")).contains("other");
    assertThat(subject.store().labels("orders", "db-password"))
        .isEqualTo(Map.of("team", "orders", "value-version", "v1"));
    assertThat(subject.store().vaultLabels("orders")).isEqualTo(Map.of("declaration-owner", OWNER));
    if (subject.store() instanceof VersionedSecretStore versioned) {
      assertThat(versioned.description("orders", "db-password"))
          .isEqualTo("Password of the database");
    }
    assertThatEveryYieldedValueIsWiped();

    Map<String, String> content = subject.content();
    int reads = yielded.size();
    SecretPlan second = plan(subject, definition, other);
    assertThat(second.isEmpty()).as("%s", second).isTrue();
    assertThat(second.apply().results()).isEmpty();
    assertThat(subject.content()).isEqualTo(content);
    assertThat(yielded).as("nothing is read for nothing").hasSize(reads);
  }

  @ParameterizedTest
  @EnumSource
  void value_isSentAgain_whenItsVersionChanges_andOnlyThen(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    assertThat(plan(subject, versioned(1, "unnoticed")).isEmpty()).isTrue();

    SecretPlan plan = plan(subject, versioned(3, "third"));
    assertThat(plan.toString()).contains("~ orders/api-key: value version 1 -> 3 from");
    plan.apply().requireComplete();
    assertThat(subject.value("orders", "api-key")).contains("third");

    SecretPlan back = plan(subject, versioned(2, "second"));
    assertThat(lines(back)).contains("UPDATE orders/api-key");
    back.apply().requireComplete();
    assertThat(subject.value("orders", "api-key")).contains("second");
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("value-version", "v2"));
  }

  @ParameterizedTest
  @EnumSource
  void secretThatWasThereBefore_getsItsValue(Kind kind) {
    Subject subject = subject(kind);
    subject.put("orders", "api-key", "by hand");
    subject.store().setLabels("orders", "api-key", Map.of("value-version", "latest", "a", "b"));

    SecretPlan plan = plan(subject, versioned(1, "declared"));
    assertThat(lines(plan)).containsExactly("UPDATE orders", "UPDATE orders/api-key");
    plan.apply().requireComplete();

    assertThat(subject.value("orders", "api-key")).contains("declared");
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("value-version", "v1", "a", "b"));
  }

  @ParameterizedTest
  @EnumSource
  void labelsAlone_areNoNewValue(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    SecretDefinition labelled = defineSecret("orders")
        .secret("api-key", secret -> secret.source(yielding("unread")).label("team", "orders"))
        .build();
    yielded.clear();

    SecretPlan plan = plan(subject, labelled);
    assertThat(plan.toString()).contains("~ orders/api-key: the label team=orders");
    plan.apply().requireComplete();

    assertThat(yielded).isEmpty();
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("value-version", "v1", "team", "orders"));
    assertThat(plan(subject, labelled).isEmpty()).isTrue();

    assertThat(plan(subject, versioned(1, "unread")).isEmpty())
        .as("a label is kept")
        .isTrue();
    builder(subject, versioned(1, "unread")).prune().plan().apply().requireComplete();
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("value-version", "v1"));
  }

  @ParameterizedTest
  @EnumSource
  void sourceThatYieldsNothing_isAnError_orSkipped(Kind kind) {
    Subject subject = subject(kind);
    SecretDefinition definition = defineSecret("orders")
        .secret("nothing", secret -> secret.source(ref -> Optional.empty()))
        .secret("empty-one", secret -> secret.source(yielding("")))
        .secret("something", secret -> secret.source(yielding("made-up")))
        .build();

    ApplyReport failed = plan(subject, definition).apply();
    assertThat(outcomes(failed))
        .containsExactly(
            "DONE orders",
            "FAILED orders/nothing",
            "FAILED orders/empty-one",
            "DONE orders/something");
    assertThat(failed.results().get(1).failure())
        .containsInstanceOf(SecretPreconditionException.class);

    ApplyReport skipped = builder(subject, definition).skipEmptyValues().plan().apply();
    assertThat(outcomes(skipped))
        .containsExactly("SKIPPED orders/nothing", "SKIPPED orders/empty-one");
    skipped.requireComplete();
    assertThat(subject.store().describeSecret("orders", "nothing")).isEmpty();
    assertThatEveryYieldedValueIsWiped();
  }

  @ParameterizedTest
  @EnumSource
  void skippedValue_leavesTheOldOne_andSetsTheLabels(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "api-key",
            secret ->
                secret.source(ref -> Optional.empty()).valueVersion(2).label("team", "orders"))
        .build();

    ApplyReport report = builder(subject, definition).skipEmptyValues().plan().apply();

    assertThat(outcomes(report)).containsExactly("SKIPPED orders/api-key");
    assertThat(subject.value("orders", "api-key")).contains("first");
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("value-version", "v1", "team", "orders"));
  }

  @ParameterizedTest
  @EnumSource
  void undeclared_isKept_unlessPruned(Kind kind) {
    Subject subject = subject(kind);
    plan(
            subject,
            versioned(1, "first"),
            defineSecret("old-vault")
                .secret("old-key", secret -> secret.source(yielding("old")))
                .build())
        .apply()
        .requireComplete();
    subject.put("orders", "undeclared", "by hand");
    subject.put("foreign", "undeclared", "not ours");

    SecretPlan kept = plan(subject, versioned(1, "first"));
    assertThat(kept.isEmpty()).isTrue();
    assertThat(lines(kept)).contains("LEAVE orders/undeclared");

    SecretPlan pruned = builder(subject, versioned(1, "first")).prune().plan();
    assertThat(lines(pruned))
        .containsExactly(
            "LEAVE orders",
            "LEAVE orders/api-key",
            "LEAVE orders/undeclared",
            "DELETE old-vault/old-key",
            "DELETE old-vault");
    assertThat(pruned.toString())
        .contains("kept, now and by later plans, since this declaration did not apply it")
        .contains("prune(SecretRef.of(\"orders\", \"undeclared\"))");
    pruned.apply().requireComplete();
    assertThat(subject.content().keySet())
        .containsExactly(
            "foreign", "foreign/undeclared", "orders", "orders/api-key", "orders/undeclared");
    assertThat(builder(subject, versioned(1, "first")).prune().plan().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void secretsThatAreNamed_areDeleted_whoeverMadeThem_andNoOthers(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first"), single("old-vault", "old-key")).apply().requireComplete();
    subject.put("orders", "by-hand", "of somebody");
    subject.put("orders", "another", "of somebody");
    subject.put("foreign", "by-hand", "not ours");
    SecretRef byHand = SecretRef.of("orders", "by-hand");

    SecretPlan plan = builder(subject, versioned(1, "first"))
        .prune(byHand, SecretRef.of("orders", "not-there"), SecretRef.of("old-vault", "old-key"))
        .plan();
    assertThat(lines(plan))
        .containsExactly(
            "LEAVE orders",
            "LEAVE orders/api-key",
            "LEAVE orders/another",
            "DELETE orders/by-hand",
            "DELETE old-vault/old-key");
    plan.apply().requireComplete();
    assertThat(subject.content().keySet())
        .containsExactly(
            "foreign",
            "foreign/by-hand",
            "old-vault",
            "orders",
            "orders/another",
            "orders/api-key");
    assertThat(builder(subject, versioned(1, "first")).prune(byHand).plan().isEmpty())
        .as("a secret that is gone")
        .isTrue();

    SecretPlan ofAnother = builder(subject, versioned(1, "first"))
        .prune(SecretRef.of("foreign", "by-hand"))
        .plan();
    assertThat(lines(ofAnother)).contains("BLOCKED foreign");
    assertThatExceptionOfType(SecretPreconditionException.class).isThrownBy(ofAnother::apply);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(subject, versioned(1, "first"))
            .prune(SecretRef.of("orders", "api-key"))
            .plan())
        .withMessageContaining("orders/api-key is to be deleted, and is declared");
  }

  @ParameterizedTest
  @EnumSource
  void pruningAVaultThatWasTakenOver_deletesNothingOfOthers_thenOrLater(Kind kind) {
    Subject subject = subject(kind);
    SecretPlan.builder(subject.store(), "billing-service")
        .declare(versioned(1, "theirs"), single("orders", "their-key"))
        .plan()
        .apply()
        .requireComplete();
    subject.put("orders", "by-hand", "of somebody");

    SecretPlan first =
        builder(subject, versioned(1, "ours")).takeOver("orders").prune().plan();
    assertThat(lines(first))
        .containsExactly(
            "UPDATE orders",
            "UPDATE orders/api-key",
            "LEAVE orders/by-hand",
            "LEAVE orders/their-key");
    first.apply().requireComplete();

    for (SecretPlan later : List.of(
        builder(subject, versioned(1, "ours")).takeOver("orders").prune().plan(),
        builder(subject, versioned(1, "ours")).prune().plan())) {
      assertThat(later.isEmpty()).as("%s", later).isTrue();
    }
    builder(subject, single("elsewhere", "api-key")).prune().plan().apply().requireComplete();
    assertThat(subject.content().keySet())
        .as("of a vault that is not declared any more, what others made stays")
        .containsExactly(
            "elsewhere", "elsewhere/api-key", "orders", "orders/by-hand", "orders/their-key");
  }

  @ParameterizedTest
  @EnumSource
  void vaultOfTheSdk_isNotTouched_unlessTakenOver_andKeepsItsLabels(Kind kind) {
    Subject subject = subject(kind);
    List<Map<String, String>> owners = List.of(
        Map.of("sdk-app-id", "app-0a1b", "sdk-name", "shop", "sdk-version", "v3-0-0"),
        Map.of("sdk-app-id", "app-0a1b"),
        Map.of("sdk-name", "shop", "team", "orders"),
        Map.of("sdk-name", ""),
        Map.of("sdk-version", "v1-10-0"));
    for (Map<String, String> labels : owners) {
      subject.clear();
      subject.put("orders", "api-key", "theirs");
      subject.put("orders", "another", "theirs");
      subject.store().setVaultLabels("orders", labels);
      Map<String, String> content = subject.content();

      SecretPlan blocked = builder(subject, versioned(1, "ours")).prune().plan();
      assertThat(lines(blocked)).containsExactly("BLOCKED orders");
      assertThatExceptionOfType(SecretPreconditionException.class)
          .isThrownBy(blocked::apply)
          .withMessageContaining("a deployment of Tailor's SDK {sdk-")
          .withMessageContaining("takeOver(\"orders\")");
      assertThat(subject.content()).isEqualTo(content);

      builder(subject, versioned(1, "ours"))
          .takeOver("orders")
          .prune()
          .plan()
          .apply()
          .requireComplete();
      assertThat(subject.value("orders", "api-key")).contains("ours");
      assertThat(subject.value("orders", "another")).contains("theirs");
      Map<String, String> both = new HashMap<>(labels);
      both.put(SecretPlan.OWNER_LABEL, OWNER);
      assertThat(subject.store().vaultLabels("orders")).isEqualTo(both);
      assertThat(builder(subject, versioned(1, "ours")).prune().plan().isEmpty())
          .isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void vaultThatTheSdkDeployedOverOurs_isTheirs(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    subject.store().setVaultLabels("orders", Map.of("sdk-name", "shop"));

    assertThat(lines(builder(subject, versioned(2, "second")).prune().plan()))
        .containsExactly("BLOCKED orders");
    assertThat(lines(builder(subject, single("elsewhere", "api-key")).prune().plan()))
        .containsExactly("CREATE elsewhere", "CREATE elsewhere/api-key");
  }

  @ParameterizedTest
  @EnumSource
  void secretOfTheSdk_inAVaultOfNobody_isNotOverwritten(Kind kind) {
    Subject subject = subject(kind);
    subject.put("orders", "api-key", "theirs");
    subject.store().setLabels("orders", "api-key", Map.of("sdk-name", "shop"));

    SecretPlan blocked = plan(subject, versioned(1, "ours"));
    assertThat(lines(blocked)).containsExactly("UPDATE orders", "BLOCKED orders/api-key");
    assertThatExceptionOfType(SecretPreconditionException.class).isThrownBy(blocked::apply);
    assertThat(subject.value("orders", "api-key")).contains("theirs");

    builder(subject, versioned(1, "ours"))
        .takeOver("orders")
        .prune()
        .plan()
        .apply()
        .requireComplete();
    assertThat(subject.store().labels("orders", "api-key"))
        .isEqualTo(Map.of("sdk-name", "shop", "value-version", "v1"));
    assertThat(builder(subject, versioned(1, "ours")).prune().plan().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void valuesThatAreKnownToBeMissing_andSkipped_leaveThePlanEmpty(Kind kind) throws Exception {
    Subject subject = subject(kind);
    Path lineEnd = Files.writeString(directory.resolve("line-end-" + kind), "\n");
    Path blank = Files.writeString(directory.resolve("blank-" + kind), " \t\n\n\u3000\n");
    SecretManager other = FakeSecretManager.create();
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "unset",
            secret -> secret.optional().source(SecretSource.environment("NO_SUCH_VARIABLE")))
        .secret(
            "no-file", secret -> secret.source(SecretSource.file(directory.resolve("not-there"))))
        .secret("line-end", secret -> secret.source(SecretSource.textFile(lineEnd)))
        .secret("blank", secret -> secret.source(SecretSource.textFile(blank)))
        .secret(
            "elsewhere",
            secret -> secret.source(SecretSource.secret(other, SecretRef.of("orders", "unset"))))
        .secret("api-key", secret -> secret.source(yielding("made-up")))
        .build();

    SecretPlan first = builder(subject, definition).skipEmptyValues().plan();
    assertThat(lines(first))
        .containsExactly(
            "CREATE orders",
            "LEAVE orders/unset",
            "LEAVE orders/no-file",
            "LEAVE orders/line-end",
            "LEAVE orders/blank",
            "LEAVE orders/elsewhere",
            "CREATE orders/api-key");
    assertThat(first.toString())
        .contains("= orders/unset: it does not exist, and is skipped: the environment variable"
            + " NO_SUCH_VARIABLE yields no value now");
    first.apply().requireComplete();
    assertThat(builder(subject, definition).skipEmptyValues().plan().isEmpty()).isTrue();

    subject.put("orders", "unset", "by hand");
    SecretPlan later = builder(subject, definition).skipEmptyValues().plan();
    assertThat(later.isEmpty()).as("%s", later).isTrue();
    assertThat(later.toString()).contains("value version 1 is skipped: the environment variable");
    assertThat(lines(plan(subject, definition)))
        .as("without skipping they fail when applied, as before")
        .contains("UPDATE orders/unset", "CREATE orders/no-file");
    other.close();
  }

  @ParameterizedTest
  @EnumSource
  void vaultWithoutAnOwner_isOwned_andOfOthersNothingIsPruned(Kind kind) {
    Subject subject = subject(kind);
    subject.put("orders", "by-hand", "of somebody");

    SecretPlan first = builder(subject, versioned(1, "first")).prune().plan();
    assertThat(lines(first))
        .containsExactly("UPDATE orders", "CREATE orders/api-key", "LEAVE orders/by-hand");
    first.apply().requireComplete();

    assertThat(lines(builder(subject, versioned(1, "first")).prune().plan()))
        .containsExactly("LEAVE orders", "LEAVE orders/api-key", "LEAVE orders/by-hand");
  }

  @ParameterizedTest
  @EnumSource
  void vaultOfAnotherOwner_isNotTouched_unlessTakenOver(Kind kind) {
    Subject subject = subject(kind);
    SecretPlan.builder(subject.store(), "billing-service")
        .declare(versioned(1, "theirs"))
        .plan()
        .apply()
        .requireComplete();
    Map<String, String> content = subject.content();
    SecretDefinition free = defineSecret("free")
        .secret("api-key", secret -> secret.source(yielding("x")))
        .build();

    SecretPlan blocked = builder(subject, versioned(1, "ours"), free).prune().plan();
    assertThat(lines(blocked))
        .containsExactly("BLOCKED orders", "CREATE free", "CREATE free/api-key");
    assertThat(blocked.isEmpty()).isFalse();
    assertThatExceptionOfType(SecretPreconditionException.class)
        .isThrownBy(blocked::apply)
        .withMessageContaining("billing-service")
        .withMessageContaining("takeOver(\"orders\")");
    assertThat(subject.content()).isEqualTo(content);

    // Of the same version as the other owner's, which is another value all the same.
    SecretPlan taken = builder(subject, versioned(1, "ours")).takeOver("orders").plan();
    assertThat(taken.toString())
        .contains("~ vault orders: it is taken over from \"billing-service\"")
        .contains("the value that is there is not known to be yours, and is replaced");
    taken.apply().requireComplete();
    assertThat(subject.value("orders", "api-key")).contains("ours");
    assertThat(plan(subject, versioned(1, "ours")).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void takingOver_cutOffAfterTheVault_leavesNoForeignValueThatCountsAsOurs(Kind kind) {
    Subject subject = subject(kind);
    SecretPlan.builder(subject.store(), "billing-service")
        .declare(versioned(1, "theirs"))
        .plan()
        .apply()
        .requireComplete();
    SecretDefinition cutOff = defineSecret("orders")
        .secret(
            "api-key",
            secret -> secret.source(ref -> {
              throw new SecretUnavailableException("the end");
            }))
        .build();

    assertThat(builder(subject, cutOff).takeOver("orders").plan().apply().isComplete())
        .isFalse();

    assertThat(subject.store().vaultLabels("orders")).containsEntry(SecretPlan.OWNER_LABEL, OWNER);
    plan(subject, versioned(1, "ours")).apply().requireComplete();
    assertThat(subject.value("orders", "api-key")).contains("ours");
  }

  @Test
  void takingOverAVaultThatIsFullOfLabels_isRefused_beforeAnythingIsChanged() {
    Subject subject = subject(Kind.PLAIN);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    Map<String, String> secretLabels = subject.store().labels("orders", "api-key");
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < SecretStore.MAX_LABELS; i++) {
      many.put("label-" + i, "x");
    }
    subject.store().setVaultLabels("orders", many);

    ApplyReport report =
        builder(subject, versioned(1, "ours")).takeOver("orders").plan().apply();

    assertThat(report.results().get(0).failure()).containsInstanceOf(SecretLimitException.class);
    assertThat(subject.store().labels("orders", "api-key"))
        .containsKey("value-version")
        .isEqualTo(secretLabels);
  }

  @Test
  void secretOfAnotherManager_isReadAnew_andNotFromItsCache() {
    try (FakeSecretManager other = FakeSecretManager.with("source", "api-key", "before")) {
      other.requireSecret("source", "api-key").close();
      other.put("source", "api-key", "rotated");
      SecretSource source = SecretSource.secret(other, SecretRef.of("source", "api-key"));

      try (SecretValue value = source.read(SecretRef.of("orders", "api-key")).orElseThrow()) {
        assertThat(value.revealString()).isEqualTo("rotated");
      }

      other.backend().failWithUnavailable();
      assertThatExceptionOfType(SecretUnavailableException.class)
          .as("a stale value would count as the new version")
          .isThrownBy(() -> source.read(SecretRef.of("orders", "api-key")));
    }
  }

  @Test
  void whatIsDeletedWhileAPlanIsMade_isGone_andNoFailure() {
    InMemorySecretStore store = InMemorySecretStore.create();
    for (String vault : List.of("orders", "unconcerned")) {
      store.createVault(vault);
      store.put(vault, "api-key", "made-up");
    }
    SecretStore deleting = Intercepted.of(store, call -> {
      if (call.is("vaultLabels") && call.arguments()[0].equals("unconcerned")) {
        store.deleteSecret("unconcerned", "api-key");
        store.deleteVault("unconcerned");
      }
      if (call.is("describeSecrets") && call.arguments()[0].equals("orders")) {
        store.deleteSecret("orders", "api-key");
      }
      return call.proceed();
    });

    SecretPlan plan = SecretPlan.builder(deleting, OWNER)
        .declare(versioned(1, "ours"))
        .prune()
        .plan();

    assertThat(lines(plan)).containsExactly("UPDATE orders", "CREATE orders/api-key");
    store.close();
  }

  @ParameterizedTest
  @EnumSource
  void stalePlan_isRefused_whateverChanged(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    Map<String, Runnable> changes = Map.of(
        "orders/api-key",
        () -> subject.change("orders", "api-key", "changed"),
        "the vault orders",
        () -> subject.store().setVaultLabels("orders", Map.of("declaration-owner", "another")));
    changes.forEach((what, change) -> {
      subject.store().setVaultLabels("orders", Map.of("declaration-owner", OWNER));
      SecretPlan plan = plan(subject, versioned(2, "second"));
      change.run();
      Map<String, String> content = subject.content();
      assertThatExceptionOfType(SecretConflictException.class)
          .isThrownBy(plan::apply)
          .withMessageContaining("stale")
          .withMessageContaining(what);
      assertThat(subject.content()).isEqualTo(content);
    });
  }

  @ParameterizedTest
  @EnumSource
  void planOfACreation_isStale_whenSomebodyElseCreates_andWhenAppliedTwice(Kind kind) {
    Subject subject = subject(kind);
    SecretPlan plan = plan(subject, versioned(1, "first"));
    plan.apply().requireComplete();
    Map<String, String> content = subject.content();

    assertThatExceptionOfType(SecretConflictException.class).isThrownBy(plan::apply);
    assertThat(subject.content()).isEqualTo(content);
  }

  @ParameterizedTest
  @EnumSource
  void changeWhileASourceIsRead_isNotOverwritten(Kind kind) {
    Subject subject = subject(kind);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "api-key",
            secret -> secret.valueVersion(2).source(ref -> {
              subject.change("orders", "api-key", "by somebody else");
              return Optional.of(SecretValue.of("ours"));
            }))
        .secret("another", secret -> secret.source(yielding("another")))
        .build();

    ApplyReport report = plan(subject, definition).apply();

    assertThat(outcomes(report)).containsExactly("FAILED orders/api-key", "DONE orders/another");
    assertThat(report.results().get(0).failure()).containsInstanceOf(SecretConflictException.class);
    assertThat(subject.value("orders", "api-key")).contains("by somebody else");
  }

  @ParameterizedTest
  @EnumSource
  void partialFailure_isReportedWhole(Kind kind) {
    Subject subject = subject(kind);
    SecretManager down =
        SecretManagers.open(Intercepted.plain(InMemorySecretStore.create(), call -> {
          if (call.is("fetch")) {
            throw new SecretUnavailableException("no route to the other store");
          }
          return call.proceed();
        }));
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "malformed",
            secret ->
                secret.description("The worst").source(yielding("no")).shape(SecretShape.json()))
        .secret(
            "throwing",
            secret -> secret.source(ref -> {
              throw new IllegalStateException("a message with the value made-up");
            }))
        .secret(
            "unreachable",
            secret -> secret.source(SecretSource.secret(down, SecretRef.of("far", "away"))))
        .secret("fine", secret -> secret.source(yielding("made-up")))
        .build();
    plan(subject, versioned(1, "first")).apply().requireComplete();

    ApplyReport report = builder(subject, definition).prune().plan().apply();

    assertThat(outcomes(report))
        .containsExactly(
            "FAILED orders/malformed",
            "FAILED orders/throwing",
            "FAILED orders/unreachable",
            "DONE orders/fine",
            "NOT_TRIED orders/api-key");
    assertThat(report.results().get(0).failure()).containsInstanceOf(SecretEncodingException.class);
    assertThat(report.results().get(1).failure()).containsInstanceOf(SecretProtocolException.class);
    assertThat(report.isComplete()).isFalse();
    assertThat(subject.value("orders", "api-key")).contains("first");
    assertThatExceptionOfType(SecretApplyException.class)
        .isThrownBy(report::requireComplete)
        .withMessageContaining("1 done, 0 skipped, 3 failed, 1 not tried")
        .withMessageContaining("it must be JSON")
        .withMessageContaining("nothing is deleted after a failure")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(3))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("made-up"));
    assertThatEveryYieldedValueIsWiped();
    down.close();
  }

  @ParameterizedTest
  @EnumSource
  void storeThatIsDown_isNotAskedForTheRest(Kind kind) {
    Subject subject = subject(kind);
    List<String> updates = new ArrayList<>();
    SecretDefinition definition = defineSecret("orders")
        .secret("one-key", secret -> secret.source(yielding("1")))
        .secret("two-key", secret -> secret.source(yielding("2")))
        .build();
    SecretPlan plan = SecretPlan.builder(
            Intercepted.of(subject.store(), call -> {
              if (call.is("createSecret")) {
                updates.add((String) call.arguments()[1]);
                throw new SecretUnavailableException("no route");
              }
              return call.proceed();
            }),
            OWNER)
        .declare(definition)
        .plan();

    assertThat(outcomes(plan.apply()))
        .containsExactly("DONE orders", "FAILED orders/one-key", "NOT_TRIED orders/two-key");
    assertThat(updates).containsExactly("one-key");
    plan(subject, definition).apply().requireComplete();
    assertThat(subject.value("orders", "two-key")).contains("2");
  }

  @Test
  void vaultThatFails_takesItsSecretsWithIt_andNoOthers() {
    Subject subject = subject(Kind.PLAIN);
    SecretDefinition definition = defineSecret("others")
        .secret("api-key", secret -> secret.source(yielding("1")))
        .build();
    SecretPlan plan = SecretPlan.builder(
            Intercepted.of(subject.store(), call -> {
              if (call.is("createVault") && call.arguments()[0].equals("orders")) {
                throw new SecretLimitException("There are too many vaults");
              }
              return call.proceed();
            }),
            OWNER)
        .declare(versioned(1, "x"), definition)
        .plan();

    assertThat(outcomes(plan.apply()))
        .containsExactly(
            "FAILED orders", "NOT_TRIED orders/api-key", "DONE others", "DONE others/api-key");
  }

  @Test
  void raceBetweenValueAndLabel_putsNoLabelOnAnothersValue() {
    Subject subject = subject(Kind.PLAIN);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    SecretPlan plan = SecretPlan.builder(
            Intercepted.of(subject.store(), call -> {
              Object result = call.proceed();
              if (call.is("updateSecret")) {
                subject.change("orders", "api-key", "somebody was faster");
              }
              return result;
            }),
            OWNER)
        .declare(versioned(2, "second"))
        .plan();

    assertThat(outcomes(plan.apply())).containsExactly("FAILED orders/api-key");
    assertThat(subject.store().labels("orders", "api-key")).isEmpty();
    assertThat(lines(plan(subject, versioned(2, "second")))).contains("UPDATE orders/api-key");
  }

  @Test
  void foreignFailureOfAStore_isToldWithoutItsMessage() {
    Subject subject = subject(Kind.PLAIN);
    SecretPlan plan = SecretPlan.builder(
            Intercepted.of(subject.store(), call -> {
              if (call.is("createSecret")) {
                SecretValue value = (SecretValue) call.arguments()[2];
                throw new UnsupportedOperationException(value.revealString());
              }
              return call.proceed();
            }),
            OWNER)
        .declare(versioned(1, "made-up"))
        .plan();

    ApplyReport report = plan.apply();
    assertThat(report.toString())
        .contains("UnsupportedOperationException")
        .contains("withheld")
        .doesNotContain("made-up");
    assertThatEveryYieldedValueIsWiped();
  }

  @Test
  void moreLabelsThanAllowed_areRefused_beforeTheValueIsWritten() {
    Subject subject = subject(Kind.PLAIN);
    plan(subject, versioned(1, "first")).apply().requireComplete();
    Map<String, String> many = new HashMap<>(Map.of("value-version", "v1"));
    for (int i = 1; i < SecretStore.MAX_LABELS; i++) {
      many.put("label-" + i, "x");
    }
    subject.store().setLabels("orders", "api-key", many);
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "api-key",
            secret -> secret.source(yielding("second")).valueVersion(2).label("team", "orders"))
        .build();

    ApplyReport report = plan(subject, definition).apply();
    assertThat(report.results().get(0).failure()).containsInstanceOf(SecretLimitException.class);
    assertThat(subject.value("orders", "api-key")).contains("first");
  }

  @Test
  void textAndJson_sayTheSame() {
    Subject subject = subject(Kind.MEMORY);
    SecretDefinition definition = defineSecret("orders")
        .secret(
            "api-key",
            secret -> secret
                .description("A \"key\"")
                .source(SecretSource.environment("NO_SUCH_VARIABLE")))
        .build();
    SecretPlan plan = plan(subject, definition);

    assertThat(plan).hasToString("""
        Plan of "orders-service": 2 to create, 0 to update, 0 to delete, 0 left
          + vault orders: it does not exist
          + orders/api-key (A "key"): it does not exist; value version 1 from the environment variable NO_SUCH_VARIABLE""");
    assertThat(plan.toJson()).isEqualTo("""
        {"owner":"orders-service","empty":false,"create":2,"update":0,"delete":0,"leave":0,"blocked":0,"steps":[\
        {"action":"create","vault":"orders","description":"","reason":"it does not exist"},\
        {"action":"create","vault":"orders","name":"api-key","description":"A \\"key\\"",\
        "reason":"it does not exist; value version 1 from the environment variable NO_SUCH_VARIABLE"}]}""");
    ApplyReport report = plan.apply();
    assertThat(report.toString())
        .startsWith("Applied \"orders-service\": 1 done, 0 skipped, 1 failed, 0 not tried\n"
            + "  + vault orders: it does not exist [done]\n")
        .endsWith(
            " [failed]\n      No value for the secret orders/api-key: the environment variable"
                + " NO_SUCH_VARIABLE yields none; provide it, or skip such secrets with"
                + " skipEmptyValues()");
    assertThat(report.toJson())
        .startsWith("{\"owner\":\"orders-service\",\"complete\":false,\"done\":1,\"skipped\":0,"
            + "\"failed\":1,\"not_tried\":0,\"results\":[{\"action\":\"create\"")
        .contains("\"outcome\":\"failed\",\"message\":\"No value for");
  }

  @Test
  void sourceBesideTheDeclaration_countsFirst() {
    Subject subject = subject(Kind.MEMORY);
    SecretDefinition definition = versioned(1, "declared");
    builder(subject, definition)
        .source(definition.ref("api-key"), yielding("given"))
        .plan()
        .apply()
        .requireComplete();

    assertThat(subject.value("orders", "api-key")).contains("given");
  }

  /** The api has the name of the label too, and can't see the plan's. */
  @Test
  void labelOfTheValueVersion_canNotBeDeclared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defineSecret("orders")
            .secret("api-key", secret -> secret.label(SecretPlan.VALUE_VERSION_LABEL, "v2")))
        .withMessageContaining("is written by what applies the declaration");
  }

  @Test
  void badPlans_areRefused() {
    Subject subject = subject(Kind.MEMORY);
    SecretDefinition definition = versioned(1, "x");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretPlan.builder(subject.store(), "Orders Service"));
    assertThatIllegalStateException()
        .isThrownBy(() -> SecretPlan.builder(subject.store(), OWNER).plan());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretPlan.builder(subject.store(), OWNER).declare());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(subject, definition).declare(definition))
        .withMessageContaining("declared twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(subject, definition)
            .source(SecretRef.of("orders", "other"), yielding("x"))
            .plan())
        .withMessageContaining("orders/other");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(subject, definition).takeOver("other").plan())
        .withMessageContaining("other");
  }

  @ParameterizedTest
  @EnumSource(names = {"MEMORY", "FILE"})
  void planOfTenThousandSecrets_makesTheCallsOfAPlanOfOne(Kind kind) {
    assertThat(callsOfPlan(kind, 10_000)).isNotEmpty().isEqualTo(callsOfPlan(kind, 1));
  }

  /** What a plan asks a store for that already holds what is declared. */
  private List<String> callsOfPlan(Kind kind, int secrets) {
    SecretDefinition.Builder definition = defineSecret("orders");
    List<String> calls = new ArrayList<>();
    try (Subject many = Subject.of(kind, directory)) {
      VersionedSecretStore store = (VersionedSecretStore) many.store();
      store.inOneCommit(changes -> {
        changes.createVault("orders");
        for (int i = 0; i < secrets; i++) {
          try (SecretValue value = SecretValue.of("made-up")) {
            changes.createSecret("orders", "secret-" + i, value);
          }
          definition.secret("secret-" + i, "made up");
        }
      });
      SecretStore counted = Intercepted.of(store, call -> {
        calls.add(call.method().getName());
        return call.proceed();
      });
      SecretPlan plan =
          SecretPlan.builder(counted, OWNER).declare(definition.build()).plan();
      assertThat(plan.steps()).filteredOn(step -> step.name().isPresent()).hasSize(secrets);
    }
    return calls;
  }

  private Subject subject(Kind kind) {
    return subjects.computeIfAbsent(kind, missing -> Subject.of(missing, directory));
  }

  private SecretDefinition versioned(int version, String text) {
    return defineSecret("orders")
        .secret("api-key", secret -> secret.source(yielding(text)).valueVersion(version))
        .build();
  }

  private SecretDefinition single(String vault, String name) {
    return defineSecret(vault)
        .secret(name, secret -> secret.source(yielding("made-up")))
        .build();
  }

  private SecretSource yielding(String text) {
    return ref -> {
      SecretValue value = SecretValue.of(text);
      yielded.add(value);
      return Optional.of(value);
    };
  }

  private void assertThatEveryYieldedValueIsWiped() {
    assertThat(yielded)
        .isNotEmpty()
        .allSatisfy(value -> assertThatIllegalStateException()
            .isThrownBy(() -> value.withBytes(bytes -> bytes.length)));
  }

  private static SecretPlan plan(Subject subject, SecretDefinition... definitions) {
    return builder(subject, definitions).plan();
  }

  private static SecretPlan.Builder builder(Subject subject, SecretDefinition... definitions) {
    return SecretPlan.builder(subject.store(), OWNER).declare(definitions);
  }

  private static List<String> lines(SecretPlan plan) {
    return plan.steps().stream()
        .map(step -> step.action() + " " + address(step))
        .toList();
  }

  private static List<String> outcomes(ApplyReport report) {
    return report.results().stream()
        .map(result -> result.outcome() + " " + address(result.step()))
        .toList();
  }

  private static String address(SecretPlan.Step step) {
    return step.vault() + step.name().map(name -> "/" + name).orElse("");
  }
}
