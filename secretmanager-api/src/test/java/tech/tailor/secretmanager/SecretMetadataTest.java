package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SecretMetadataTest {

  @Test
  void unversioned_isVersionZeroOfUnknownTime() {
    assertThat(SecretMetadata.unversioned().version()).isZero();
    assertThat(SecretMetadata.unversioned().updateTime()).isEmpty();
    assertThat(SecretMetadata.unversioned().freshness()).isEqualTo(Freshness.fresh());
  }

  @Test
  void withFreshness_keepsTheRest() {
    Instant updated = Instant.parse("2026-11-01T00:00:00Z");
    Freshness stale =
        Freshness.Stale.of(Duration.ofMinutes(7), new SecretUnavailableException("down"));
    SecretMetadata metadata = SecretMetadata.of(3, updated).withFreshness(stale);

    assertThat(metadata.version()).isEqualTo(3);
    assertThat(metadata.updateTime()).contains(updated);
    assertThat(metadata.freshness()).isEqualTo(stale);
  }

  @Test
  void negativeVersion_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> SecretMetadata.of(-1, Instant.EPOCH));
  }
}
