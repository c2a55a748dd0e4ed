package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jazzer;

/** Jazzer looks for bytes that the parser, or the store, answers with anything undeclared. */
class StoreFuzzTest {

  private static final Pattern RUNS = Pattern.compile("(?m)^Done (\\d+) runs in (\\d+) second");

  @TempDir
  Path work;

  /** The seeds, and what was found once: in every build. */
  @Test
  void seeds_areAnsweredWithDeclaredErrors() {
    int replayed = 0;
    for (GoldenVector vector : GoldenVector.all()) {
      StoreFuzzer.OfDocuments.fuzzerTestOneInput(vector.store());
      StoreFuzzer.OfStores.fuzzerTestOneInput(vector.store());
      replayed++;
    }
    assertThat(replayed).isPositive();
  }

  @Test
  @Tag("suite")
  void parser_answersAnythingWithDeclaredErrors() throws Exception {
    assertNothingIsFound(StoreFuzzer.OfDocuments.class);
  }

  @Test
  @Tag("suite")
  void store_answersAnythingWithDeclaredErrors() throws Exception {
    assertNothingIsFound(StoreFuzzer.OfStores.class);
  }

  /** The control. */
  @Test
  @Tag("suite")
  void readerThatTrips_isCaught() throws Exception {
    String output = fuzz(Tripping.class, Jazzer.FOUND, "-max_total_time=120");
    assertThat(output).contains("tripped");
    System.out.println("fuzzing, control: the planted mistake was found");
  }

  /** Takes anything, but for what begins in a way that no seed does. */
  public static final class Tripping {

    private Tripping() {}

    public static void fuzzerTestOneInput(byte[] data) {
      if (data.length > 2 && data[0] == '{') {
        if (data[1] == '~') {
          if (data[2] == '!') {
            throw new IllegalStateException("tripped");
          }
        }
      }
    }
  }

  private void assertNothingIsFound(Class<?> target) throws Exception {
    String output = fuzz(target, 0, TestStore.DEEP ? "-runs=20000000" : "-max_total_time=30");
    Matcher runs = RUNS.matcher(output);
    assertThat(runs.find()).as(output).isTrue();
    System.out.println("fuzzing " + target.getSimpleName() + ": " + runs.group(1) + " runs in "
        + runs.group(2) + " s, 0 findings");
    assertThat(Long.parseLong(runs.group(1)))
        .isGreaterThanOrEqualTo(TestStore.figure(1_000, 20_000_000));
  }

  private String fuzz(Class<?> target, int status, String limit)
      throws IOException, InterruptedException {
    Path seeds = Files.createDirectory(work.resolve("seeds"));
    for (GoldenVector vector : GoldenVector.all()) {
      Files.write(seeds.resolve(vector.name()), vector.store());
    }
    return Jazzer.run(target, work, status, List.of("-max_len=8192", limit));
  }
}
