package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.fixtures.Jazzer;

/** Any text has a documented outcome: the resolved text, or a declared error. */
class ReferencesFuzzTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final int QUICK = 20_000;
  private static final int MANY = DEEP ? 20_000_000 : 200_000;
  private static final long SEED = 0x7ef5;
  private static final Pattern RUNS = Pattern.compile("(?m)^Done (\\d+) runs in (\\d+) second");

  @TempDir
  Path work;

  @Test
  void fewRandomTexts_areAsDocumented() {
    tryRandomTexts(new Random(SEED), QUICK, ReferencesFuzzer::library);
  }

  @Test
  @Tag("suite")
  void manyRandomTexts_areAsDocumented() {
    tryRandomTexts(new Random(~SEED), MANY, ReferencesFuzzer::library);
    System.out.println("references: " + MANY + " random texts, 0 findings");
  }

  @Test
  void control_resolvingTwice_isCaught() {
    assertIsCaught(text -> ReferencesFuzzer.library(ReferencesFuzzer.library(text)));
  }

  @Test
  void control_anEscapeOfOneDollarOnly_isCaught() {
    assertIsCaught(text -> ReferencesFuzzer.library(text.replace("$$$", "$$")));
  }

  @Test
  void control_leavingAMalformedReference_isCaught() {
    assertIsCaught(text -> {
      try {
        return ReferencesFuzzer.library(text);
      } catch (IllegalArgumentException e) {
        return text;
      }
    });
  }

  /** What is quadratic doesn't end in a minute, by orders of magnitude. */
  @Test
  @Timeout(60)
  void longHostileTexts_takeLinearTime() {
    int times = 500_000;
    String dollars = "$".repeat(8 * times);
    assertThat(SecretTemplate.in(dollars).refs()).isEmpty();
    assertThat(SecretTemplate.in("$${secret:".repeat(times)).refs()).isEmpty();
    assertThat(SecretTemplate.in("{secret:".repeat(times)).refs()).isEmpty();
    assertThat(SecretTemplate.in("${secret:abc/def}".repeat(times)).refs()).hasSize(1);
    String escaped = SecretTemplate.escape(dollars + "{secret:");
    assertThat(escaped).hasSize(16 * times + 8);
    for (String broken : List.of(
        "${secret:".repeat(times),
        dollars + "${secret:",
        "${secret:" + "a".repeat(8 * times),
        "${secret:" + "a/".repeat(4 * times))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretTemplate.in(broken))
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }
  }

  @Test
  @Tag("deep")
  void anyBytes_areAsDocumented() throws Exception {
    String output = fuzz(ReferencesFuzzer.class, 0, DEEP ? "-runs=20000000" : "-max_total_time=30");
    Matcher runs = RUNS.matcher(output);
    assertThat(runs.find()).as(output).isTrue();
    System.out.println(
        "fuzzing references: " + runs.group(1) + " runs in " + runs.group(2) + " s, 0 findings");
    assertThat(Long.parseLong(runs.group(1))).isGreaterThan(DEEP ? 19_000_000 : 1_000);
  }

  @Test
  @Tag("deep")
  void control_aPlantedMistake_isFound() throws Exception {
    assertThat(fuzz(ReferencesFuzzer.Tripping.class, Jazzer.FOUND, "-max_total_time=240"))
        .contains("tripped");
    System.out.println("fuzzing references, control: the planted mistake was found");
  }

  private static void tryRandomTexts(Random random, int count, ReferencesFuzzer.Resolver resolver) {
    for (int i = 0; i < count; i++) {
      ReferencesFuzzer.check(ReferencesFuzzer.randomText(random), resolver);
    }
  }

  private static void assertIsCaught(ReferencesFuzzer.Resolver broken) {
    assertThatThrownBy(() -> tryRandomTexts(new Random(SEED), QUICK, broken))
        .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class);
  }

  private String fuzz(Class<?> target, int status, String limit) throws Exception {
    Path seeds = Files.createDirectory(work.resolve("seeds"));
    Random random = new Random(SEED);
    for (int i = 0; i < 50; i++) {
      Files.writeString(
          seeds.resolve("seed-" + i), ReferencesFuzzer.randomText(random).replace("\ud800", ""));
    }
    return Jazzer.run(target, work, status, List.of("-max_len=1024", limit));
  }
}
