package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * The rules of reading through a manager: what exists and what does not, what may be asked and what
 * not.
 */
abstract class ManagerRules extends ContractFixture {

  ManagerRules() {}

  // --- what exists

  @Test
  void getSecret_givesTheValue() throws Exception {
    try (SecretValue value = managed().manager().requireSecret(GREETING)) {
      assertThat(value.revealString()).as("a read gives the stored value").isEqualTo(CANARY);
      assertThat(value.freshness())
          .as("a value that was just read is fresh")
          .isEqualTo(Freshness.fresh());
    }
  }

  @Test
  void getSecret_withinTimeToLive_asksOnce() throws Exception {
    ManagedBackend managed = managed();
    managed.manager().requireSecret(GREETING).close();
    assertThat(read(managed.manager(), GREETING))
        .as("the second read gives the same value, though the first reader closed its copy")
        .contains(CANARY);
    assertThat(managed.fetches())
        .as("within its time to live a value is read from the cache, not from the backend")
        .isEqualTo(1);
  }

  @Test
  void getSecrets_givesAllInOneFetch() throws Exception {
    ManagedBackend managed = managed();
    List<String> names = List.of(GREETING.name(), TOKEN.name(), GREETING.name());
    try (SecretBundle bundle = managed.manager().getSecrets(VAULT, names)) {
      assertThat(bundle.revealAll())
          .as("getSecrets gives each secret once, in the order of the names")
          .containsExactly(
              Map.entry(GREETING.name(), CANARY), Map.entry(TOKEN.name(), "token-value"));
    }
    assertThat(managed.fetches()).as("getSecrets asks the backend at most once").isEqualTo(1);
  }

  @Test
  void async_givesTheSame() throws Exception {
    SecretManager manager = managed().manager();
    List<String> names = List.of(GREETING.name());
    Optional<SecretValue> read = manager.getSecretAsync(GREETING).get();
    try (SecretValue value = read.orElseThrow();
        SecretValue required = manager.requireSecretAsync(GREETING).get();
        SecretBundle bundle = manager.getSecretsAsync(VAULT, names).get()) {
      assertThat(List.of(
              value.revealString(),
              required.revealString(),
              bundle.revealAll().get(GREETING.name()),
              manager.withSecretAsync(GREETING, SecretValue::revealString).get()))
          .as("the asynchronous methods give what the others give")
          .containsOnly(CANARY);
    }
    assertThat(manager.getSecretAsync(MISSING_SECRET).get())
        .as("a secret that does not exist is an empty answer for the asynchronous methods, too")
        .isEmpty();
  }

  // --- the secret, or its vault, does not exist

  @Test
  void getSecret_ofMissingSecret_isEmpty() throws Exception {
    assertThat(read(managed().manager(), MISSING_SECRET))
        .as("a secret that does not exist is Optional.empty(), not an error and not null")
        .isEmpty();
  }

  @Test
  void getSecret_inMissingVault_isEmpty() throws Exception {
    assertThat(read(managed().manager(), MISSING_VAULT))
        .as("a secret whose vault does not exist is Optional.empty(), not an error and not null")
        .isEmpty();
  }

  @Test
  void getSecrets_leavesOutMissingSecrets() throws Exception {
    List<String> names = List.of(GREETING.name(), MISSING_SECRET.name());
    try (SecretBundle bundle = managed().manager().getSecrets(VAULT, names)) {
      assertThat(bundle.names())
          .as("getSecrets leaves out what does not exist, and gives the rest")
          .containsExactly(GREETING.name());
      assertThat(bundle.failures()).as("an absence is no failure").isEmpty();
      assertThat(bundle.get(MISSING_SECRET.name()))
          .as("asked by name, what does not exist is empty")
          .isEmpty();
    }
  }

  @Test
  void getSecrets_inMissingVault_isEmpty() throws Exception {
    List<String> names = List.of(GREETING.name(), TOKEN.name());
    try (SecretBundle bundle = managed().manager().getSecrets(MISSING_VAULT.vault(), names)) {
      assertThat(bundle.names())
          .as("in a vault that does not exist, no secret does: getSecrets leaves out every name")
          .isEmpty();
      assertThat(bundle.failures()).as("an absence is no failure").isEmpty();
    }
  }

  @Test
  void requireSecret_saysWhatIsMissing() throws Exception {
    SecretManager manager = managed().manager();
    Map<SecretRef, Missing> expected =
        Map.of(MISSING_SECRET, Missing.SECRET, MISSING_VAULT, Missing.VAULT);
    expected.forEach((ref, missing) -> {
      assertNotFound(() -> manager.requireSecret(ref), ref, missing);
      assertNotFound(() -> manager.withSecret(ref, value -> "unused"), ref, missing);
    });
  }

