package tech.tailor.secretmanager.integration.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.fixtures.JavaProcess;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * Text outside ASCII, written in UTF-8, through every source in a JVM of another locale: it comes
 * in as it was, or is refused with what to do about it.
 */
@Tag("suite")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextCanaryTest {

  /** Those that take bytes, or what is in the JVM already. */
  private static final List<String> BYTES = List.of("copy", "file", "reference", "text file");

  enum Locale {
    C("C", "", false),
    LATIN_1("en_US.ISO-8859-1", "ISO-8859-1", true),
    LATIN_9("en_US.ISO-8859-15", "ISO-8859-15", true),
    UTF_8("C.UTF-8", "", false);

    private final String locale;
    private final String charset;
    private final boolean isMade;

    Locale(String locale, String charset, boolean isMade) {
      this.locale = locale;
      this.charset = charset;
      this.isMade = isMade;
    }
  }

  private Path directory;
  private Path file;

  @BeforeAll
  void writeFile(@TempDir Path temporary) throws IOException {
    directory = temporary;
    file = Files.write(directory.resolve("canary"), (TextCanary.CANARY + "\n").getBytes(UTF_8));
  }

  private static Stream<Arguments> localesAndJdks() {
    List<Jdk> jdks = Jdk.oldestAndNewest("text in other locales");
    return Stream.of(Locale.values())
        .flatMap(locale -> jdks.stream().map(jdk -> Arguments.of(locale, jdk)));
  }

  @ParameterizedTest
  @MethodSource("localesAndJdks")
  void everySource_isExact_orRefuses(Locale locale, Jdk jdk) throws Exception {
    requireLocale(locale);
    Process process = JavaProcess.start(
        jdk,
        List.of("sh", "-c", variables(locale) + "exec \"$@\" \"$CANARY\"", "sh"),
        List.of(),
        TextCanary.class,
        file);
    Map<String, String> outcomes = outcomes(process);

    assertThat(outcomes).hasSize(10).containsKeys(BYTES.toArray(String[]::new));
    outcomes.forEach((source, outcome) -> assertThat(outcome)
        .as(source)
        .isEqualTo(locale == Locale.UTF_8 || BYTES.contains(source) ? "exact" : "refused"));
  }

  @ParameterizedTest
  @MethodSource("localesAndJdks")
  void prompt_isExact_orRefuses(Locale locale, Jdk jdk) throws Exception {
    requireLocale(locale);
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "SKIPPED: no script");
    Process process = JavaProcess.start(
        jdk,
        List.of("sh", "-c", variables(locale) + "exec script -q -e -c \"$*\" /dev/null", "sh"),
        List.of(),
        TextCanary.class,
        "prompt");
    OutputStream keyboard = process.getOutputStream();
    keyboard.write((TextCanary.CANARY + "\n").getBytes(UTF_8));
    keyboard.flush(); // and stays open: its end would end the program
    Map<String, String> outcomes = outcomes(process);

    assertThat(outcomes).isEqualTo(Map.of("prompt", locale == Locale.UTF_8 ? "exact" : "refused"));
  }

  /** Sets what the program reads, byte by byte: this JVM may have another locale. */
  private String variables(Locale locale) {
    String octal = IntStream.range(0, TextCanary.CANARY.getBytes(UTF_8).length)
        .mapToObj(i -> String.format("\\%03o", TextCanary.CANARY.getBytes(UTF_8)[i] & 0xff))
        .collect(joining());
    return "CANARY=$(printf '" + octal + "')\n"
        + "CANARY_TEMPLATE='${secret@default/canary}'/$CANARY\n"
        + "JAVA_TOOL_OPTIONS=-DCANARY=$CANARY\n"
        + "LC_ALL=" + locale.locale + "\n"
        + "LOCPATH=" + directory + "\n"
        + (locale.isMade ? "" : "unset LOCPATH\n")
        + "export CANARY CANARY_TEMPLATE JAVA_TOOL_OPTIONS LC_ALL "
        + (locale.isMade ? "LOCPATH" : "") + "\n";
  }

  private static Map<String, String> outcomes(Process process) throws Exception {
    try {
      Map<String, String> outcomes = new TreeMap<>();
      String printed = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
      // Beside them there is the prompt, and what the JVM says of its options.
      Pattern.compile("(?m)^([a-z ]+): (exact|refused|changed|failed)\\r?$")
          .matcher(printed)
          .results()
          .forEach(told -> outcomes.put(told.group(1), told.group(2)));
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(printed).isTrue();
      assertThat(process.exitValue()).as(printed).isZero();
      return outcomes;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Makes the locale, if it isn't one that every system has. */
  private void requireLocale(Locale locale) throws Exception {
    if (!locale.isMade || Files.exists(directory.resolve(locale.locale))) {
      return;
    }
    Path log = directory.resolve("localedef.log");
    boolean made = false;
    try {
      Process localedef = new ProcessBuilder(
              "localedef",
              "-i",
              "en_US",
              "-f",
              locale.charset,
              directory.resolve(locale.locale).toString())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
      made = localedef.waitFor() == 0;
    } catch (IOException e) {
      // There is no such program.
    }
    if (!made) {
      System.out.println("SKIPPED: text in the locale " + locale + ": localedef can't make it");
    }
    assumeTrue(made, "SKIPPED: no locale " + locale.locale);
  }
}
