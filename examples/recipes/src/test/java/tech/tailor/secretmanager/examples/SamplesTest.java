package tech.tailor.secretmanager.examples;

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
import org.junit.jupiter.api.Test;

/**
 * Every sample of Java in the documents and in the Javadoc stands, white space aside, in a source
 * that compiles.
 */
class SamplesTest {

  private static final Path ROOT = Path.of("../..");
  private static final Pattern IN_MARKDOWN = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern IN_JAVADOC =
      Pattern.compile("<pre>\\{@code(.*?)\n *\\* *\\}</pre>", Pattern.DOTALL);

  @Test
  void everySample_compiles() throws IOException {
    List<String> samples = new ArrayList<>();
    for (Path document : files(ROOT, ".md")) {
      find(IN_MARKDOWN, document).forEach(samples::add);
    }
    for (Path source : files(ROOT, ".java")) {
      if (source.toString().contains("src/main/java")) {
        find(IN_JAVADOC, source)
            .map(sample -> sample.replaceAll("(?m)^ *\\*", ""))
            .forEach(samples::add);
      }
    }
    StringBuilder compiled = new StringBuilder();
    for (Path source : files(Path.of("src"), ".java")) {
      compiled.append(Files.readString(source));
    }
    String haystack = squeezed(compiled.toString());

    System.out.println("samples: " + samples.size());
    assertThat(samples).hasSizeGreaterThan(5);
    assertThat(samples.stream().filter(sample -> !haystack.contains(squeezed(sample))))
        .as("samples that no source has")
        .isEmpty();
  }

  private static Stream<String> find(Pattern pattern, Path file) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(file));
    return matcher.results().map((MatchResult result) -> result.group(1));
  }

  private static List<Path> files(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .filter(file -> !file.toString().contains("target"))
          .filter(file -> !file.startsWith(ROOT.resolve("site"))) // copies, and other projects
          .toList();
    }
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s", "");
  }
}
