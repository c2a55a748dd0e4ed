package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretRefTest {

  @ParameterizedTest
  @ValueSource(strings = {"abc", "a-b", "0-9", "a--b", "123", "test-secret-1"})
  void validName_isKept(String name) {
    SecretRef ref = SecretRef.of("default", name);

    assertThat(ref.vault()).isEqualTo("default");
    assertThat(ref.name()).isEqualTo(name);
    assertThat(ref).hasToString("default/" + name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "ab",
        "-ab",
        "ab-",
        "Abc",
        "a_b",
        "a.b",
        "a/b",
        "../etc",
        "äbc",
        "a b",
        "ab\n",
        "ab\u0000c"
      })
  void invalidName_isRefusedWithTheRule(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretRef.of("default", name))
        .withMessageContaining(SecretRef.NAME_GRAMMAR)
        .withMessageContaining("secret name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretRef.of(name, "test-secret-1"))
        .withMessageContaining(SecretRef.NAME_GRAMMAR)
        .withMessageContaining("vault name");
  }

  @Test
  void length_isBetween3And63() {
    assertThat(SecretRef.of("default", "a".repeat(3)).name()).hasSize(3);
    assertThat(SecretRef.of("default", "a".repeat(63)).name()).hasSize(63);
    assertThatIllegalArgumentException().isThrownBy(() -> SecretRef.of("default", "a".repeat(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretRef.of("default", "a".repeat(64)));
  }

  @Test
  void invalidName_isQuotedWithoutForgingALogLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretRef.of("default", "bad\nname\u202e\""))
        .withMessageContaining("\"bad\\u000aname\\u202e\\u0022\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretRef.of("default", "x".repeat(1_000_000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
  }

  @Test
  void handWrittenCheck_agreesWithTheGrammar() {
    Pattern grammar = Pattern.compile(SecretRef.NAME_GRAMMAR);
    Random random = new Random(1);
    String alphabet = "az09-_A.é\n";
    int valid = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder name = new StringBuilder();
      int length = random.nextInt(8) == 0 ? 60 + random.nextInt(6) : random.nextInt(6);
      int letters = random.nextBoolean() ? 5 : alphabet.length();
      for (int j = 0; j < length; j++) {
        name.append(alphabet.charAt(random.nextInt(letters)));
      }
      boolean expected = grammar.matcher(name).matches();
      valid += expected ? 1 : 0;
      assertThat(accepts(name.toString())).as("%s", name).isEqualTo(expected);
    }
    assertThat(valid).isBetween(10_000, 190_000);
  }

  @Test
  void null_isRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> SecretRef.of(null, "abc"))
        .withMessage("vault");
    assertThatNullPointerException()
        .isThrownBy(() -> SecretRef.of("abc", null))
        .withMessage("name");
  }

  private static boolean accepts(String name) {
    try {
      SecretRef.of("default", name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void parse_readsWhatToStringWrites() {
    SecretRef ref = SecretRef.of("orders", "db-password");

    assertThat(SecretRef.parse("orders/db-password")).isEqualTo(ref);
    assertThat(SecretRef.parse(ref.toString())).isEqualTo(ref);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "orders", "/", "orders/", "/db-password", "orders/db/password", "a//b", "o/p"})
  void parse_refusesWhatIsNoAddress(String text) {
    assertThatThrownBy(() -> SecretRef.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a-pasted-password", "a-pasted/Pass+word=", "Pasted/password", "a/pasted/one"})
  void parse_showsNoTextThatIsNoAddress(String text) {
    assertThatThrownBy(() -> SecretRef.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContainingAny("pasted", "Pasted", "Pass")
        .hasMessageContaining("orders/db-password");
  }
}
