package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretBundleTest {

  private final SecretValue one = SecretValue.of("value-1");
  private final SecretValue two = SecretValue.of("value-2");

  @Test
  void found_areGivenInTheOrderAsked() {
    SecretBundle bundle = SecretBundle.of(
        "default", List.of("two", "gone", "one"), Map.of("one", one, "two", two), Map.of());

    assertThat(bundle.vault()).isEqualTo("default");
    assertThat(bundle.names()).containsExactly("two", "one");
    assertThat(bundle.revealAll())
        .containsExactly(entry("two", "value-2"), entry("one", "value-1"));
    assertThat(bundle.get("one")).containsSame(one);
    assertThat(bundle.get("gone")).isEmpty();
    assertThat(bundle.failures()).isEmpty();
  }

  @Test
  void failure_staysWithItsName_andIsNeverPassedOffAsAbsence() {
    SecretAccessDeniedException denied = new SecretAccessDeniedException("denied");
    SecretBundle bundle = SecretBundle.of(
        "default", List.of("one", "two"), Map.of("one", one), Map.of("two", denied));

    assertThat(bundle.get("one")).containsSame(one);
    assertThat(bundle.failures()).containsExactly(entry("two", denied));
    assertThatExceptionOfType(SecretAccessDeniedException.class)
        .isThrownBy(() -> bundle.get("two"))
        .isNotSameAs(denied)
        .withCause(denied);
    assertThatExceptionOfType(SecretAccessDeniedException.class).isThrownBy(bundle::revealAll);
  }

  @Test
  void nameNotAskedFor_isAMistake() {
    SecretBundle bundle = SecretBundle.of("default", List.of("one"), Map.of("one", one), Map.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> bundle.get("two"))
        .withMessageContaining("not asked for");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretBundle.of("default", List.of("one"), Map.of("two", two), Map.of()));
  }

  @Test
  void close_wipesAll() {
    SecretBundle bundle =
        SecretBundle.of("default", List.of("one", "two"), Map.of("one", one, "two", two), Map.of());
    bundle.close();
    bundle.close();

    assertThatIllegalStateException().isThrownBy(one::revealString);
    assertThatIllegalStateException().isThrownBy(two::revealString);
    assertThatIllegalStateException().isThrownBy(bundle::revealAll);
    SecretBundle empty = SecretBundle.of("default", List.of("none"), Map.of(), Map.of());
    empty.close();
    assertThatIllegalStateException().isThrownBy(empty::revealAll);
  }

  @Test
  void toString_namesNamesOnly() {
    SecretBundle bundle = SecretBundle.of("default", List.of("one"), Map.of("one", one), Map.of());

    assertThat(bundle).hasToString("SecretBundle[default, found [one], failed []]");
  }
}
