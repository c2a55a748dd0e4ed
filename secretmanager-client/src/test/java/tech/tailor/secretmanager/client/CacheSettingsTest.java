package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretRef;

class CacheSettingsTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final SecretRef OTHER = SecretRef.of("default", "other");

  @Test
  void eachSetting_outlastsTheOthers_andLeavesWhatItWasSetOn() {
    LongSupplier ticker = () -> 7;
    Scheduler scheduler = Scheduler.disabledScheduler();
    CacheSettings settings = CacheSettings.DEFAULTS
        .withTimeToLive(Duration.ofSeconds(1))
        .withTimeToLive(REF, Duration.ofSeconds(2))
        .withNegativeTimeToLive(Duration.ofSeconds(3))
        .withMaxStale(Duration.ofSeconds(4))
        .withFetchTimeout(Duration.ofSeconds(5))
        .withRefreshAhead(Duration.ofSeconds(6))
        .withMaximumEntries(7)
        .withMaximumBytes(8)
        .withTicker(ticker)
        .withScheduler(scheduler)
        .withTimeToLive(OTHER, Duration.ofSeconds(9)); // one more copy, of the last setting too

    assertThat(settings.timeToLive()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.timeToLive(REF)).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.negativeTimeToLive()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.maxStale()).isEqualTo(Duration.ofSeconds(4));
    assertThat(settings.fetchTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.refreshAhead()).isEqualTo(Duration.ofSeconds(6));
    assertThat(settings.maximumEntries()).isEqualTo(7);
    assertThat(settings.maximumBytes()).isEqualTo(8);
    assertThat(settings.ticker()).isSameAs(ticker).isSameAs(settings.readTicker());
    assertThat(settings.scheduler()).isSameAs(scheduler);

    assertThat(CacheSettings.DEFAULTS.timeToLive()).isEqualTo(Duration.ofMinutes(5));
    assertThat(CacheSettings.DEFAULTS.hasTimeToLive(REF)).isFalse();
    assertThat(CacheSettings.DEFAULTS.scheduler()).isNotSameAs(scheduler);
  }
}
