package tech.tailor.secretmanager;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EmptySource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSourceTest {

  private static final SecretRef REF = SecretRef.of("orders", "db-password");

  @TempDir
  private Path directory;

  @Test
  void environment_readsAVariable() {
    Map<String, String> variables =
        Map.of("SET", "made-up", "EMPTY", "", "BLANK", " \u3000\n", "BAD", "x\ud800");

    assertThat(text(new EnvironmentSource("SET", variables::get, UTF_8))).contains("made-up");
    assertThat(text(new EnvironmentSource("EMPTY", variables::get, UTF_8))).isEmpty();
    assertThat(text(new EnvironmentSource("BLANK", variables::get, UTF_8))).isEmpty();
    assertThat(text(new EnvironmentSource("UNSET", variables::get, UTF_8))).isEmpty();
    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> new EnvironmentSource("BAD", variables::get, UTF_8).read(REF))
        .withMessageContaining("BAD")
        .withMessageContaining("orders/db-password");
    assertThat(SecretSource.environment("SET").origin()).isEqualTo("the environment variable SET");
    assertThat(text(SecretSource.environment("PATH"))).contains(System.getenv("PATH"));
  }

  @ParameterizedTest
  @CsvSource({
    "p\u00e4ss,    UTF-8,      true",
    "p\u20ac,      UTF-8,      true",
    "p\uD83D\uDD11, UTF-8,     true",
    "p\ufffdss,    UTF-8,      false",
    "ascii,         US-ASCII,   true",
    "p\ufffd\ufffd, US-ASCII, false",
    "ascii,         ISO-8859-1, true",
    "p\u00c3\u00a4, ISO-8859-1, false",
    "p\u00e4,      windows-1252, false",
  })
  void textThatMayHaveChanged_isRefused_fromEachSource(
      String text, Charset charset, boolean isTaken) {
    SecretSource environment = new EnvironmentSource("X", name -> text, charset);
    SecretSource prompt = new PromptSource(asked -> text.toCharArray(), () -> charset);

    for (SecretSource source : List.of(environment, prompt)) {
      if (isTaken) {
        assertThat(text(source)).contains(text);
      } else {
        assertThatExceptionOfType(SecretEncodingException.class)
            .isThrownBy(() -> source.read(REF))
            .withMessageContaining("orders/db-password")
            .withMessageContaining(charset.name())
            .withMessageContaining("LANG=C.UTF-8")
            .withMessageNotContaining(text);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("textsThatAreNotPlainUtf8")
  void textFileThatIsNotPlainUtf8_isRefused_andSaysWhy(byte[] content, String why)
      throws Exception {
    Path file = Files.write(directory.resolve("value"), content);

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> SecretSource.textFile(file).read(REF))
        .withMessageContaining(why)
        .withMessageContaining(file.toString())
        .withMessageContaining("orders/db-password")
        .withMessageContaining("SecretSource.file")
        .withMessageNotContaining("made");
    try (SecretValue value = SecretSource.file(file).read(REF).orElseThrow()) {
      assertThat(value.<byte[], RuntimeException>withBytes(byte[]::clone)).isEqualTo(content);
    }
  }

  static Stream<Arguments> textsThatAreNotPlainUtf8() {
    return Stream.of(
        Arguments.of("\ufeffmade-up\r\n".getBytes(UTF_16LE), "UTF-16, as PowerShell"),
        Arguments.of("\ufeffmade-up\r\n".getBytes(UTF_16BE), "UTF-16, as PowerShell"),
        Arguments.of("made-up\r\n".getBytes(UTF_16LE), "UTF-16, as PowerShell"),
        Arguments.of("made-up".getBytes(UTF_16BE), "UTF-16, as PowerShell"),
        Arguments.of("\ufeffmade-up\n".getBytes(UTF_8), "byte order mark"),
        Arguments.of("m\u00e4de".getBytes(ISO_8859_1), "it is not UTF-8"),
        Arguments.of(new byte[] {'m', (byte) 0xed, (byte) 0xa0, (byte) 0x80}, "it is not UTF-8"),
        Arguments.of("m\ufffdde".getBytes(UTF_8), "U+FFFD"));
  }

  @Test
  void blankTextFile_yieldsNothing() throws Exception {
    for (String blank : List.of("", "\n", "\r\n", " \t\n\n", "\u3000\u2003\n")) {
      Path file = Files.writeString(directory.resolve("blank"), blank);

      assertThat(text(SecretSource.textFile(file))).isEmpty();
      assertThat(SecretSource.textFile(file).isKnownToBeEmpty(REF)).isTrue();
    }
  }

  @Test
  void blankTextFile_isKnownToBeEmpty_upToTheLimitOfAValue() throws Exception {
    SecretSource source = SecretSource.textFile(directory.resolve("value"));
    Path file = directory.resolve("value");

    Files.writeString(file, " ".repeat(SecretValue.MAX_SIZE_BYTES));
    assertThat(source.isKnownToBeEmpty(REF)).isTrue();
    for (String other : List.of(
        " ".repeat(SecretValue.MAX_SIZE_BYTES + 1), // refused when it is read
        "\n\n\nx\n",
        "\u3000\u3000\u00e4",
        "\u00a0 ", // not blank for read, either
        "\ufeff\n",
        " \0 ",
        " \uD83D\uDD11")) {
      Files.writeString(file, other);
      assertThat(source.isKnownToBeEmpty(REF)).isFalse();
    }
    Files.write(file, new byte[] {' ', (byte) 0xe3, (byte) 0x80});
    assertThat(source.isKnownToBeEmpty(REF)).as("can't be told").isFalse();
  }

  @Test
  void sourceKnowsThatItIsEmpty_withoutReadingAValue() throws Exception {
    Path empty = Files.write(directory.resolve("empty"), new byte[0]);
    Path lineEnd = Files.writeString(directory.resolve("line-end"), "\r\n");
    Path value = Files.writeString(directory.resolve("value"), "x\n");

    assertThat(List.of(
            new EnvironmentSource("X", name -> null, UTF_8),
            new EnvironmentSource("X", name -> " ", UTF_8),
            SecretSource.file(directory.resolve("none")),
            SecretSource.file(empty),
            SecretSource.textFile(empty),
            SecretSource.textFile(lineEnd)))
        .allMatch(source -> source.isKnownToBeEmpty(REF));
    assertThat(List.of(
            new EnvironmentSource("X", name -> "x", UTF_8),
            SecretSource.file(lineEnd),
            SecretSource.file(value),
            SecretSource.textFile(value),
            SecretSource.random(16),
            SecretSource.prompt(),
            (SecretSource) ref -> Optional.empty()))
        .noneMatch(source -> source.isKnownToBeEmpty(REF));
  }

  @ParameterizedTest
  @EmptySource
  @ValueSource(strings = {"A=B", "A B", "A\nB", "\u00c4"})
  void badNameOfAVariable_isRefused(String variable) {
    assertThatIllegalArgumentException().isThrownBy(() -> SecretSource.environment(variable));
  }

  @Test
  void file_isReadWhole_andTextWithoutItsLineEnd() throws Exception {
    Path file = directory.resolve("value");
    Files.write(file, "made\nup\r\n".getBytes(UTF_8));

    assertThat(text(SecretSource.file(file))).contains("made\nup\r\n");
    assertThat(text(SecretSource.textFile(file))).contains("made\nup");
    Files.write(file, "\n".getBytes(UTF_8));
    assertThat(text(SecretSource.file(file))).contains("\n");
    assertThat(text(SecretSource.textFile(file))).isEmpty();
    Files.write(file, new byte[0]);
    assertThat(text(SecretSource.file(file))).isEmpty();
    assertThat(text(SecretSource.file(directory.resolve("none")))).isEmpty();
  }

  @Test
  void fileThatCantBeAValue_isRefused() throws Exception {
    Path large = Files.write(directory.resolve("large"), new byte[131_073]);
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("none"));

    assertThatExceptionOfType(SecretLimitException.class)
        .isThrownBy(() -> SecretSource.file(large).read(REF))
        .withMessageContaining("orders/db-password");
    assertThatExceptionOfType(SecretStorageException.class)
        .isThrownBy(() -> SecretSource.file(directory).read(REF))
        .withMessageContaining("regular");
    assertThatExceptionOfType(SecretStorageException.class)
        .isThrownBy(() -> SecretSource.file(link).read(REF));
    assertThatExceptionOfType(SecretStorageException.class)
        .as("what can't be looked at isn't missing")
        .isThrownBy(() -> SecretSource.file(directory.resolve("x".repeat(300))).read(REF))
        .withMessageContaining("looked at");
    Files.write(large, new byte[131_072]);
    try (SecretValue value = SecretSource.file(large).read(REF).orElseThrow()) {
      assertThat(value.<Integer, RuntimeException>withBytes(bytes -> bytes.length))
          .isEqualTo(131_072);
    }
  }

  @Test
  void random_isAnotherEachTime() {
    SecretSource random = SecretSource.random(32);

    assertThat(text(random).orElseThrow()).matches("[A-Za-z0-9_-]{43}");
    assertThat(text(random)).isNotEqualTo(text(random));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretSource.random(15));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretSource.random(1_025));
  }

  @Test
  void prompt_wipesWhatWasTyped() {
    char[] typed = "made-up".toCharArray();
    StringBuilder prompt = new StringBuilder();
    SecretSource source = new PromptSource(
        text -> {
          prompt.append(text);
          return typed;
        },
        () -> UTF_8);

    assertThat(text(source)).contains("made-up");
    assertThat(typed).containsOnly('\0');
    assertThat(prompt).hasToString("Value of the secret orders/db-password: ");
    assertThat(text(new PromptSource(text -> new char[0], () -> UTF_8))).isEmpty();
    assertThat(text(new PromptSource(text -> new char[] {' ', '\u3000'}, () -> UTF_8)))
        .isEmpty();
  }

  @Test
  void promptThatFails_wipesWhatWasTyped() {
    char[] typed = {'x', '\ud800'};

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> new PromptSource(text -> typed, () -> UTF_8).read(REF));
    assertThat(typed).containsOnly('\0');
    assertThatExceptionOfType(SecretPreconditionException.class)
        .isThrownBy(() -> new PromptSource(text -> null, () -> UTF_8).read(REF))
        .withMessageContaining("terminal");
  }

  @Test
  void lambda_isASource() {
    SecretSource source = ref -> Optional.of(SecretValue.of(ref.name()));

    assertThat(text(source)).contains("db-password");
    assertThat(source.origin()).isEqualTo("the application");
  }

  private static Optional<String> text(SecretSource source) {
    Optional<SecretValue> read = source.read(REF);
    try {
      return read.map(SecretValue::revealString);
    } finally {
      read.ifPresent(SecretValue::close);
    }
  }
}
