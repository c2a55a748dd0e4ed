package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

  /** {@code docs/proto} is written from the table; with -Dapi.update=true it is written anew. */
  @ParameterizedTest
  @ValueSource(strings = {"tailor/v1/operator.proto", "tailor/secretmanager/v1/runtime.proto"})
  void protoFiles_areWhatTheTableSays(String name) throws IOException {
    Path file = Path.of("..", "docs", "proto", name);
    String text = ProtoText.of(name.contains("operator") ? Wire.OPERATOR : Wire.RUNTIME);
    if (Boolean.getBoolean("api.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }

    assertThat(file).hasContent(text);
  }
}
