package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.Answer;
import tech.tailor.secretmanager.client.CachedSecret.FailedAt;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;

class CachedSecretsTest {

  private static final SecretRef API_KEY = SecretRef.of("default", "api-key");
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  private static final Answer OLDER = new Answer(1, 0);
  private static final Answer NEWER = new Answer(2, 0);

  private final CachedSecrets cached = cached(Runnable::run);

  /** Where Caffeine has removed a value, and the thread that caused it has not come to wipe it. */
  private final CachedSecrets unwiped = cached(removal -> {});

  @Test
  void valueThatIsNotKept_leavesAnAbsenceThatIsNewer() {
    cached.putAbsence(API_KEY, Missing.SECRET, NEWER, () -> false);

    putValue(OLDER, true);

    assertThat(cached.value(API_KEY)).isNull();
    assertThat(cached.absence(API_KEY, 0)).isNotNull();
  }

  @Test
  void valueThatIsNotKept_endsAnAbsenceThatIsOlder() {
    cached.putAbsence(API_KEY, Missing.SECRET, OLDER, () -> false);

    putValue(NEWER, true);

    assertThat(cached.absence(API_KEY, 0)).isNull();
  }

  @Test
  void valueThatIsKept_endsAnAbsenceAndAFailure() {
    cached.putAbsence(API_KEY, Missing.SECRET, OLDER, () -> false);
    putValue(NEWER, false);
    assertThat(cached.absence(API_KEY, 0)).isNull();

    cached.dropValue(API_KEY);
    cached.putFailure(
        API_KEY, new SecretUnavailableException("Out of order"), new FailedAt(0, 0), () -> false);
    putValue(NEWER, false);
    assertThat(cached.failure(API_KEY, 0)).isNull();
  }

  @Test
  void value_isDueBeforeItsTimeToLiveIsOver_andNotAtOnce() {
    putValue(NEWER, false);

    assertThat(cached.dueInNanos(API_KEY, 0)).isBetween(1L, TIME_TO_LIVE.toNanos() - 1);
    requireNonNull(cached.value(API_KEY))
        .failedRefresh(new FailedRefresh(new SecretUnavailableException("Out of order"), 1, 700));
    assertThat(cached.dueInNanos(API_KEY, 100)).as("in a pause").isEqualTo(600);
  }

  @Test
  void valueThatIsNotKept_takesWhatIsOlderAlong_andLeavesWhatIsNewer() {
    putValue(NEWER, false);
    try (SecretValue other = SecretValue.of("another-made-up-value")) {
      cached.putValue(API_KEY, other, OLDER, () -> true);
      assertThat(cached.value(API_KEY)).isNotNull();

      cached.putValue(API_KEY, other, new Answer(3, 0), () -> true);
      assertThat(cached.value(API_KEY)).isNull();
    }
  }

  @Test
  void valueThatIsNotKept_leavesTheSameOne() {
    putValue(OLDER, false);
    CachedSecret secret = cached.value(API_KEY);

    putValue(NEWER, true);

    assertThat(cached.value(API_KEY)).isNotNull().isSameAs(secret);
  }

  @Test
  void whatAnAnswerBrought_isTakenBack_andNothingElse() {
    putValue(OLDER, false);
    cached.takeBack(API_KEY, NEWER);
    assertThat(cached.value(API_KEY)).isNotNull();
    cached.takeBack(API_KEY, OLDER);
    assertThat(cached.value(API_KEY)).isNull();

    cached.putAbsence(API_KEY, Missing.SECRET, OLDER, () -> false);
    cached.takeBack(API_KEY, NEWER);
    assertThat(cached.absence(API_KEY, 0)).isNotNull();
    cached.takeBack(API_KEY, OLDER);
    assertThat(cached.absence(API_KEY, 0)).isNull();
  }

  @Test
  void valuesOfOneNameInSeveralVaults_areFoundTheQuickWay_eachInItsOwn() {
    List<SecretRef> refs =
        List.of(API_KEY, SecretRef.of("another", "api-key"), SecretRef.of("a-third", "api-key"));
    for (SecretRef ref : refs) {
      putValue(cached, ref, NEWER, false);
      cached.enterQuick(requireNonNull(cached.value(ref)), 0);
    }
    assertThat(refs)
        .allSatisfy(
            ref -> assertThat(cached.quick(ref.vault(), ref.name())).isSameAs(cached.value(ref)));

    cached.drop(API_KEY);

    assertThat(cached.quick("default", "api-key")).isNull();
    assertThat(cached.quick("another", "api-key")).isNotNull();
  }

