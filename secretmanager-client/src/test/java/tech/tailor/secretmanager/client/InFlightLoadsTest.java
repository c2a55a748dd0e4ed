package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretOutcome;

class InFlightLoadsTest {

  private static final SecretRef USER = SecretRef.of("default", "user");
  private static final SecretRef PASSWORD = SecretRef.of("default", "password");
  private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(1);

  private final InFlightLoads loads = new InFlightLoads(FETCH_TIMEOUT);

  @Test
  void ofEachSecretOneIsUnderWay_andWhoComesLaterIsGivenIt() {
    Load first = new Load();
    assertThat(loads.enter(USER, first)).isNull();

    assertThat(loads.enter(USER, new Load())).isSameAs(first);
    Map<SecretRef, Load> others = new LinkedHashMap<>();
    assertThat(loads.enter(Set.of(USER, PASSWORD), others)).containsOnlyKeys(PASSWORD);
    assertThat(others).containsExactly(Map.entry(USER, first));
    assertThat(loads.refs()).containsExactlyInAnyOrder(USER, PASSWORD);
  }

  @Test
  void oneThatEnds_sharesItsOutcome_andMakesRoom() {
    Map<SecretRef, Load> own = loads.enter(Set.of(USER), Map.of());
    SecretOutcome missing = new SecretOutcome.Missing(Missing.SECRET);
    loads.leave(own, Map.of("user", missing));

    assertThat(own.get(USER)).isCompletedWithValueMatching(shared -> shared.get() == missing);
    assertThat(loads.enter(USER, new Load())).isNull();
  }

  @Test
  void oneThatIsOverdue_isOutdated_beforeWhoWaitsBeginsAnew_andAnotherTakesItsPlace() {
    Load overdue = new Load(System.nanoTime() - 3 * FETCH_TIMEOUT.toNanos());
    loads.enter(USER, overdue);
    List<String> seen = new ArrayList<>();
    overdue.thenAccept(shared -> {
      seen.add(shared.isEmpty() ? "starts over" : "shares");
      seen.add(overdue.isOutdated() ? "outdated" : "may bring what is older");
      seen.add(loads.of(USER) == overdue ? "in its place" : "replaced");
    });
    Load later = new Load();

    assertThat(loads.enter(USER, later)).isNull();
    assertThat(seen).containsExactly("starts over", "outdated", "in its place");
    loads.leave(Map.of(USER, overdue), Map.of());
    assertThat(loads.of(USER)).as("what the other one leaves alone").isSameAs(later);
  }

  @Test
  void oneThatTakesAsLongAsACallMay_isWaitedFor() {
    Load slow = new Load(System.nanoTime() - FETCH_TIMEOUT.toNanos());
    loads.enter(USER, slow);

    assertThat(loads.enter(USER, new Load())).isSameAs(slow);
    assertThat(slow.isOutdated()).isFalse();
  }

  @Test
  void oneThatWaitedForItsTurn_isUnderWaySinceItWasClaimed() {
    Load waited = new Load(System.nanoTime() - 3 * FETCH_TIMEOUT.toNanos());
    assertThat(waited.claim()).isTrue();
    loads.enter(USER, waited);

    assertThat(loads.enter(USER, new Load())).isSameAs(waited);
    assertThat(waited.claim()).as("a second time").isFalse();
  }

  @Test
  void oneThatIsForgotten_bringsNothingToKeep_andIsNotWaitedFor() {
    Load outdated = new Load();
    Load forgotten = new Load();
    loads.enter(USER, outdated);
    loads.enter(PASSWORD, forgotten);
    loads.outdate(USER);
    loads.forget(PASSWORD);

    assertThat(outdated.isOutdated()).isTrue();
    assertThat(loads.of(USER)).isSameAs(outdated);
    assertThat(forgotten.isOutdated()).isTrue();
    assertThat(loads.of(PASSWORD)).isNull();
  }

  @Test
  void whoWaits_isWokenAtTheEnd() {
    Load load = new Load();
    loads.enter(USER, load);
    SecretOutcome.Failed closed =
        new SecretOutcome.Failed(new SecretUnavailableException("The SecretManager was closed"));
    loads.endAll(closed);

    assertThat(load).isCompletedWithValueMatching(shared -> shared.get() == closed);
  }
}
