package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * What every {@link VersionedSecretStore} promises, as tests: all of {@link SecretStoreContract},
 * versions, and several changes in one commit. Extend it as you would extend that.
 */
public abstract class VersionedSecretStoreContract extends SecretStoreContract {

  private static final String GREETING_NAME = GREETING.name();
  private static final int UPDATES_PER_THREAD = 5;

  /** For subclasses. */
  protected VersionedSecretStoreContract() {}

  /**
   * A new store without vaults, which keeps at least three versions. It is called at most once in a
   * test, which closes what it gets.
   */
  @Override
  protected abstract VersionedSecretStore emptyStore() throws Exception;

  // --- list and read

  @Test
  void listVersions_tellsEachVersion_andShowsNoValue() throws Exception {
    VersionedSecretStore store = threeVersions();
    SecretInfo current = store.describeSecret(VAULT, GREETING_NAME).orElseThrow();
    List<SecretVersionInfo> versions = store.listVersions(VAULT, GREETING_NAME);
    assertThat(versions)
        .as("each update makes a version, listed by number in ascending order")
        .extracting(SecretVersionInfo::version)
        .containsExactly(1L, 2L, 3L);
    assertThat(versions)
        .as("a new version is enabled")
        .extracting(SecretVersionInfo::state)
        .containsOnly(State.ENABLED);
    assertThat(versions.get(0).createTime())
        .as("the first version was written when the secret was created")
        .isEqualTo(current.createTime());
    assertThat(versions.get(2).createTime())
        .as("the current version was written when the secret was updated")
        .isEqualTo(current.updateTime());
    assertThat(versions.toString()).as("a list never shows a value").doesNotContain(CANARY);
  }

  @Test
  void readVersion_givesWhatWasWrittenAsThatVersion() throws Exception {
    VersionedSecretStore store = threeVersions();
    assertThat(List.of(text(store, 1), text(store, 2), text(store, 3)))
        .as("each version has the value that was written as it")
        .containsExactly(CANARY, "second", "third");
    SecretVersionInfo second = store.listVersions(VAULT, GREETING_NAME).get(1);
    try (SecretValue value = store.readVersion(VAULT, GREETING_NAME, 2)) {
      assertThat(value.version()).as("a value says the version it is of").isEqualTo(2);
      assertThat(value.updateTime())
          .as("a value says when its version was written")
          .contains(second.createTime());
    }
    assertThat(textOf(store, GREETING))
        .as("reading an earlier version leaves the current one")
        .isEqualTo("third");
  }