  @Test
  void whoeverDropsASecret_wipesWhatAnotherThreadIsAboutToWipe() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    unwiped.drop(API_KEY);
    assertWiped(secret);
  }

  @Test
  void whoeverDropsAValueOnly_wipesIt() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    unwiped.dropValue(API_KEY);
    assertWiped(secret);
  }

  @Test
  void whoeverTakesBackAnAnswer_wipesIt() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    unwiped.dropUpTo(API_KEY, NEWER);
    assertWiped(secret);
  }

  @Test
  void whoeverDropsAll_wipesIt() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    unwiped.dropAll();
    assertWiped(secret);
  }

  @Test
  void whoeverReplacesAValue_wipesIt() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    putValue(unwiped, API_KEY, NEWER, false);
    assertWiped(secret);
  }

  @Test
  void whoeverKeepsNothingInPlaceOfAValue_wipesIt() {
    CachedSecret secret = foundTheQuickWay(unwiped);
    try (SecretValue other = SecretValue.of("another-made-up-value")) {
      unwiped.putValue(API_KEY, other, NEWER, () -> true);
    }
    assertWiped(secret);
  }

  @Test
  void whoeverReplacesAValueByAnotherOne_wipesIt_alsoWhereItIsNotFoundTheQuickWay() {
    putValue(unwiped, API_KEY, OLDER, false);
    CachedSecret secret = requireNonNull(unwiped.value(API_KEY));
    try (SecretValue other = SecretValue.of("another-made-up-value")) {
      unwiped.putValue(API_KEY, other, NEWER, () -> false);
    }
    assertWiped(secret);
  }

  @Test
  void secretWithoutAValue_isDue_whenWhatIsKnownOfItEnds() {
    long absenceNanos = new CacheFixture().settings().negativeTimeToLive().toNanos();
    long pauseNanos = Duration.ofSeconds(1).toNanos();
    assertThat(cached.dueInNanos(API_KEY, 0)).as("nothing is known").isZero();

    cached.putAbsence(API_KEY, Missing.SECRET, OLDER, () -> false);
    assertThat(cached.dueInNanos(API_KEY, 0)).isEqualTo(absenceNanos);
    assertThat(cached.dueInNanos(API_KEY, 1)).isEqualTo(absenceNanos - 1);

    cached.putFailure(
        API_KEY, new SecretUnavailableException("Out of order"), new FailedAt(0, 0), () -> false);
    assertThat(cached.dueInNanos(API_KEY, 0)).as("in the pause").isEqualTo(pauseNanos);
    assertThat(cached.dueInNanos(API_KEY, 1)).isEqualTo(pauseNanos - 1);
    assertThat(cached.dueInNanos(API_KEY, pauseNanos))
        .as("after the pause")
        .isEqualTo(absenceNanos - pauseNanos);

    cached.drop(API_KEY);
    cached.putFailure(
        API_KEY, new SecretUnavailableException("Out of order"), new FailedAt(0, 0), () -> false);
    assertThat(cached.dueInNanos(API_KEY, pauseNanos)).as("without an absence").isZero();
  }

  @Test
  void valueThatIsDroppedForANewerOne_isTold_evenThoughThatIsNotKept() {
    List<SecretRef> changed = new ArrayList<>();
    Listeners listeners = listeners(new SecretListener() {
      @Override
      public void onChanged(SecretRef ref) {
        changed.add(ref);
      }
    });
    CachedSecrets told = cached(removal -> {}, listeners);
    putValue(told, API_KEY, OLDER, false);
    CachedSecret secret = requireNonNull(told.value(API_KEY));
    putValue(told, API_KEY, NEWER, true);
    listeners.deliver();
    assertThat(changed).as("the same value").isEmpty();

    try (SecretValue other = SecretValue.of("another-made-up-value")) {
      told.putValue(API_KEY, other, NEWER, () -> true);
    }

    listeners.deliver();
    assertThat(told.value(API_KEY)).isNull();
    assertThat(secret.copy()).as("who is told must not find it").isNull();
    assertThat(changed).containsExactly(API_KEY);
  }

  private static CachedSecret foundTheQuickWay(CachedSecrets where) {
    putValue(where, API_KEY, OLDER, false);
    CachedSecret secret = requireNonNull(where.value(API_KEY));
    where.enterQuick(secret, 0);
    assertThat(where.quick("default", "api-key")).isSameAs(secret);
    return secret;
  }

  private void assertWiped(CachedSecret secret) {
    assertThat(secret.copy()).isNull();
    assertThat(unwiped.quick("default", "api-key")).isNotSameAs(secret);
  }

  private static Listeners listeners(SecretListener... listeners) {
    return new Listeners(List.of(listeners), new ManagerExecutors(Runnable::run));
  }

  private static CachedSecrets cached(Executor removals) {
    return cached(removals, listeners());
  }

  private static CachedSecrets cached(Executor removals, Listeners listeners) {
    return new CachedSecrets(
        new CacheFixture().withTicker(() -> 0).withTimeToLive(TIME_TO_LIVE).settings(),
        new CacheCounters(),
        listeners,
        ref -> {
          throw new AssertionError("Nothing is lent here");
        },
        new QuickTable(),
        removals);
  }

  private void putValue(Answer answer, boolean outdated) {
    putValue(cached, API_KEY, answer, outdated);
  }

  private static void putValue(
      CachedSecrets where, SecretRef ref, Answer answer, boolean outdated) {
    try (SecretValue value = SecretValue.of("made-up-value")) {
      where.putValue(ref, value, answer, () -> outdated);
    }
  }
}
