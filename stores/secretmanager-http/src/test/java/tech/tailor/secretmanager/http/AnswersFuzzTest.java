package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jazzer;

/** Jazzer looks for answers that are met with anything undeclared. */
class AnswersFuzzTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final Pattern NAME = Pattern.compile("\"[A-Za-z_]+\":");
  private static final Pattern RUNS = Pattern.compile("(?m)^Done (\\d+) runs in (\\d+) second");

  @TempDir
  Path work;

  @Test
  void seeds_areAnsweredWithDeclaredErrors() {
    for (String seed : AnswersFuzzer.seeds()) {
      for (int length = 0; length <= seed.length(); length++) {
        AnswersFuzzer.fuzzerTestOneInput(seed.substring(0, length).getBytes(UTF_8));
      }
    }
    assertThat(AnswersFuzzer.seeds()).isNotEmpty();
  }

  @Test
  @Tag("suite")
  void anyBytes_areAnsweredWithDeclaredErrors() throws Exception {
    int wanted = DEEP ? 2_000_000 : 20_000;
    String output = fuzz(AnswersFuzzer.class, 0, "-runs=" + wanted);
    Matcher runs = RUNS.matcher(output);
    assertThat(runs.find()).as(output).isTrue();
    System.out.println(
        "fuzzing answers: " + runs.group(1) + " runs in " + runs.group(2) + " s, 0 findings");
    assertThat(Long.parseLong(runs.group(1))).isGreaterThanOrEqualTo(wanted);
  }

  @Test
  @Tag("suite")
  void control_aPlantedMistake_isFound() throws Exception {
    // With its seed made shorter, it would take luck to find it.
    assertThat(
            fuzz(AnswersFuzzer.Tripping.class, Jazzer.FOUND, "-runs=4000000", "-reduce_inputs=0"))
        .contains("tripped");
    System.out.println("fuzzing answers, control: the planted mistake was found");
  }

  /** The words of JSON and of the messages, which to find letter by letter takes for ever. */
  private Path dictionary() throws IOException {
    Stream<String> words = Stream.concat(
        Stream.of(
            "{", "}", "[", "]", ":", ",", "null", "true", "1", "\"\"", "{}", "[]", ",\"a\":\"b\""),
        AnswersFuzzer.seeds().stream()
            .flatMap(seed -> NAME.matcher(seed).results())
            .map(MatchResult::group)
            .distinct());
    return Files.write(
        work.resolve("dictionary"),
        words
            .map(word -> "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
            .toList());
  }

  private String fuzz(Class<?> target, int status, String... options) throws Exception {
    Path seeds = Files.createDirectory(work.resolve("seeds"));
    List<String> texts = AnswersFuzzer.seeds();
    for (int i = 0; i < texts.size(); i++) {
      Files.writeString(seeds.resolve("seed-" + i), texts.get(i));
    }
    List<String> all = new ArrayList<>(List.of(
        "-max_len=4096", "-dict=" + dictionary(), DEEP ? "-seed=0" : "-seed=2")); // 0 is any
    all.addAll(List.of(options));
    return Jazzer.run(target, work, status, all);
  }
}