  @Test
  void versions_ofWhatIsMissing_areNotFound() throws Exception {
    VersionedSecretStore store = threeVersions();
    for (Map.Entry<SecretRef, Missing> missing :
        Map.of(MISSING_SECRET, Missing.SECRET, MISSING_VAULT, Missing.VAULT).entrySet()) {
      versionCalls(store, missing.getKey().vault(), missing.getKey().name(), 1)
          .values()
          .forEach(call -> assertNotFound(call, missing.getValue()));
    }
    for (long number : List.of(4L, 99L, Long.MAX_VALUE)) {
      numberCalls(store, VAULT, GREETING_NAME, number)
          .values()
          .forEach(call -> assertNotFound(call, Missing.VERSION));
    }
    for (long number : List.of(0L, -1L)) {
      Map<String, ThrowingCallable> calls = numberCalls(store, VAULT, GREETING_NAME, number);
      calls.put("updateSecret", () -> updateExpecting(store, "unused", number));
      calls.forEach((method, call) -> assertThatThrownBy(call)
          .as("%s: versions count from 1", method)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(number)));
    }
    assertThat(store.listVersions(VAULT, GREETING_NAME))
        .as("what is not found is not made")
        .hasSize(3);
  }

  @Test
  void oldestVersions_goWhenThereAreMoreThanAreKept() throws Exception {
    VersionedSecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    create(store, GREETING, "value-1");
    int kept = store.versionsKept();
    assertThat(kept).as("the contract needs a store that keeps 3 versions").isGreaterThan(2);
    for (int version = 2; version <= kept; version++) {
      update(store, GREETING, "value-" + version);
    }
    store.disableVersion(VAULT, GREETING_NAME, 1);
    store.destroyVersion(VAULT, GREETING_NAME, 2);
    assertThat(store.listVersions(VAULT, GREETING_NAME))
        .as("as many versions are kept as versionsKept() says; disabled and destroyed ones count")
        .hasSize(kept);
    update(store, GREETING, "one more");
    update(store, GREETING, "two more");
    assertThat(store.listVersions(VAULT, GREETING_NAME))
        .as("of more versions the oldest go, and the newest stay")
        .extracting(SecretVersionInfo::version)
        .containsExactlyElementsOf(LongStream.rangeClosed(3, kept + 2L).boxed().toList());
    for (long gone = 1; gone <= 2; gone++) {
      long number = gone;
      numberCalls(store, VAULT, GREETING_NAME, number)
          .values()
          .forEach(call -> assertNotFound(call, Missing.VERSION));
    }
    assertThat(text(store, 3)).as("what is kept can be read").isEqualTo("value-3");
  }

  @Test
  void versions_goWithTheSecret() throws Exception {
    VersionedSecretStore store = threeVersions();
    store.setDescription(VAULT, GREETING_NAME, "of the first one");
    store.deleteSecret(VAULT, GREETING_NAME);
    create(store, GREETING, "reborn");
    assertThat(store.listVersions(VAULT, GREETING_NAME))
        .as("a secret that is created again has no version of the first one")
        .extracting(SecretVersionInfo::version)
        .containsExactly(1L);
    assertThat(text(store, 1)).isEqualTo("reborn");
    assertThat(store.description(VAULT, GREETING_NAME))
        .as("a secret that is created again has not the description of the first one")
        .isEmpty();
  }

  // --- expected version, rolling back

  @Test
  void updateOfAnotherVersionThanExpected_isAConflict() throws Exception {
    VersionedSecretStore store = threeVersions();
    for (long stale : List.of(1L, 2L, 4L)) {
      assertThatThrownBy(() -> updateExpecting(store, "lost", stale))
          .as("an update that expects another version than the current one changes nothing:"
              + " SecretConflictException")
          .isInstanceOf(SecretConflictException.class)
          .hasMessageNotContaining("lost")
          .hasMessageNotContaining(CANARY);
    }
    assertThat(textOf(store, GREETING)).as("a conflict changes nothing").isEqualTo("third");
    SecretInfo fourth = updateExpecting(store, "fourth", 3);
    assertThat(fourth.version())
        .as("an update that expects the current version is the next version")
        .isEqualTo(4);
    assertThat(textOf(store, GREETING)).isEqualTo("fourth");
  }

  @Test
  void expectedUpdates_byManyThreads_loseNothing() throws Exception {
    VersionedSecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    create(store, GREETING, "0");
    inThreads(() -> {
      for (int done = 0; done < UPDATES_PER_THREAD; ) {
        try (SecretValue read = valueOf(store, GREETING)) {
          long next = Long.parseLong(read.revealString()) + 1;
          updateExpecting(store, Long.toString(next), read.version());
          done++;
        } catch (SecretConflictException e) {
          Thread.onSpinWait(); // somebody else was faster: read again
        }
      }
      return true;
    });
    assertThat(textOf(store, GREETING))
        .as("of counts that are read, raised and written by many threads none is lost, where each"
            + " write expects the version that was read")
        .isEqualTo(Integer.toString(THREADS * UPDATES_PER_THREAD));
  }

  @Test
  void rollBack_isANewVersionWithTheOldValue() throws Exception {
    VersionedSecretStore store = threeVersions();
    SecretInfo fourth = store.rollBack(VAULT, GREETING_NAME, 1);
    assertThat(fourth.version()).as("rolling back is a new version").isEqualTo(4);
    assertThat(textOf(store, GREETING))
        .as("rolling back brings the value of the old version")
        .isEqualTo(CANARY);
    assertThat(store.listVersions(VAULT, GREETING_NAME))
        .as("rolling back takes no version away")
        .extracting(SecretVersionInfo::version)
        .contains(3L, 4L);
    assertThat(text(store, 3)).isEqualTo("third");
    assertThat(store.rollBack(VAULT, GREETING_NAME, 4).version())
        .as("rolling back to the current version is a new version too")
        .isEqualTo(5);
  }

  // --- states

  @Test
  void disabledVersion_canNotBeRead_untilItIsEnabled() throws Exception {
    VersionedSecretStore store = threeVersions();
    SecretInfo before = store.describeSecret(VAULT, GREETING_NAME).orElseThrow();
    for (int again = 0; again < 2; again++) {
      SecretVersionInfo disabled = store.disableVersion(VAULT, GREETING_NAME, 2);
      assertThat(disabled)
          .as("disableVersion tells the version as it is then; one that is disabled stays so")
          .isEqualTo(store.listVersions(VAULT, GREETING_NAME).get(1))
          .extracting(SecretVersionInfo::state)
          .isEqualTo(State.DISABLED);
    }
    assertPrecondition(() -> store.readVersion(VAULT, GREETING_NAME, 2).close(), "readVersion");
    assertPrecondition(() -> store.rollBack(VAULT, GREETING_NAME, 2), "rollBack");
    assertThat(List.of(text(store, 1), text(store, 3), textOf(store, GREETING)))
        .as("the other versions are not affected")
        .containsExactly(CANARY, "third", "third");
    for (int again = 0; again < 2; again++) {
      assertThat(store.enableVersion(VAULT, GREETING_NAME, 2).state())
          .as("enableVersion tells the version as it is then; one that is enabled stays so")
          .isEqualTo(State.ENABLED);
    }
    assertThat(text(store, 2)).as("an enabled version can be read again").isEqualTo("second");
    assertThat(store.describeSecret(VAULT, GREETING_NAME))
        .as("the state of a version is no new version, and leaves the times")
        .contains(before);
  }

  @Test
  void disabledCurrentVersion_isNeverReplacedByAnEarlierOne() throws Exception {
    VersionedSecretStore store = threeVersions();
    store.disableVersion(VAULT, GREETING_NAME, 3);
    assertNotReadable(store);
    assertThat(store.describeSecret(VAULT, GREETING_NAME).orElseThrow().version())
        .as("the newest version is the current one, also while it is disabled")
        .isEqualTo(3);
    store.enableVersion(VAULT, GREETING_NAME, 3);
    assertThat(textOf(store, GREETING)).as("enabled, it is read again").isEqualTo("third");
    store.disableVersion(VAULT, GREETING_NAME, 3);
    update(store, GREETING, "fourth");
    assertThat(textOf(store, GREETING))
        .as("a new version can be read, whatever the state of the one before")
        .isEqualTo("fourth");
  }

  @Test
  void destroyedVersion_isGoneForEver() throws Exception {
    VersionedSecretStore store = threeVersions();
    store.disableVersion(VAULT, GREETING_NAME, 1);
    for (long number : List.of(1L, 2L, 2L)) {
      assertThat(store.destroyVersion(VAULT, GREETING_NAME, number))
          .as("destroyVersion tells the version as it is then; one that is destroyed stays so")
          .isEqualTo(store.listVersions(VAULT, GREETING_NAME).get((int) number - 1))
          .extracting(SecretVersionInfo::state)
          .isEqualTo(State.DESTROYED);
    }
    for (long number : List.of(1L, 2L)) {
      assertPrecondition(
          () -> store.readVersion(VAULT, GREETING_NAME, number).close(), "readVersion");
      assertPrecondition(() -> store.rollBack(VAULT, GREETING_NAME, number), "rollBack");
      assertPrecondition(() -> store.enableVersion(VAULT, GREETING_NAME, number), "enableVersion");
      assertPrecondition(
          () -> store.disableVersion(VAULT, GREETING_NAME, number), "disableVersion");
    }
    assertThat(textOf(store, GREETING))
        .as("the current version is not affected")
        .isEqualTo("third");
    store.destroyVersion(VAULT, GREETING_NAME, 3);
    assertNotReadable(store);
    assertThat(update(store, GREETING, "fourth").version())
        .as("a destroyed version keeps its number; the next one has the next")
        .isEqualTo(4);
    assertThat(textOf(store, GREETING)).isEqualTo("fourth");
  }

  @Test
  void manager_forgetsTheValueOfADisabledSecret() throws Exception {
    VersionedSecretStore store = threeVersions();
    ManagedBackend managed = managed(store, settings -> settings);
    assertThat(read(managed.manager(), GREETING)).contains("third");
    store.disableVersion(VAULT, GREETING_NAME, 3);
    managed.expire();
    assertThatThrownBy(() -> managed.manager().requireSecret(GREETING))
        .as("past the time to live a manager learns that the secret was disabled")
        .isInstanceOf(SecretPreconditionException.class);
    managed.faults().failWithUnavailable();
    managed.expire();
    assertThatThrownBy(() -> managed.manager().requireSecret(GREETING))
        .as("the value of a disabled secret is wiped from the cache: no outage brings it back")
        .isInstanceOf(SecretUnavailableException.class);
  }

  // --- description

  @Test
  void description_isReplaced_andIsNoNewVersion() throws Exception {
    VersionedSecretStore store = threeVersions();
    SecretInfo before = store.describeSecret(VAULT, GREETING_NAME).orElseThrow();
    assertThat(store.description(VAULT, GREETING_NAME))
        .as("a new secret has no description")
        .isEmpty();
    for (String description : List.of(
        "External API key",
        "quote \" backslash \\ slash / <b> & ' ~",
        "gr\u00fc\u00df dich, \u4e16\u754c \ud83d\udd11 \u2028",
        "x".repeat(VersionedSecretStore.MAX_DESCRIPTION_LENGTH),
        "")) {
      store.setDescription(VAULT, GREETING_NAME, description);
      assertThat(store.description(VAULT, GREETING_NAME))
          .as("a description is given as it was set")
          .isEqualTo(description);
    }
    store.setDescription(VAULT, GREETING_NAME, "it stays");
    assertThat(store.describeSecret(VAULT, GREETING_NAME))
        .as("a description is no new version of the secret, and leaves its times")
        .contains(before);
    for (String bad : List.of(
        "x".repeat(VersionedSecretStore.MAX_DESCRIPTION_LENGTH + 1),
        "two\nlines",
        "tab\t",
        "nul\u0000",
        "del\u007f",
        "unpaired \ud800")) {
      assertThatThrownBy(() -> store.setDescription(VAULT, GREETING_NAME, bad))
          .as("a description is one line of text, and not too long")
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("description");
    }
    update(store, GREETING, "fourth");
    store.setLabels(VAULT, GREETING_NAME, Map.of("env", "dev"));
    assertThat(store.description(VAULT, GREETING_NAME))
        .as("neither a refused description, nor a new version, nor labels touch the description")
        .isEqualTo("it stays");
  }

  // --- one commit

  @Test
  void oneCommit_makesAllItsChanges() throws Exception {
    VersionedSecretStore store = threeVersions();
    int kept = store.versionsKept();
    store.inOneCommit(changes -> {
      update(changes, GREETING, "fourth");
      changes.createVault(GREETING_ELSEWHERE.vault());
      create(changes, GREETING_ELSEWHERE, "elsewhere");
      changes.setLabels(VAULT, GREETING_NAME, Map.of("env", "dev"));
      changes.setVaultLabels(VAULT, Map.of("env", "dev"));
      changes.setDescription(VAULT, GREETING_NAME, "described");
      changes.disableVersion(VAULT, GREETING_NAME, 1);
      assertThat(List.of(textOf(changes, GREETING), textOf(changes, GREETING_ELSEWHERE)))
          .as("in a commit one reads what was changed so far")
          .containsExactly("fourth", "elsewhere");
      assertThat(changes.versionsKept())
          .as("a commit keeps as many versions as the store")
          .isEqualTo(kept);
    });
    assertThat(List.of(textOf(store, GREETING), textOf(store, GREETING_ELSEWHERE)))
        .as("a commit makes all its changes")
        .containsExactly("fourth", "elsewhere");
    assertThat(store.labels(VAULT, GREETING_NAME)).isEqualTo(Map.of("env", "dev"));
    assertThat(store.vaultLabels(VAULT)).isEqualTo(Map.of("env", "dev"));
    assertThat(store.description(VAULT, GREETING_NAME)).isEqualTo("described");
    assertThat(store.listVersions(VAULT, GREETING_NAME).get(0).state()).isEqualTo(State.DISABLED);
  }

  @Test
  void failedCommit_changesNothing() throws Exception {
    VersionedSecretStore store = threeVersions();
    create(store, TOKEN, "token-value");
    String before = picture(store);
    assertThatThrownBy(() -> store.inOneCommit(changes -> {
          update(changes, GREETING, "fourth");
          changes.destroyVersion(VAULT, GREETING_NAME, 2);
          changes.deleteSecret(VAULT, TOKEN.name());
          changes.setVaultLabels(VAULT, Map.of("env", "dev"));
          changes.setLabels(VAULT, GREETING_NAME, Map.of("env", "dev"));
          changes.setDescription(VAULT, GREETING_NAME, "described");
          changes.createVault(GREETING_ELSEWHERE.vault());
          create(changes, GREETING_ELSEWHERE, "elsewhere");
          create(changes, GREETING, "there already");
        }))
        .as("a commit throws what its changes throw")
        .isInstanceOf(SecretAlreadyExistsException.class);
    assertThat(picture(store)).as("of a failed commit nothing is left").isEqualTo(before);
    assertThat(List.of(text(store, 1), text(store, 2), text(store, 3), textOf(store, TOKEN)))
        .as("what a failed commit deleted or destroyed can be read")
        .containsExactly(CANARY, "second", "third", "token-value");
  }

  @Test
  void commitInACommit_isAPartOfIt() throws Exception {
    VersionedSecretStore store = threeVersions();
    store.inOneCommit(changes -> {
      changes.inOneCommit(inner -> update(inner, GREETING, "fourth"));
      assertThatThrownBy(() -> changes.inOneCommit(inner -> {
            update(inner, GREETING, "fifth");
            inner.deleteSecret(VAULT, GREETING_NAME);
            create(inner, MISSING_VAULT, "homeless");
          }))
          .as("a commit in a commit that fails makes none of its changes")
          .isInstanceOf(tech.tailor.secretmanager.SecretNotFoundException.class);
      assertThat(textOf(changes, GREETING)).isEqualTo("fourth");
    });
    assertThat(textOf(store, GREETING))
        .as("a commit in a commit is a part of it: what succeeded stays, what failed does not")
        .isEqualTo("fourth");
    assertThat(store.describeSecret(VAULT, GREETING_NAME).orElseThrow().version())
        .isEqualTo(4);
  }

  @Test
  void commit_isSeenByNobodyBeforeItsEnd() throws Exception {
    VersionedSecretStore store = threeVersions();
    create(store, TOKEN, "third");
    CountDownLatch running = new CountDownLatch(THREADS);
    AtomicReference<String> torn = new AtomicReference<>("");
    inThreads(() -> {
      running.countDown();
      running.await();
      for (int i = 0; i < UPDATES_PER_THREAD; i++) {
        String text = Thread.currentThread().getName() + i;
        store.inOneCommit(changes -> {
          update(changes, GREETING, text);
          update(changes, TOKEN, text);
        });
        var outcomes = store.fetch(VAULT, Set.of(GREETING_NAME, TOKEN.name()));
        try (SecretValue one = valueIn(outcomes.get(GREETING_NAME), GREETING);
            SecretValue other = valueIn(outcomes.get(TOKEN.name()), TOKEN)) {
          if (!one.revealString().equals(other.revealString())) {
            torn.set(one.revealString() + " and " + other.revealString());
          }
        }
      }
      return true;
    });
    assertThat(torn.get())
        .as("what is written in one commit is seen as one: never one half of it")
        .isEmpty();
  }

  @Test
  void commitThatIsOver_canNotBeUsed() throws Exception {
    VersionedSecretStore store = threeVersions();
    List<VersionedSecretStore> kept = new ArrayList<>();
    store.inOneCommit(changes -> {
      kept.add(changes);
      changes.close();
      update(changes, GREETING, "fourth");
    });
    VersionedSecretStore over = kept.get(0);
    try (SecretValue value = SecretValue.of("late")) {
      Map<String, ThrowingCallable> calls = versionCalls(over, VAULT, GREETING_NAME, 1);
      calls.put("updateSecret", () -> over.updateSecret(VAULT, GREETING_NAME, value));
      calls.put("createVault", () -> over.createVault("too-late"));
      calls.put("listVaults", over::listVaults);
      calls.put("fetch", () -> outcomeOf(over, GREETING));
      calls.forEach((method, call) -> assertThatThrownBy(call)
          .as("%s: what was passed to the changes ends with the commit", method)
          .isInstanceOf(IllegalStateException.class));
    }
    assertThat(textOf(store, GREETING))
        .as("closing what was passed to the changes does nothing")
        .isEqualTo("fourth");
    store.inOneCommit(changes -> assertThatThrownBy(() -> store.createVault("by-another-way"))
        .as("from inside a commit the store itself can't be changed")
        .isInstanceOf(IllegalStateException.class));
    assertThat(store.describeVault("by-another-way")).isEmpty();
  }

  // --- names, null, close

  @Test
  void badArguments_areRefusedByTheMethodsOfVersions() throws Exception {
    VersionedSecretStore store = threeVersions();
    for (String bad : BAD_NAMES) {
      Map<String, ThrowingCallable> calls = versionCalls(store, bad, GREETING_NAME, 1);
      versionCalls(store, VAULT, bad, 1).forEach((name, call) -> calls.put(name + ", name", call));
      calls.forEach((method, call) -> assertThatThrownBy(call)
          .as("%s: a name that breaks the grammar is an IllegalArgumentException", method)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(SecretRef.NAME_GRAMMAR));
    }
    nullCalls(store)
        .forEach((method, call) -> assertThatThrownBy(call)
            .as("%s: null is never accepted", method)
            .isInstanceOf(NullPointerException.class));
  }

  @SuppressWarnings("NullAway") // null is what this is about
  private static Map<String, ThrowingCallable> nullCalls(VersionedSecretStore store) {
    String nothing = null;
    Map<String, ThrowingCallable> calls = versionCalls(store, nothing, GREETING_NAME, 1);
    versionCalls(store, VAULT, nothing, 1)
        .forEach((name, call) -> calls.put(name + ", name", call));
    calls.put("updateSecret, value", () -> store.updateSecret(VAULT, GREETING_NAME, null, 3));
    calls.put("setDescription", () -> store.setDescription(VAULT, GREETING_NAME, nothing));
    calls.put("inOneCommit", () -> store.inOneCommit(null));
    return calls;
  }

  @Test
  void closedVersionedStore_refusesEveryCall() throws Exception {
    VersionedSecretStore store = threeVersions();
    closedByTest(store);
    store.close();
    Map<String, ThrowingCallable> calls = versionCalls(store, VAULT, GREETING_NAME, 1);
    calls.put("versionsKept", store::versionsKept);
    calls.put("inOneCommit", () -> store.inOneCommit(changes -> {}));
    calls.forEach((method, call) -> assertThatThrownBy(call)
        .as("%s: a closed store answers nothing", method)
        .isInstanceOf(IllegalStateException.class));
  }

  // --- tools of the rules

  /** A store with {@link #GREETING} alone, in three versions. */
  private VersionedSecretStore threeVersions() throws Exception {
    VersionedSecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    create(store, GREETING, CANARY);
    update(store, GREETING, "second");
    update(store, GREETING, "third");
    return store;
  }

  private static String text(VersionedSecretStore store, long version) {
    try (SecretValue value = store.readVersion(VAULT, GREETING_NAME, version)) {
      return value.revealString();
    }
  }

  private static SecretInfo updateExpecting(
      VersionedSecretStore store, String text, long expectedVersion) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.updateSecret(VAULT, GREETING_NAME, value, expectedVersion);
    }
  }

  /** Everything that can be told of a store but its values. */
  private static String picture(VersionedSecretStore store) {
    StringBuilder picture = new StringBuilder();
    store.listVaults().forEach(vault -> {
      picture.append(vault).append(store.vaultLabels(vault.name())).append('\n');
      store
          .listSecrets(vault.name())
          .forEach(secret -> picture
              .append(secret)
              .append(store.labels(vault.name(), secret.name()))
              .append(store.description(vault.name(), secret.name()))
              .append(store.listVersions(vault.name(), secret.name()))
              .append('\n'));
    });
    return picture.toString();
  }

  private static void assertNotReadable(VersionedSecretStore store) {
    assertThat(outcomeOf(store, GREETING))
        .as("a secret whose current version is disabled or destroyed can't be read:"
            + " SecretPreconditionException, and never the value of an earlier version")
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretPreconditionException.class)
                .hasMessageContaining(GREETING.toString())
                .hasMessageNotContaining(CANARY));
  }

  private static void assertPrecondition(ThrowingCallable call, String method) {
    assertThatThrownBy(call)
        .as("%s: a version that is disabled or destroyed is SecretPreconditionException", method)
        .isInstanceOf(SecretPreconditionException.class);
  }

  /** Every method of versions, called with the given address. */
  private static Map<String, ThrowingCallable> versionCalls(
      VersionedSecretStore store, String vault, String name, long version) {
    Map<String, ThrowingCallable> calls = numberCalls(store, vault, name, version);
    calls.put("listVersions", () -> store.listVersions(vault, name));
    calls.put("description", () -> store.description(vault, name));
    calls.put("setDescription", () -> store.setDescription(vault, name, "new"));
    calls.put("updateSecret, expected", () -> {
      try (SecretValue value = SecretValue.of("unused")) {
        store.updateSecret(vault, name, value, 3);
      }
    });
    return calls;
  }

  /** Every method that asks for a version that is there, called with the given one. */
  private static Map<String, ThrowingCallable> numberCalls(
      VersionedSecretStore store, String vault, String name, long version) {
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("readVersion", () -> store.readVersion(vault, name, version).close());
    calls.put("rollBack", () -> store.rollBack(vault, name, version));
    calls.put("disableVersion", () -> store.disableVersion(vault, name, version));
    calls.put("enableVersion", () -> store.enableVersion(vault, name, version));
    calls.put("destroyVersion", () -> store.destroyVersion(vault, name, version));
    return calls;
  }
}
