package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretRef;

class SecretManagersTest {

  private final StubBackend backend =
      new StubBackend().with("one", "value-1").with("two", "value-2");

  private final SecretManagers.Builder builder = SecretManagers.builder(backend);

  @ParameterizedTest
  @MethodSource("badDurations")
  void durationsOutOfRange_areRefusedByName(Duration bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeToLive(bad))
        .withMessageStartingWith("timeToLive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeToLive(SecretRef.of("default", "one"), bad))
        .withMessageStartingWith("timeToLive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.negativeTimeToLive(bad))
        .withMessageStartingWith("negativeTimeToLive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxStale(bad))
        .withMessageStartingWith("maxStale");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.fetchTimeout(bad))
        .withMessageStartingWith("fetchTimeout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.refreshAhead(bad))
        .withMessageStartingWith("refreshAhead");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.rejectionTimeout(bad))
        .withMessageStartingWith("rejectionTimeout");
  }

  @Test
  void limitsThemselves_areAllowed() {
    builder.timeToLive(Duration.ZERO).timeToLive(Duration.ofDays(30));
    builder.negativeTimeToLive(Duration.ZERO).negativeTimeToLive(Duration.ofDays(30));
    builder.maxStale(Duration.ZERO).maxStale(Duration.ofHours(24));
    builder.fetchTimeout(Duration.ofMillis(1)).fetchTimeout(Duration.ofDays(30));
    builder
        .maximumEntries(Integer.MAX_VALUE)
        .maximumBytes(Integer.MAX_VALUE)
        .build()
        .close();
    builder.maximumEntries(1).maximumBytes(1).build().close();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxStale(Duration.ofHours(24).plusNanos(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.fetchTimeout(Duration.ZERO));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void bounds_arePositive(int bad) {
    assertThatIllegalArgumentException().isThrownBy(() -> builder.maximumEntries(bad));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.maximumBytes(bad));
  }

  @Test
  void defaults_areWhatTheJavadocSays() {
    CacheSettings settings = builder.settings(Scheduler.disabledScheduler());
    assertThat(settings.timeToLive()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.negativeTimeToLive()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.maxStale()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.fetchTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.refreshWindow(Duration.ofMinutes(5))).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.maximumEntries()).isEqualTo(10_000);
    assertThat(settings.maximumBytes()).isEqualTo(32 * 1024 * 1024);
  }

  @Test
  void refreshAhead_isAFifthOfTheTimeToLive_unlessGiven() {
    CacheFixture settings = new CacheFixture();
    Duration tenSeconds = Duration.ofSeconds(10);

    assertThat(settings.settings().refreshWindow(tenSeconds)).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.withRefreshAhead(Duration.ZERO).settings().refreshWindow(tenSeconds))
        .isZero();
    assertThat(settings.withRefreshAhead(Duration.ofHours(1)).settings().refreshWindow(tenSeconds))
        .isEqualTo(tenSeconds);
  }

  @Test
  void refreshAhead_isNotLongerThanTheTimeToLive_inWhateverOrderTheyAreGiven() {
    SecretManagers.Builder wrong =
        builder.refreshAhead(Duration.ofSeconds(11)).timeToLive(Duration.ofSeconds(10));

    assertThatIllegalArgumentException()
        .isThrownBy(wrong::build)
        .withMessage("refreshAhead must not be longer than timeToLive, got PT11S and PT10S");
    wrong.refreshAhead(Duration.ofSeconds(10)).build().close();
  }

  static Stream<Duration> badDurations() {
    return Stream.of(
        Duration.ofNanos(-1),
        Duration.ofSeconds(Long.MIN_VALUE),
        Duration.ofSeconds(Long.MAX_VALUE),
        Duration.ofDays(31));
  }
}
