package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import tech.tailor.secretmanager.SecretValue;

class DotEnvTest {

  private static final int VALUES = 500;

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
  void fileOfWindows_losesItsLineEnds_andNoOtherDoes() {
    assertThat(DotEnv.parse("A=1\r\nB=\"one\r\ntwo\"\r\n", "file"))
        .containsExactly(Map.entry("A", "1"), Map.entry("B", "one\ntwo"));
    assertThat(DotEnv.parse("A=1\r\nB=\"one\r\ntwo\"\n", "file"))
        .containsExactly(Map.entry("A", "1"), Map.entry("B", "one\r\ntwo"));
  }

  /** What is exported, as this parser and as a shell read it. */
  @Test
  void exportedValues_readAsTheyWere(@TempDir Path directory) throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, String> names = new TreeMap<>();
    Map<String, SecretValue> values = new TreeMap<>();
    Map<String, String> expected = new TreeMap<>();
    for (int run = 0; run < VALUES; run++) {
      String value = randomText(random);
      names.put("V" + run, "v" + run);
      values.put("v" + run, SecretValue.of(value));
      expected.put("V" + run, value);
    }

    String text = ExportFormat.dotenv.text("default", names, values);

    assertThat(DotEnv.parse(text, "file")).as("seed %s", seed).isEqualTo(expected);
    assertThat(readByShell(Files.writeString(directory.resolve("a.env"), text), expected.keySet()))
        .as("seed %s", seed)
        .isEqualTo(expected);
  }

  private static String randomText(Random random) {
    String[] parts = {
      "a",
      "b ",
      "\n",
      "\r",
      "\r\n",
      "\t",
      "\"",
      "'",
      "\\",
      "\\n",
      "$",
      "$(date)",
      "${HOME}",
      "`",
      "#",
      " #",
      "=",
      "!",
      "~",
      "*",
      ";",
      "&",
      "\u00e4",
      "\ud83d\ude42",
      "\u0001"
    };
    StringBuilder text = new StringBuilder();
    random.ints(random.nextInt(12), 0, parts.length).forEach(part -> text.append(parts[part]));
    return text.toString();
  }

  private static Map<String, String> readByShell(Path file, Set<String> names) throws Exception {
    StringBuilder script = new StringBuilder("set -a; . \"$1\"\n");
    names.forEach(name -> script.append("printf '%s\\0' \"$" + name + "\"\n"));
    Process shell =
        new ProcessBuilder("sh", "-c", script.toString(), "sh", file.toString()).start();
    shell.getOutputStream().close();
    String printed = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).isZero();
    Map<String, String> read = new TreeMap<>();
    Iterator<String> next = Arrays.asList(printed.split("\0", -1)).iterator();
    names.forEach(name -> read.put(name, next.next()));
    return read;
  }

  @Test
  void valueThatNoVariableCanHold_isRefused() {
    Map<String, SecretValue> values = Map.of("a-b", SecretValue.of("hunter22\0"));
    assertThatThrownBy(() -> ExportFormat.dotenv.text("default", Map.of("A_B", "a-b"), values))
        .hasMessageContaining("use --format json, k8s or systemd")
        .hasMessageNotContaining("hunter22");
  }

  /** YAML takes each of these names, and values in base64, for another type without quotes. */
  @Test
  void kubernetesSecret_hasTextsAlone() {
    Map<String, String> names = new TreeMap<>();
    Map<String, SecretValue> values = new TreeMap<>();
    for (String name : List.of("null", "yes", "123", "1e3", "true")) {
      names.put(name, name);
      values.put(name, SecretValue.copyOf(Base64.getDecoder().decode("1234")));
    }
    values.put("null", SecretValue.of(""));
    Map<String, Map<String, Object>> secret =
        new Yaml().load(ExportFormat.k8s.text("007", names, values));
    assertThat(secret.get("metadata")).containsExactly(Map.entry("name", "007"));
    assertThat(secret.get("data"))
        .containsExactly(
            Map.entry("123", "1234"),
            Map.entry("1e3", "1234"),
            Map.entry("null", ""),
            Map.entry("true", "1234"),
            Map.entry("yes", "1234"));
  }
}
