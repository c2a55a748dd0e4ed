package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;

/** The rules of reading through a manager while the backend denies, is unavailable, or fails. */
abstract class ManagerFailureRules extends ManagerRules {

  private static final Duration LONG_AFTER_MAX_STALE = ManagedBackend.MAX_STALE.multipliedBy(3);

  ManagerFailureRules() {}

  // --- denied

  @Test
  void denial_isThrown_andDropsTheCachedValue() throws Exception {
    ManagedBackend managed = managed();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().failWithAccessDenied();
    managed.expire();
    assertThatThrownBy(() -> managed.manager().getSecret(GREETING))
        .as("a denial is thrown, never answered with the value read before")
        .isInstanceOf(SecretAccessDeniedException.class);
    managed.faults().recover();
    managed.faults().failWithUnavailable();
    managed.expire();
    assertThatThrownBy(() -> managed.manager().getSecret(GREETING))
        .as("a denial wipes the cached value at once, so that a later outage finds none to serve")
        .isInstanceOf(SecretUnavailableException.class);
  }

  @Test
  void denial_thatEnded_isForgotten() throws Exception {
    ManagedBackend managed = managed();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().failWithAccessDenied();
    managed.expire();
    assertThatThrownBy(() -> managed.manager().getSecret(GREETING))
        .isInstanceOf(SecretAccessDeniedException.class);
    managed.faults().recover();
    int fetches = managed.fetches();
    managed.advance(Duration.ofMinutes(1));
    assertThat(read(managed.manager(), GREETING))
        .as("a denial is not remembered for long: when it has ended, reads succeed again")
        .contains(CANARY);
    assertThat(managed.fetches())
        .as("after a denial the next read asks the backend again; nothing old is left to serve")
        .isEqualTo(fetches + 1);
  }

  @Test
  void denial_ofOneName_doesNotSpoilOthers() throws Exception {
    ManagedBackend managed = managed();
    managed.faults().fail(VAULT, TOKEN.name(), new SecretAccessDeniedException("denied: one name"));
    List<String> names = List.of(TOKEN.name(), GREETING.name(), MISSING_SECRET.name());
    try (SecretBundle bundle = managed.manager().getSecrets(VAULT, names)) {
      assertThat(bundle.get(GREETING.name()).map(SecretValue::revealString))
          .as("one denied name does not spoil the others in getSecrets")
          .contains(CANARY);
      assertThat(bundle.failures())
          .as("the denied name keeps its failure to itself")
          .containsOnlyKeys(TOKEN.name());
      assertThatThrownBy(() -> bundle.get(TOKEN.name()))
          .as("a denied name is not passed off as a missing one")
          .isInstanceOf(SecretAccessDeniedException.class);
    }
  }

  @Test
  void failure_ofEveryName_isThrown() throws Exception {
    ManagedBackend managed = managed();
    managed.faults().failWithAccessDenied();
    assertThatThrownBy(
            () -> managed.manager().getSecrets(VAULT, List.of(GREETING.name(), TOKEN.name())))
        .as("where no name has an answer, getSecrets throws the failure of the first")
        .isInstanceOf(SecretAccessDeniedException.class);
  }

  // --- the backend is unavailable

  @Test
  void outage_isAnsweredWithStaleValue() throws Exception {
    ManagedBackend managed = managed();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().failWithUnavailable();
    managed.expire();
    try (SecretValue value = managed.manager().requireSecret(GREETING)) {
      assertThat(value.revealString())
          .as("while the backend is unavailable, the value read before is served")
          .isEqualTo(CANARY);
      assertThat(value.freshness())
          .as("a value past its time to live says so")
          .isInstanceOfSatisfying(Freshness.Stale.class, stale -> {
            assertThat(stale.age())
                .as("a stale value says how long ago the backend gave it")
                .isEqualTo(ManagedBackend.TIME_TO_LIVE.multipliedBy(2));
            assertThat(stale.cause())
                .as("a stale value says why there is no newer one")
                .isInstanceOf(SecretUnavailableException.class);
          });
    }
  }

  @Test
  void outage_longerThanMaxStale_isThrown() throws Exception {
    ManagedBackend managed = managed();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().failWithUnavailable();
    managed.expire();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.advance(LONG_AFTER_MAX_STALE);
    assertThatThrownBy(() -> managed.manager().getSecret(GREETING))
        .as("a stale value is served for maxStale and no longer; then the outage is thrown")
        .isInstanceOf(SecretUnavailableException.class);
  }

  @Test
  void outage_thatEnded_isForgotten() throws Exception {
    ManagedBackend managed = managed();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().failWithUnavailable();
    managed.expire();
    assertThat(read(managed.manager(), GREETING)).contains(CANARY);
    managed.faults().recover();
    managed.expire();
    try (SecretValue value = managed.manager().requireSecret(GREETING)) {
      assertThat(value.freshness())
          .as("when the outage has ended, values are fresh again")
          .isEqualTo(Freshness.fresh());
    }
  }

  @Test
  void outage_withNothingCached_isThrown() throws Exception {
    ManagedBackend managed = managed();
    managed.faults().failWithUnavailable();
    Throwable first = catchThrowable(() -> managed.manager().getSecret(GREETING));
    Throwable second = catchThrowable(() -> managed.manager().getSecret(GREETING));
    assertThat(first)
        .as("an outage with nothing cached is SecretUnavailableException, not an absence")
        .isInstanceOf(SecretUnavailableException.class);
    assertThat(second)
        .as("each caller gets an exception object of its own, with its own stack trace")
        .isInstanceOf(SecretUnavailableException.class)
        .isNotSameAs(first);
  }

  // --- anything else: each type has three fixed answers, and the manager keeps to them

  @TestFactory
  Stream<DynamicTest> failure_isTreatedAsItsTypeSays() throws Exception {
    SecretBackend backend = backend();
    return FailureRule.ALL.stream()
        .map(rule -> DynamicTest.dynamicTest(rule.toString(), () -> {
          try (ManagedBackend managed = managed(backend, UnaryOperator.identity())) {
            rule.check(managed, GREETING);
          }
        }));
  }
}
