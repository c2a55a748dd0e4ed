package tech.tailor.secretmanager.integration.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The public API of each module is what {@code docs/api} says, so that a change shows in review.
 */
class PublicApiTest {

  private static final boolean UPDATE = Boolean.getBoolean("api.update");

  @ParameterizedTest
  @MethodSource("tech.tailor.secretmanager.integration.guard.LibraryModule#present")
  void publicApi_isAsAgreed(LibraryModule module) throws IOException {
    Path golden = repository().resolve("docs/api/" + module.artifact() + ".txt");
    String actual = ApiText.of(module.publicTypes());
    if (UPDATE) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, actual);
    }
    String agreed = Files.exists(golden) ? Files.readString(golden) : "";

    assertThat(difference(agreed, actual))
        .as(
            "The public API of %s differs from %s (- agreed, + now). If that is intended, run the"
                + " build with -Dapi.update=true and commit the file",
            module.artifact(), golden.getFileName())
        .isEmpty();
    assertThat(actual).isEqualTo(agreed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "public String field = \"\";",
        "public static final int LIMIT = 2;",
        "protected Planted(int i) {}",
        "public @org.jspecify.annotations.Nullable String get() { return null; }",
        "public <T extends Comparable<T>> T get(java.util.List<? super T> from) { return null; }",
        "public String get() throws java.io.IOException { return null; }",
        "public static String get() { return null; }",
        "protected String get() { return null; }",
        "public final String get() { return null; }",
        "@Deprecated public String get() { return null; }",
        "public record Nested(int i) {}",
        "public enum Nested { ONE }",
        "public sealed interface Nested { record One() implements Nested {} }",
      })
  void control_aChangedMember_changesTheText(String member, @TempDir Path directory)
      throws Exception {
    String before = textOf(directory.resolve("before"), "public String get() { return null; }");
    String after = textOf(directory.resolve("after"), member);

    assertThat(difference(before, after)).isNotEmpty();
  }

  @Test
  void control_aPrivateMember_changesNothing(@TempDir Path directory) throws Exception {
    String before = textOf(directory.resolve("before"), "");
    String after = textOf(
        directory.resolve("after"), "private int hidden; int alsoHidden() { return hidden; }");

    assertThat(difference(before, after)).isEmpty();
  }

  private static String textOf(Path directory, String member) throws Exception {
    Compiled compiled = Compiled.compilePlanted(
        directory, "package planted;\npublic class Planted { public Planted() {} " + member + " }");
    URL[] classes = {compiled.classes().toUri().toURL()};
    try (URLClassLoader loader =
        new URLClassLoader(classes, PublicApiTest.class.getClassLoader())) {
      Class<?> planted = Class.forName("planted.Planted", false, loader);
      List<Class<?>> types = new ArrayList<>(List.of(planted.getDeclaredClasses()));
      types.add(planted);
      return ApiText.of(types);
    }
  }

  /** The lines that only one of the two has, in order; enough to see what changed. */
  private static List<String> difference(String agreed, String actual) {
    List<String> removed = new ArrayList<>(blocksAndLines(agreed));
    List<String> added = new ArrayList<>();
    for (String line : blocksAndLines(actual)) {
      if (!removed.remove(line)) {
        added.add("+ " + line);
      }
    }
    List<String> difference =
        new ArrayList<>(removed.stream().map(line -> "- " + line).toList());
    difference.addAll(added);
    return difference;
  }

  /** Each line, with the type it belongs to, since the same method occurs in many types. */
  private static List<String> blocksAndLines(String text) {
    List<String> lines = new ArrayList<>();
    String type = "";
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      if (!line.startsWith(" ")) {
        type = line;
        lines.add(line);
      } else {
        lines.add(line.strip() + "    [in " + type + "]");
      }
    }
    return lines;
  }

  private static Path repository() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("secretmanager-api/pom.xml"))) {
      directory = directory.getParent();
    }
    return directory;
  }
}
