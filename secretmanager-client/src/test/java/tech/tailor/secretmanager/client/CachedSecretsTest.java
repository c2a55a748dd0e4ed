package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.Answer;

class CachedSecretsTest {

  private static final SecretRef API_KEY = SecretRef.of("default", "api-key");
  private static final Answer OLDER = new Answer(1, 0);
  private static final Answer NEWER = new Answer(2, 0);

  private final CachedSecrets cached = new CachedSecrets(
      CacheSettings.DEFAULTS.withTicker(() -> 0).withScheduler(Scheduler.disabledScheduler()),
      new CacheCounters(),
      new Listeners(List.of(), Runnable::run),
      ref -> {
        throw new AssertionError("Nothing is lent here");
      });

  @Test
  void valueThatIsNotKept_leavesAnAbsenceThatIsNewer() {
    cached.putAbsence(API_KEY, Missing.SECRET, NEWER, () -> false);

    putValue(OLDER, true);

    assertThat(cached.value(API_KEY)).isNull();
    assertThat(cached.absence(API_KEY, 0)).isNotNull();
  }

  @Test
  void valueThatIsKept_endsAnAbsenceAndAFailure() {
    cached.putAbsence(API_KEY, Missing.SECRET, OLDER, () -> false);
    putValue(NEWER, false);
    assertThat(cached.absence(API_KEY, 0)).isNull();

    cached.dropValue(API_KEY);
    cached.putFailure(API_KEY, new SecretUnavailableException("Out of order"), () -> false);
    putValue(NEWER, false);
    assertThat(cached.failure(API_KEY, 0)).isNull();
  }

  @Test
  void valueThatIsNotKept_takesWhatIsOlderAlong_andLeavesWhatIsNewer() {
    putValue(NEWER, false);
    putValue(OLDER, true);
    assertThat(cached.value(API_KEY)).isNotNull();

    putValue(new Answer(3, 0), true);
    assertThat(cached.value(API_KEY)).isNull();
  }

  @Test
  void valuesOfOneNameInSeveralVaults_areFoundTheQuickWay_eachInItsOwn() {
    List<SecretRef> refs =
        List.of(API_KEY, SecretRef.of("another", "api-key"), SecretRef.of("a-third", "api-key"));
    for (SecretRef ref : refs) {
      putValue(ref, NEWER, false);
      cached.enterQuick(requireNonNull(cached.value(ref)), 0);
    }
    assertThat(refs)
        .allSatisfy(
            ref -> assertThat(cached.quick(ref.vault(), ref.name())).isSameAs(cached.value(ref)));

    cached.drop(API_KEY);

    assertThat(cached.quick("default", "api-key")).isNull();
    assertThat(cached.quick("another", "api-key")).isNotNull();
  }

  private void putValue(Answer answer, boolean outdated) {
    putValue(API_KEY, answer, outdated);
  }

  private void putValue(SecretRef ref, Answer answer, boolean outdated) {
    try (SecretValue value = SecretValue.of("made-up-value")) {
      cached.putValue(ref, value, answer, () -> outdated);
    }
  }
}
