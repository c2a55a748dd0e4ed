package tech.tailor.secretmanager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EmptySource;

class SecretSourceTest {

  private static final SecretRef REF = SecretRef.of("orders", "db-password");

  @TempDir
  private Path directory;

  @Test
  void environment_readsAVariable() {
    Map<String, String> variables = Map.of("SET", "made-up", "EMPTY", "", "BAD", "x\ud800");

    assertThat(text(new EnvironmentSource("SET", variables::get))).contains("made-up");
    assertThat(text(new EnvironmentSource("EMPTY", variables::get))).isEmpty();
    assertThat(text(new EnvironmentSource("UNSET", variables::get))).isEmpty();
    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> new EnvironmentSource("BAD", variables::get).read(REF))
        .withMessageContaining("BAD")
        .withMessageContaining("orders/db-password");
    assertThat(SecretSource.environment("SET").origin()).isEqualTo("the environment variable SET");
    assertThat(text(SecretSource.environment("PATH"))).contains(System.getenv("PATH"));
  }

  @ParameterizedTest
  @EmptySource
  @org.junit.jupiter.params.provider.ValueSource(strings = {"A=B", "A B", "A\nB", "\u00c4"})
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
    SecretSource source = new PromptSource(text -> {
      prompt.append(text);
      return typed;
    });

    assertThat(text(source)).contains("made-up");
    assertThat(typed).containsOnly('\0');
    assertThat(prompt).hasToString("Value of the secret orders/db-password: ");
    assertThat(text(new PromptSource(text -> new char[0]))).isEmpty();
  }

  @Test
  void promptThatFails_wipesWhatWasTyped() {
    char[] typed = {'x', '\ud800'};

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(() -> new PromptSource(text -> typed).read(REF));
    assertThat(typed).containsOnly('\0');
    assertThatExceptionOfType(SecretPreconditionException.class)
        .isThrownBy(() -> new PromptSource(text -> null).read(REF))
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
