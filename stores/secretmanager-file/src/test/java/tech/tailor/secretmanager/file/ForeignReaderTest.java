package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.GoldenVector.Outcome;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** A reader in Python that was written from {@code docs/file-format.md} finds the same as ours. */
class ForeignReaderTest {

  @TempDir
  Path directory;

  @BeforeEach
  void requirePython() throws Exception {
    String what = "a foreign reader";
    Tools.require(Tools.has("python3"), what, "python3 is not installed");
    Process probe = new ProcessBuilder("python3", "-c", "import cryptography")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    Tools.require(probe.waitFor() == 0, what, "Python has no package cryptography");
  }

  @Test
  void storeThatWeWrote_isReadByPython() throws Exception {
    Path key = directory.resolve("master.key");
    Path recoveryKey = directory.resolve("recovery.key");
    Path store = directory.resolve("store");
    Path recoverable = directory.resolve("recoverable");
    Map<String, String> written = new TreeMap<>();
    try (FileSecretStore opened = FileSecretStore.create(store, MasterKey.createFile(key))) {
      for (int vault = 0; vault < 3; vault++) {
        opened.createVault("vault-" + vault);
        for (int secret = 0; secret < 5; secret++) {
          byte[] bytes = OpaqueBytes.random(secret * 100).toArray();
          written.put("vault-" + vault + "/secret-" + secret, GoldenVector.hex(bytes));
          try (SecretValue value = SecretValue.copyOf(bytes)) {
            opened.createSecret("vault-" + vault, "secret-" + secret, value);
            opened.updateSecret("vault-" + vault, "secret-" + secret, value);
          }
        }
      }
      Files.createDirectory(recoverable);
      Files.copy(TestStore.file(store), TestStore.file(recoverable));
    }
    try (FileSecretStore opened = FileSecretStore.open(recoverable, MasterKey.fromFile(key))) {
      opened.addRecoveryKey(MasterKey.createRecoveryFile(recoveryKey));
      opened.rotateDataKey();
    }
    List<Found> all = read(List.of(
        key,
        TestStore.file(store),
        key,
        TestStore.file(recoverable),
        recoveryKey,
        TestStore.file(recoverable)));
    assertThat(all).hasSize(3);
    for (Found found : all) {
      assertThat(found.outcome).isEqualTo(Outcome.SUCCESS);
      assertThat(found.values).isEqualTo(written);
    }
    System.out.println("foreign reader: " + written.size() + " values of ours in format 1, and in"
        + " format 2 by both keys, all the same");
    assertThat(read(List.of(recoveryKey, TestStore.file(store))).get(0).outcome)
        .isEqualTo(Outcome.WRONG_KEY);
  }

  @Test
  void goldenVectors_areTakenByPythonAsByUs() throws Exception {
    List<GoldenVector> vectors = GoldenVector.all();
    List<Path> arguments = new ArrayList<>();
    for (GoldenVector vector : vectors) {
      Path key = directory.resolve("key-of-" + vector.name());
      arguments.add(Files.write(key, vector.keyLine()));
      arguments.add(Files.write(directory.resolve(vector.name()), vector.store()));
    }
    List<Found> found = read(arguments);
    for (int i = 0; i < vectors.size(); i++) {
      GoldenVector vector = vectors.get(i);
      Outcome outcome = vector.outcome() == Outcome.NOT_A_STORE ? Outcome.FORM : vector.outcome();
      assertThat(found.get(i).outcome).as(vector.name()).isEqualTo(outcome);
      assertThat(found.get(i).values).as(vector.name()).isEqualTo(vector.values());
    }
    System.out.println("foreign reader: " + found.size() + " golden vectors, 0 taken otherwise");
    assertThat(found).hasSameSizeAs(vectors);
  }

  private record Found(Outcome outcome, Map<String, String> values) {}

  /** Arguments: a key and a store, in turn. */
  private List<Found> read(List<Path> arguments) throws IOException, InterruptedException {
    Path program = directory.resolve("reader.py");
    try (var source =
        Objects.requireNonNull(ForeignReaderTest.class.getResourceAsStream("reader.py"))) {
      Files.write(program, source.readAllBytes());
    }
    List<String> command = new ArrayList<>(List.of("python3", program.toString()));
    arguments.forEach(argument -> command.add(argument.toString()));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(python.getInputStream().readAllBytes(), US_ASCII);
    assertThat(python.waitFor()).as(output).isZero();
    List<Found> all = new ArrayList<>();
    for (String line : output.lines().toList()) {
      if (line.startsWith("== ")) {
        all.add(new Found(Outcome.valueOf(line.substring(3)), new TreeMap<>()));
      } else {
        String[] value = line.split("=", -1);
        all.get(all.size() - 1).values.put(value[0], value[1]);
      }
    }
    return all;
  }
}