  @Test
  void getSecret_ofDeletedSecret_isEmpty_andNeverStale() throws Exception {
    DeletableSecret backend = new DeletableSecret(backend(), GREETING);
    ManagedBackend managed = managed(backend, settings -> settings);
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    backend.deleted = true;
    managed.expire();
    assertThat(read(managed.manager(), GREETING))
        .as("a secret that was deleted is empty once its time to live has passed: the value read"
            + " before is wiped, not served as stale")
        .isEmpty();
    managed.faults().failWithUnavailable();
    managed.expire();
    assertThatThrownBy(() -> managed.manager().getSecret(GREETING))
        .as("an outage does not bring the value of a deleted secret back")
        .isInstanceOf(SecretUnavailableException.class);
  }

  // --- a name breaks the platform's grammar; null; use after close

  @Test
  void badName_isRefusedBeforeAnythingIsAsked() throws Exception {
    ManagedBackend managed = managed();
    SecretManager manager = managed.manager();
    for (String bad : BAD_NAMES) {
      Map<String, ThrowingCallable> reads = new LinkedHashMap<>();
      reads.put("getSecret, name", () -> manager.getSecret(VAULT, bad));
      reads.put("getSecret, vault", () -> manager.getSecret(bad, GREETING.name()));
      reads.put("getSecrets, name", () -> manager.getSecrets(VAULT, List.of(GREETING.name(), bad)));
      reads.put("getSecrets, vault", () -> manager.getSecrets(bad, List.of(GREETING.name())));
      reads.put("requireSecret", () -> manager.requireSecret(VAULT, bad));
      reads.put("withSecret", () -> manager.withSecret(VAULT, bad, value -> "unused"));
      reads.put("getSecretAsync", () -> manager.getSecretAsync(VAULT, bad));
      reads.put("getSecretsAsync", () -> manager.getSecretsAsync(VAULT, List.of(bad)));
      reads.put("requireSecretAsync", () -> manager.requireSecretAsync(VAULT, bad));
      reads.put("withSecretAsync", () -> manager.withSecretAsync(VAULT, bad, value -> "unused"));
      reads.forEach((method, read) -> assertThatThrownBy(read)
          .as(
              "%s: a name that breaks the grammar is an IllegalArgumentException that quotes the"
                  + " rule and the name",
              method)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(SecretRef.NAME_GRAMMAR)
          .hasMessageContaining("\"" + printablePrefix(bad)));
    }
    assertThat(managed.fetches())
        .as("names are checked before anything is asked: no bad name reaches the backend")
        .isZero();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what this is about
  void null_isRefusedByName() throws Exception {
    ManagedBackend managed = managed();
    SecretManager manager = managed.manager();
    SecretRef noRef = null;
    Map<String, List<ThrowingCallable>> byParameter = Map.of(
        "ref",
            List.of(
                () -> manager.getSecret(noRef),
                () -> manager.requireSecret(noRef),
                () -> manager.withSecret(noRef, value -> "unused"),
                () -> manager.getSecretAsync(noRef),
                () -> manager.requireSecretAsync(noRef),
                () -> manager.withSecretAsync(noRef, value -> "unused")),
        "vault",
            List.of(
                () -> manager.getSecret(null, GREETING.name()),
                () -> manager.requireSecret(null, GREETING.name()),
                () -> manager.getSecrets(null, List.of(GREETING.name())),
                () -> manager.getSecretsAsync(null, List.of(GREETING.name()))),
        "name",
            List.of(() -> manager.getSecret(VAULT, null), () -> manager.requireSecret(VAULT, null)),
        "names",
            List.of(
                () -> manager.getSecrets(VAULT, null), () -> manager.getSecretsAsync(VAULT, null)),
        "use",
            List.of(
                () -> manager.withSecret(GREETING, null),
                () -> manager.withSecretAsync(GREETING, null)));
    byParameter.forEach((parameter, reads) -> reads.forEach(read -> assertThatThrownBy(read)
        .as("null is never accepted: a NullPointerException names the parameter")
        .isInstanceOf(NullPointerException.class)
        .hasMessage(parameter)));
    assertThat(managed.fetches()).as("null never reaches the backend").isZero();
  }

  @Test
  void closedManager_refusesEveryRead() throws Exception {
    ManagedBackend managed = managed();
    SecretManager manager = managed.manager();
    SecretValue handedOut = closedAfterTest(manager.requireSecret(GREETING));
    int fetches = managed.fetches();
    manager.close();
    List<String> names = List.of(GREETING.name());
    Stream.<ThrowingCallable>of(
            () -> manager.getSecret(GREETING),
            () -> manager.getSecrets(VAULT, names),
            () -> manager.requireSecret(GREETING),
            () -> manager.withSecret(GREETING, value -> "unused"),
            () -> manager.getSecretAsync(GREETING),
            () -> manager.getSecretsAsync(VAULT, names),
            () -> manager.requireSecretAsync(GREETING),
            () -> manager.withSecretAsync(GREETING, value -> "unused"))
        .forEach(read -> assertThatThrownBy(read)
            .as("a closed manager answers nothing, not even from its cache")
            .isInstanceOf(IllegalStateException.class));
    assertThat(managed.fetches()).as("a closed manager asks nothing").isEqualTo(fetches);
    assertThat(handedOut.revealString())
        .as("a value that was handed out stays with its caller")
        .isEqualTo(CANARY);
    assertThatCode(manager::close).as("a second close does nothing").doesNotThrowAnyException();
  }

  // --- declared secrets

  @Test
  void declaredOnly_verifiesWhenItIsBuilt() throws Exception {
    SecretBackend backend = backend();
    SecretDefinition declared = defineSecret(VAULT)
        .secret(GREETING.name(), "says hello")
        .secret("missing-one", "unlocks the first account")
        .secret("missing-two", "unlocks the second account")
        .secret("not-needed", secret -> secret.description("opens a window").optional())
        .build();
    Throwable failure =
        catchThrowable(() -> managed(backend, settings -> settings.declaredOnly(declared)));
    assertThat(failure)
        .as("declaredOnly reads what is declared when the manager is built, and throws if a"
            + " required secret is missing")
        .isInstanceOfSatisfying(
            SecretVerificationException.class,
            verification -> assertThat(verification.problems())
                .as("one exception lists every required secret that is missing, in the order of the"
                    + " declaration, and no optional one")
                .extracting(problem -> problem.ref().name())
                .containsExactly("missing-one", "missing-two"));
    assertThat(failure)
        .as("the message says what each missing secret is for, and shows no value")
        .hasMessageContainingAll(
            "missing-one", "unlocks the first account", "missing-two", "unlocks the second account")
        .hasMessageNotContaining(CANARY);
  }

  @Test
  void declaredOnly_refusesWhatIsNotDeclared() throws Exception {
    SecretDefinition declared =
        defineSecret(VAULT).secret(GREETING.name(), "says hello").build();
    ManagedBackend managed = managed(backend(), settings -> settings.declaredOnly(declared));
    assertThat(read(managed.manager(), GREETING))
        .as("what is declared can be read")
        .contains(CANARY);
    int fetches = managed.fetches();
    for (SecretRef ref : List.of(TOKEN, GREETING_ELSEWHERE)) {
      assertThatThrownBy(() -> managed.manager().getSecret(ref))
          .as("%s exists, but is not declared: reading it is denied", ref)
          .isInstanceOf(SecretAccessDeniedException.class);
    }
    assertThat(managed.fetches())
        .as("what is not declared is not even asked for")
        .isEqualTo(fetches);
  }

  // --- tools of the rules

  final ManagedBackend managed() throws Exception {
    return managed(backend(), UnaryOperator.identity());
  }

  final ManagedBackend managed(
      SecretBackend backend, UnaryOperator<SecretManagers.Builder> settings) {
    return closedAfterTest(new ManagedBackend(backend, builder -> build(builder, settings)));
  }

  /** A seam: the contract's own tests put a broken manager here, and see that it is noticed. */
  SecretManager build(
      SecretManagers.Builder builder, UnaryOperator<SecretManagers.Builder> settings) {
    return settings.apply(builder).build();
  }

  /** The text of a secret, or empty. */
  static Optional<String> read(SecretManager manager, SecretRef ref) {
    Optional<SecretValue> read = manager.getSecret(ref);
    assertThat(read).as("getSecret never returns null").isNotNull();
    try (SecretValue value = read.orElse(null)) {
      return value == null ? Optional.empty() : Optional.of(value.revealString());
    }
  }

  private static void assertNotFound(ThrowingCallable read, SecretRef ref, Missing missing) {
    assertThatThrownBy(read)
        .as(
            "a secret that must exist and does not is SecretNotFoundException, which says which of"
                + " the two is missing: here the %s",
            missing)
        .isInstanceOfSatisfying(SecretNotFoundException.class, notFound -> {
          assertThat(notFound.missing()).isEqualTo(missing);
          assertThat(notFound.vault()).isEqualTo(ref.vault());
          assertThat(notFound.name()).contains(ref.name());
        })
        .hasMessageContaining(ref.toString());
  }

  /** What of a bad name an error message shows as it is. */
  private static String printablePrefix(String bad) {
    int end = 0;
    while (end < bad.length() && bad.charAt(end) >= ' ' && bad.charAt(end) < 0x7f) {
      end++;
    }
    return bad.substring(0, end);
  }

  /** The backend under test, with one secret that can be deleted behind the manager's back. */
  private static final class DeletableSecret implements SecretBackend {
    private final SecretBackend backend;
    private final SecretRef ref;
    private volatile boolean deleted;

    DeletableSecret(SecretBackend backend, SecretRef ref) {
      this.backend = backend;
      this.ref = ref;
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>(backend.fetch(vault, names));
      if (deleted && vault.equals(ref.vault()) && names.contains(ref.name())) {
        closeValues(outcomes);
        outcomes.put(ref.name(), new SecretOutcome.Missing(Missing.SECRET));
      }
      return outcomes;
    }

    @Override
    public void close() {
      backend.close();
    }
  }
}
