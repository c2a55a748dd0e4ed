package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretBundleTest {

  private final SecretValue one = SecretValue.of("value-1");
  private final SecretValue two = SecretValue.of("value-2");

  @Test
  void found_areGivenInTheOrderAsked() {
    SecretBundle bundle = SecretBundle.of(
        "default", List.of("two", "gone", "one"), Map.of("one", one, "two", two), Map.of(), true);

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
        "default", List.of("one", "two"), Map.of("one", one), Map.of("two", denied), true);

    assertThat(bundle.get("one")).containsSame(one);
    assertThat(bundle.failures()).containsExactly(entry("two", denied));
    assertThatExceptionOfType(SecretAccessDeniedException.class)
        .isThrownBy(() -> bundle.get("two"))
        .isNotSameAs(denied)
        .withCause(denied);
    assertThatExceptionOfType(SecretAccessDeniedException.class).isThrownBy(bundle::revealAll);
  }

  @Test
  void nameThatCouldForgeALine_isEscaped() {
    String forged = "a\n\u001b[31m\u202e";
    SecretBundle bundle =
        SecretBundle.of("default", List.of(forged), Map.of(forged, one), Map.of(), true);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> bundle.get("b\r\u2066"))
        .withMessage(
            "\"b\\u000d\\u2066\" was not asked for; asked:" + " [\"a\\u000a\\u001b[31m\\u202e\"]");
    assertThat(bundle.toString()).doesNotContain("\n", "\u001b", "\u202e");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretBundle.of(
            "default",
            List.of(forged),
            Map.of(forged, one),
            Map.of(forged, new SecretAccessDeniedException("denied")),
            true))
        .withMessageStartingWith("\"a\\u000a");
    assertThat(SecretNotFoundException.vault(forged).getMessage()).contains("\\u202e\"; create it");
  }

  @Test
  void nameNotAskedFor_isAMistake() {
    SecretBundle bundle =
        SecretBundle.of("default", List.of("one"), Map.of("one", one), Map.of(), true);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> bundle.get("two"))
        .withMessageContaining("not asked for");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> SecretBundle.of("default", List.of("one"), Map.of("two", two), Map.of(), true));
  }

  @Test
  void close_wipesAll() {
    SecretBundle bundle = SecretBundle.of(
        "default", List.of("one", "two"), Map.of("one", one, "two", two), Map.of(), true);
    bundle.close();
    bundle.close();

    assertThatIllegalStateException().isThrownBy(one::revealString);
    assertThatIllegalStateException().isThrownBy(two::revealString);
    assertThatIllegalStateException().isThrownBy(bundle::revealAll);
    SecretBundle empty = SecretBundle.of("default", List.of("none"), Map.of(), Map.of(), true);
    empty.close();
    assertThatIllegalStateException().isThrownBy(empty::revealAll);
  }

  @Test
  void adopted_findsEachNameInItsPlace_fewOrMany() {
    for (int count : List.of(1, 16, 17, 1_000)) {
      String[] names = new String[count];
      SecretValue[] values = new SecretValue[count];
      for (int i = 0; i < count; i++) {
        names[i] = "name-" + i;
        values[i] = i % 3 == 1 ? null : SecretValue.of("value-" + i);
      }
      SecretBundle bundle = SecretBundle.adopt("default", names, values);

      for (int i = 0; i < count; i++) {
        assertThat(bundle.get("name-" + i)).isEqualTo(Optional.ofNullable(values[i]));
      }
      assertThatIllegalArgumentException().isThrownBy(() -> bundle.get("name-" + count));
      assertThat(bundle.names()).hasSize(count - (count + 1) / 3).doesNotContain("name-1");
      assertThat(bundle.revealAll().keySet()).containsExactlyElementsOf(bundle.names());
      bundle.close();
      assertThatIllegalStateException().isThrownBy(values[0]::revealString);
    }
  }

  @Test
  void adopted_ofANameThatIsThereTwice_givesTheFirst_andWipesBoth() {
    for (int others : List.of(0, 20)) {
      List<String> names = new ArrayList<>(List.of("one", "one"));
      List<SecretValue> values = new ArrayList<>(List.of(SecretValue.of("first"), two));
      for (int i = 0; i < others; i++) {
        names.add("name-" + i);
        values.add(null);
      }
      SecretBundle bundle = SecretBundle.adopt(
          "default", names.toArray(new String[0]), values.toArray(new SecretValue[0]));

      assertThat(bundle.get("one")).containsSame(values.get(0));
      assertThat(bundle.names()).containsExactly("one");
      bundle.close();
      assertThat(values.subList(0, 2))
          .allSatisfy(value -> assertThatIllegalStateException().isThrownBy(value::revealString));
    }
  }

  @Test
  void adopted_ofANameThatIsThereTwice_hasNone_ifTheFirstHasNone() {
    SecretBundle bundle =
        SecretBundle.adopt("default", new String[] {"one", "one"}, new SecretValue[] {null, two});

    assertThat(bundle.get("one")).isEmpty();
    assertThat(bundle.names()).isEmpty();
    assertThat(bundle.revealAll()).isEmpty();
    bundle.close();
    assertThatIllegalStateException().isThrownBy(two::revealString);
  }

  @Test
  void adopted_needsAValueOrNullForEachName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            SecretBundle.adopt("default", new String[] {"one", "two"}, new SecretValue[] {one}))
        .withMessageContaining("2 names and 1 values");
    assertThat(one.revealString()).as("not taken over").isEqualTo("value-1");
  }

  @Test
  void toString_namesNamesOnly() {
    SecretBundle bundle =
        SecretBundle.of("default", List.of("one"), Map.of("one", one), Map.of(), true);

    assertThat(bundle).hasToString("SecretBundle[default, found [one], failed []]");
  }
}
