package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DotEnvTest {

  @Test
  void parse_readsEveryForm() {
    Map<String, String> variables = DotEnv.parse("""
        # a comment

        PLAIN=value with spaces   # and a comment
        export EXPORTED=yes
        HASH=a#b
        SINGLE='as $it \\n stands'
        DOUBLE="a\\nb \\"c\\" \\$d"
        LINES="one
        two" # after
        EMPTY=
          INDENTED = padded
        TWICE=1
        TWICE=2
        """, "file");
    assertThat(variables)
        .containsExactly(
            Map.entry("PLAIN", "value with spaces"),
            Map.entry("EXPORTED", "yes"),
            Map.entry("HASH", "a#b"),
            Map.entry("SINGLE", "as $it \\n stands"),
            Map.entry("DOUBLE", "a\nb \"c\" $d"),
            Map.entry("LINES", "one\ntwo"),
            Map.entry("EMPTY", ""),
            Map.entry("INDENTED", "padded"),
            Map.entry("TWICE", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hunter22", "A B=hunter22", "A='hunter22", "A=\"hunter22", "A='x' hunter22"})
  void malformedLine_isNamedByItsNumberAlone(String line) {
    assertThatThrownBy(() -> DotEnv.parse("X=1\n" + line + "\nY=2\n", "file"))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith("file, line 2: ")
        .hasMessageNotContaining("hunter22");
  }

  @Test
  void quoted_readsAsItWas() {
    Random random = new Random(1);
    String alphabet = "ab \n\r\t\"'\\$`#=än🙂";
    for (int run = 0; run < 2_000; run++) {
      StringBuilder value = new StringBuilder();
      random
          .ints(random.nextInt(12), 0, alphabet.codePointCount(0, alphabet.length()))
          .forEach(at ->
              value.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(0, at))));
      assertThat(DotEnv.parse("A=" + DotEnv.quoted(value.toString()) + "\n", "file"))
          .containsEntry("A", value.toString());
    }
  }
}
