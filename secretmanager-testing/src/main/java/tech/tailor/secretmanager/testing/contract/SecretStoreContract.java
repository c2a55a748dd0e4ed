package tech.tailor.secretmanager.testing.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * What every {@link SecretStore} promises, as tests: all of {@link SecretBackendContract}, and
 * management. Extend it, say how an empty store is made, and the tests run:
 *
 * <pre>{@code
 * class MyStoreContractTest extends SecretStoreContract {
 *   @Override
 *   protected SecretStore emptyStore() {
 *     return MyStore.create();
 *   }
 * }
 * }</pre>
 */
public abstract class SecretStoreContract extends ConvenienceRules {

  private static final int UPDATES_PER_THREAD = 5;

  /** For subclasses. */
  protected SecretStoreContract() {}

  /** A new store without vaults. It is called at most once in a test, which closes what it gets. */
  @Override
  protected abstract SecretStore emptyStore() throws Exception;

  /**
   * Whether the store numbers the versions of a secret 1, 2, 3 …. Overridden with false for a store
   * that says 0 for each. Default: true.
   */
  protected boolean numbersVersions() {
    return true;
  }

  // --- create

  @Test
  void createSecret_isVersionOne() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    SecretInfo created = create(store, GREETING, "hello");
    assertThat(created.name()).as("createSecret tells the secret it created").isEqualTo("greeting");
    assertVersion(created, "a new secret begins at version 1", 1);
    assertThat(created.updateTime())
        .as("a secret that was never updated was last updated when it was created")
        .isEqualTo(created.createTime());
    assertThat(created.createTime())
        .as("a secret was created when it was created")
        .isBetween(Instant.now().minus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(1)));
    assertCurrent(store, GREETING, created, "hello");
  }

  @Test
  void createSecret_ofExistingName_isRefused() throws Exception {
    SecretStore store = filledStore();
    SecretInfo before = store.describeSecret(VAULT, GREETING.name()).orElseThrow();
    assertThatThrownBy(() -> create(store, GREETING, "overwritten"))
        .as("createSecret never overwrites: there is a secret of that name already")
        .isInstanceOf(SecretAlreadyExistsException.class)
        .hasMessageNotContaining("overwritten")
        .hasMessageNotContaining(CANARY);
    assertThat(textOf(store, GREETING))
        .as("a refused createSecret leaves the existing value")
        .isEqualTo(CANARY);
    assertThat(store.describeSecret(VAULT, GREETING.name()))
        .as("a refused createSecret leaves version and times")
        .contains(before);
  }

  @Test
  void createSecret_inMissingVault_isNotFound() throws Exception {
    SecretStore store = filledStore();
    assertNotFound(() -> create(store, MISSING_VAULT, "homeless"), Missing.VAULT);
    assertThat(store.describeVault(MISSING_VAULT.vault()))
        .as("createSecret does not create a vault on the side")
        .isEmpty();
  }

  @Test
  void createSecret_byManyThreads_succeedsOnce() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    List<Optional<SecretInfo>> created = inThreads(() -> {
      try {
        return Optional.of(create(store, GREETING, Thread.currentThread().getName()));
      } catch (SecretAlreadyExistsException e) {
        return Optional.empty();
      }
    });
    assertThat(created.stream().flatMap(Optional::stream))
        .as("of several threads that create the same secret one succeeds; the others are told that"
            + " it exists already")
        .hasSize(1);
  }

  // --- update

  @Test
  void updateSecret_isTheNextVersion() throws Exception {
    SecretStore store = filledStore();
    SecretInfo created = store.describeSecret(VAULT, GREETING.name()).orElseThrow();
    SecretInfo second = update(store, GREETING, "second");
    assertVersion(second, "the first update is version 2", 2);
    assertThat(second.createTime())
        .as("an update leaves the time of creation")
        .isEqualTo(created.createTime());
    assertThat(second.updateTime())
        .as("the time of update does not go back")
        .isAfterOrEqualTo(created.updateTime());
    assertCurrent(store, GREETING, second, "second");
    SecretInfo third = update(store, GREETING, "third");
    assertVersion(third, "each update is one version more", 3);
    assertCurrent(store, GREETING, third, "third");
  }

  @Test
  void updateSecret_withTheSameValue_isTheNextVersionToo() throws Exception {
    SecretStore store = filledStore();
    assertVersion(
        update(store, GREETING, CANARY),
        "an update is a new version, whether or not the value differs",
        2);
  }

  @Test
  void updateSecret_ofMissingSecret_isNotFound() throws Exception {
    SecretStore store = filledStore();
    assertNotFound(() -> update(store, MISSING_SECRET, "unborn"), Missing.SECRET);
    assertNotFound(() -> update(store, MISSING_VAULT, "unborn"), Missing.VAULT);
    assertThat(outcomeOf(store, MISSING_SECRET))
        .as("updateSecret does not create what does not exist")
        .isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
    assertThat(store.describeVault(MISSING_VAULT.vault()))
        .as("updateSecret does not create a vault on the side")
        .isEmpty();
  }

  @Test
  void updateSecret_leavesOtherSecretsAlone() throws Exception {
    SecretStore store = filledStore();
    create(store, TOKEN, "token-value");
    store.createVault(GREETING_ELSEWHERE.vault());
    create(store, GREETING_ELSEWHERE, "elsewhere");
    update(store, GREETING, "second");
    assertThat(List.of(textOf(store, TOKEN), textOf(store, GREETING_ELSEWHERE)))
        .as("an update changes one secret: not its neighbour, nor its namesake in another vault")
        .containsExactly("token-value", "elsewhere");
  }

  @Test
  void updateSecret_byManyThreads_losesNothing() throws Exception {
    SecretStore store = filledStore();
    AtomicInteger counter = new AtomicInteger();
    Map<Long, String> valueByVersion = Collections.synchronizedMap(new LinkedHashMap<>());
    List<List<Long>> versions = inThreads(() -> {
      List<Long> mine = new ArrayList<>();
      for (int i = 0; i < UPDATES_PER_THREAD; i++) {
        String value = "value-" + counter.incrementAndGet();
        long version = update(store, GREETING, value).version();
        valueByVersion.put(version, value);
        mine.add(version);
      }
      return mine;
    });
    if (!numbersVersions()) {
      assertThat(valueByVersion)
          .as("a store that doesn't number versions says 0 for each")
          .containsOnlyKeys(0L);
      assertThat(textOf(store, GREETING))
          .as("the current value is one of those that were written")
          .startsWith("value-");
      return;
    }
    int updates = THREADS * UPDATES_PER_THREAD;
    assertThat(versions.stream().flatMap(List::stream))
        .as("every update is a version of its own, without a gap: of concurrent updates none is"
            + " lost")
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, updates + 1L).boxed().toList());
    try (SecretValue last = valueOf(store, GREETING)) {
      assertThat(last.version()).as("the last version is the current one").isEqualTo(updates + 1L);
      assertThat(last.revealString())
          .as("the current value is the one that was written as the current version")
          .isEqualTo(valueByVersion.get(last.version()));
    }
  }

  @Test
  void fetch_duringUpdates_givesWholeValues() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    create(store, GREETING, "a".repeat(5_000));
    int writers = 2;
    AtomicInteger role = new AtomicInteger();
    AtomicInteger writing = new AtomicInteger(writers);
    List<Boolean> whole = inThreads(() -> {
      if (role.getAndIncrement() < writers) {
        try {
          for (int i = 0; i < UPDATES_PER_THREAD; i++) {
            update(store, GREETING, String.valueOf((char) ('a' + i)).repeat(5_000 + i));
          }
        } finally {
          writing.decrementAndGet();
        }
        return true;
      }
      boolean right = true;
      long latest = 0;
      do {
        try (SecretValue value = valueOf(store, GREETING)) {
          String text = value.revealString();
          right &= text.equals(text.substring(0, 1).repeat(5_000 + text.charAt(0) - 'a'));
          right &= value.version() >= latest;
          latest = value.version();
        }
      } while (writing.get() > 0);
      return right;
    });
    assertThat(whole)
        .as("a fetch during an update gives the value before or the one after, whole, and never"
            + " goes back to an earlier version")
        .containsOnly(true);
  }

  // --- the value that was passed in

  @Test
  void passedValue_staysTheCallers() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    try (SecretValue value = SecretValue.of("first");
        SecretValue next = SecretValue.of("second")) {
      store.createSecret(VAULT, GREETING.name(), value);
      assertThat(value.revealString())
          .as("createSecret leaves the value to the caller: it does not close it")
          .isEqualTo("first");
      store.updateSecret(VAULT, GREETING.name(), next);
      assertThat(next.revealString())
          .as("updateSecret leaves the value to the caller: it does not close it")
          .isEqualTo("second");
    }
    assertThat(textOf(store, GREETING))
        .as("the store holds a copy: that the caller closes the value does not touch it")
        .isEqualTo("second");
  }

  @Test
  void passedValue_changedAfterwards_changesNothing() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    byte[] bytes = "original".getBytes(UTF_8);
    try (SecretValue value = SecretSupport.adopt(bytes, SecretMetadata.unversioned())) {
      store.createSecret(VAULT, GREETING.name(), value);
      bytes[0] = 'X';
      assertThat(textOf(store, GREETING))
          .as("the store holds a copy: what happens to the caller's array does not touch it")
          .isEqualTo("original");
    }
  }

  @Test
  void passedValue_hasNoSayInItsMetadata() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    SecretMetadata foreign = SecretMetadata.of(41, Instant.EPOCH)
        .withFreshness(Freshness.Stale.of(
            Duration.ofMinutes(1), new SecretUnavailableException("when it was read elsewhere")));
    try (SecretValue value = SecretSupport.adopt("copied".getBytes(UTF_8), foreign)) {
      SecretInfo created = store.createSecret(VAULT, GREETING.name(), value);
      assertVersion(
          created, "a value that was read elsewhere, as version 41, begins at version 1 here", 1);
      assertCurrent(store, GREETING, created, "copied");
    }
  }

  // --- list, describe

  @Test
  void listSecrets_isSortedByName_andShowsNoValue() throws Exception {
    SecretStore store = filledStore();
    List<String> names = List.of("secret-b", "secret-10", "secret-a", "secret-2", "0-secret");
    names.forEach(name -> create(store, SecretRef.of(VAULT, name), CANARY));
    List<SecretInfo> listed = store.listSecrets(VAULT);
    assertThat(listed)
        .as("secrets are listed by name in ascending order")
        .extracting(SecretInfo::name)
        .containsExactly("0-secret", "greeting", "secret-10", "secret-2", "secret-a", "secret-b");
    assertThat(listed)
        .as("a secret is listed as it is described")
        .allSatisfy(info -> assertThat(store.describeSecret(VAULT, info.name())).contains(info));
    assertThat(listed.toString()).as("a list never shows a value").doesNotContain(CANARY);
  }

  @Test
  void listSecrets_ofMissingVault_isNotFound() throws Exception {
    SecretStore store = filledStore();
    assertNotFound(() -> store.listSecrets(MISSING_VAULT.vault()), Missing.VAULT);
  }

  @Test
  void describeSecret_ofMissingSecret_isEmpty() throws Exception {
    SecretStore store = filledStore();
    for (SecretRef ref : List.of(MISSING_SECRET, MISSING_VAULT)) {
      assertThat(store.describeSecret(ref.vault(), ref.name()))
          .as("to describe what does not exist is no error: the answer is empty (%s)", ref)
          .isEmpty();
    }
  }

  // --- delete

  @Test
  void deleteSecret_removesIt() throws Exception {
    SecretStore store = filledStore();
    create(store, TOKEN, "token-value");
    store.deleteSecret(VAULT, GREETING.name());
    assertThat(outcomeOf(store, GREETING))
        .as("a deleted secret is missing; its vault is not")
        .isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
    assertThat(store.describeSecret(VAULT, GREETING.name()))
        .as("a deleted secret can't be described")
        .isEmpty();
    assertThat(store.listSecrets(VAULT))
        .as("a deleted secret is not listed; the others are")
        .extracting(SecretInfo::name)
        .containsExactly(TOKEN.name());
    assertThat(textOf(store, TOKEN)).as("deletion leaves the others").isEqualTo("token-value");
  }

  @Test
  void deleteSecret_ofMissingSecret_isNotFound() throws Exception {
    SecretStore store = filledStore();
    for (Map.Entry<SecretRef, Missing> missing :
        Map.of(MISSING_SECRET, Missing.SECRET, MISSING_VAULT, Missing.VAULT).entrySet()) {
      SecretRef ref = missing.getKey();
      assertNotFound(() -> store.deleteSecret(ref.vault(), ref.name()), missing.getValue());
    }
    store.deleteSecret(VAULT, GREETING.name());
    assertNotFound(() -> store.deleteSecret(VAULT, GREETING.name()), Missing.SECRET);
  }

  @Test
  void secret_createdAgain_beginsAtVersionOne() throws Exception {
    SecretStore store = filledStore();
    update(store, GREETING, "second");
    store.deleteSecret(VAULT, GREETING.name());
    SecretInfo again = create(store, GREETING, "reborn");
    assertVersion(
        again,
        "a secret that is created again under the same name is another one, and begins at version"
            + " 1",
        1);
    assertCurrent(store, GREETING, again, "reborn");
  }

  // --- names, null, close

  @Test
  void badName_isRefusedByEveryMethod() throws Exception {
    SecretStore store = filledStore();
    try (SecretValue value = SecretValue.of(CANARY)) {
      for (String bad : BAD_NAMES) {
        Map<String, ThrowingCallable> calls = callsWith(store, bad, GREETING.name(), value);
        callsWithName(store, VAULT, bad, value)
            .forEach((method, call) -> calls.put(method + ", name", call));
        calls.forEach((method, call) -> assertThatThrownBy(call)
            .as(
                "%s: a name that breaks the grammar is an IllegalArgumentException that quotes the"
                    + " rule",
                method)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(SecretRef.NAME_GRAMMAR)
            .hasMessageNotContaining(CANARY));
      }
    }
    assertThat(store.listVaults())
        .as("a refused name leaves nothing behind")
        .extracting(VaultInfo::name)
        .containsExactly(VAULT);
    assertThat(store.listSecrets(VAULT))
        .as("a refused name leaves nothing behind")
        .extracting(SecretInfo::name)
        .containsExactly(GREETING.name());
  }

  @Test
  @SuppressWarnings("NullAway") // null is what this is about
  void null_isRefusedByEveryMethod() throws Exception {
    SecretStore store = filledStore();
    String nothing = null;
    SecretValue noValue = null;
    Map<String, String> noLabels = null;
    try (SecretValue value = SecretValue.of("unused")) {
      Map<String, ThrowingCallable> calls = callsWith(store, nothing, GREETING.name(), value);
      callsWithName(store, VAULT, nothing, value)
          .forEach((method, call) -> calls.put(method + ", name", call));
      calls.put("createSecret, value", () -> store.createSecret(VAULT, TOKEN.name(), noValue));
      calls.put("updateSecret, value", () -> store.updateSecret(VAULT, GREETING.name(), noValue));
      calls.put("setLabels, labels", () -> store.setLabels(VAULT, GREETING.name(), noLabels));
      calls.put("setVaultLabels, labels", () -> store.setVaultLabels(VAULT, noLabels));
      calls.forEach((method, call) -> assertThatThrownBy(call)
          .as("%s: null is never accepted", method)
          .isInstanceOf(NullPointerException.class));
    }
    assertThat(textOf(store, GREETING)).as("null changes nothing").isEqualTo(CANARY);
  }

  @Test
  void closedStore_refusesEveryCall() throws Exception {
    SecretStore store = filledStore();
    closedByTest(store);
    store.close();
    try (SecretValue value = SecretValue.of(CANARY)) {
      Map<String, ThrowingCallable> calls = callsWith(store, VAULT, GREETING.name(), value);
      calls.put("listVaults", store::listVaults);
      calls.forEach((method, call) -> assertThatThrownBy(call)
          .as("%s: a closed store answers nothing", method)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageNotContaining(CANARY));
    }
  }

  // --- what was changed is there for every fetch that begins afterwards

  @Test
  void manager_readsTheUpdatedValue_whenTheOldOneHasExpired() throws Exception {
    SecretStore store = filledStore();
    ManagedBackend managed = managed(store, settings -> settings);
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    update(store, GREETING, "second");
    managed.expire();
    try (SecretValue value = managed.manager().requireSecret(GREETING)) {
      assertThat(value.revealString())
          .as("past the time to live of the old value a manager reads the new one")
          .isEqualTo("second");
      if (numbersVersions()) {
        assertThat(value.version())
            .as("a manager tells the version of the store")
            .isEqualTo(2);
      }
    }
    store.deleteSecret(VAULT, GREETING.name());
    managed.expire();
    assertThat(read(managed.manager(), GREETING))
        .as("past the time to live of the old value a manager learns that the secret was deleted")
        .isEmpty();
  }

  // --- tools of the rules

  /** Every method that takes a vault, called with the given one. */
  private static Map<String, ThrowingCallable> callsWith(
      SecretStore store, String vault, String name, SecretValue value) {
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("createVault", () -> store.createVault(vault));
    calls.put("describeVault", () -> store.describeVault(vault));
    calls.put("deleteVault", () -> store.deleteVault(vault));
    calls.put("listSecrets", () -> store.listSecrets(vault));
    calls.put("vaultLabels", () -> store.vaultLabels(vault));
    calls.put("setVaultLabels", () -> store.setVaultLabels(vault, Map.of()));
    calls.putAll(callsWithName(store, vault, name, value));
    return calls;
  }

  /** Every method that takes a vault and a name, called with the given ones. */
  private static Map<String, ThrowingCallable> callsWithName(
      SecretStore store, String vault, String name, SecretValue value) {
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("createSecret", () -> store.createSecret(vault, name, value));
    calls.put("updateSecret", () -> store.updateSecret(vault, name, value));
    calls.put("describeSecret", () -> store.describeSecret(vault, name));
    calls.put("deleteSecret", () -> store.deleteSecret(vault, name));
    calls.put("labels", () -> store.labels(vault, name));
    calls.put("setLabels", () -> store.setLabels(vault, name, Map.of()));
    return calls;
  }

  private void assertVersion(SecretInfo info, String rule, long expected) {
    if (numbersVersions()) {
      assertThat(info.version()).as(rule).isEqualTo(expected);
    } else {
      assertThat(info.version())
          .as("a store that doesn't number versions says 0 for each")
          .isZero();
    }
  }

  /** That description and fetch agree on the current version. */
  private void assertCurrent(SecretStore store, SecretRef ref, SecretInfo expected, String text) {
    assertThat(store.describeSecret(ref.vault(), ref.name()))
        .as("a secret is described as it was when it was last written")
        .contains(expected);
    try (SecretValue value = valueOf(store, ref)) {
      assertThat(value.revealString())
          .as("what was written is there for every fetch that begins afterwards")
          .isEqualTo(text);
      if (numbersVersions()) {
        assertThat(value.version())
            .as("a fetched value says the version it was written as")
            .isEqualTo(expected.version());
        assertThat(value.updateTime())
            .as("a fetched value says when it was written")
            .contains(expected.updateTime());
      }
      assertThat(value.freshness()).as("a store gives fresh values").isEqualTo(Freshness.fresh());
    }
  }
}
