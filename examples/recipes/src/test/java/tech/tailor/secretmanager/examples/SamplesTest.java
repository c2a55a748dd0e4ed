package tech.tailor.secretmanager.examples;

import static java.util.stream.Collectors.joining;
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
import tech.tailor.secretmanager.fixtures.Documents;

/**
 * Every sample of Java in the documents and in the Javadoc stands, white space aside, in a source
 * that compiles: here, or in the tests of the starter, which have Spring Boot.
 */
class SamplesTest {

  private static final Path ROOT = Path.of("../..");
  private static final List<Path> COMPILED = List.of(
      Path.of("src"), ROOT.resolve("integrations/secretmanager-spring-boot-starter/src/test"));
  private static final Pattern IN_JAVADOC =
      Pattern.compile("<pre>\\{@code(.*?)\n *\\* *\\}</pre>", Pattern.DOTALL);

  @Test
  void everySample_compiles() throws IOException {
    List<String> samples = new ArrayList<>();
    for (String document : Documents.texts().values()) {
      samples.addAll(Documents.samples(document, "java"));
    }
    for (Path source : files(ROOT, ".java")) {
      if (source.toString().contains("src/main/java")) {
        find(IN_JAVADOC, source)
            .map(sample -> sample.replaceAll("(?m)^ *\\*", ""))
            .forEach(samples::add);
      }
    }
    String haystack = compiled();

    System.out.println("samples: " + samples.size());
    assertThat(samples).hasSizeGreaterThan(5);
    assertThat(samples.stream().filter(sample -> !haystack.contains(squeezed(sample))))
        .as("samples that no source has")
        .isEmpty();
  }

  /** What the README says to write in place of other libraries; {@code …} is any text. */
  @Test
  void everythingToWriteInstead_compiles() throws IOException {
    String table = Documents.texts()
        .getOrDefault("README.md", "")
        .replaceAll("(?s).*\\| you write \\|\n(.*?)\n\n.*", "$1");
    List<String> java = table
        .lines()
        .skip(1) // the line below the heads
        .flatMap(row -> Documents.code(row.substring(row.lastIndexOf(" | "))).stream())
        .filter(code -> code.contains("("))
        .toList();
    String haystack = compiled();

    assertThat(java).hasSizeGreaterThan(3);
    assertThat(java.stream()
            .filter(code -> !Pattern.compile(asPattern(code)).matcher(haystack).find()))
        .as("code that no source has")
        .isEmpty();
  }

  private static String asPattern(String code) {
    return Stream.of(squeezed(code).split("…")).map(Pattern::quote).collect(joining(".*?"));
  }

  private static String compiled() throws IOException {
    StringBuilder compiled = new StringBuilder();
    for (Path directory : COMPILED) {
      for (Path source : files(directory, ".java")) {
        compiled.append(Files.readString(source));
      }
    }
    return squeezed(compiled.toString());
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
          .filter(file -> !file.startsWith(ROOT.resolve("site"))) // other projects
          .toList();
    }
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s", "");
  }
}
