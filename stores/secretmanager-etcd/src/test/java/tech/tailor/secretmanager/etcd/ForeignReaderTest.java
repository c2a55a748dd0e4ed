package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.KeyValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** A reader in Python that was written from {@code docs/etcd-format.md} finds the same as ours. */
@ExtendWith(SharedEtcd.class)
class ForeignReaderTest {

  @TempDir
  private Path directory;

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
    String prefix = SharedEtcd.newPrefix();
    Map<String, String> written = new TreeMap<>();
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).createIfMissing().open()) {
      for (int vault = 0; vault < 3; vault++) {
        store.createVault("vault-" + vault);
        for (int secret = 0; secret < 5; secret++) {
          byte[] bytes = OpaqueBytes.random(secret * 100).toArray();
          written.put("vault-" + vault + "/secret-" + secret, HexFormat.of().formatHex(bytes));
          try (SecretValue value = SecretValue.copyOf(bytes)) {
            store.createSecret("vault-" + vault, "secret-" + secret, value);
            store.updateSecret("vault-" + vault, "secret-" + secret, value);
          }
        }
        store.setDescription("vault-" + vault, "secret-0", "For \u2028 seal 1 \u00e4");
        store.setLabels("vault-" + vault, "secret-1", Map.of("team", "orders", "empty", ""));
        store.setVaultLabels("vault-" + vault, Map.of("stage", "prod"));
      }
      store.createVault("deleted");
      store.deleteVault("deleted");
      store.rotateDataKey();
      written.put("generation", store.verify().mark().split("-", -1)[0]);
    }
    assertThat(read(prefix, SharedEtcd.dump(prefix))).isEqualTo(written);
  }

  @Test
  void control_recordThatWasDeleted_isRefusedByPython() throws Exception {
    String prefix = SharedEtcd.newStore();
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).open()) {
      SharedEtcd.put(store, "name", "value");
    }
    List<KeyValue> dump = SharedEtcd.dump(prefix).stream()
        .filter(found -> !Etcd.key(found).contains("/secret/"))
        .toList();
    assertThat(run(prefix, dump)).contains("a record was deleted");
  }

  private Map<String, String> read(String prefix, List<KeyValue> dump) throws Exception {
    return run(prefix, dump)
        .lines()
        .map(line -> line.split("=", -1))
        .collect(Collectors.toMap(line -> line[0], line -> line[1]));
  }

  private String run(String prefix, List<KeyValue> dump) throws Exception {
    Path program = directory.resolve("etcd_reader.py");
    try (var source =
        Objects.requireNonNull(ForeignReaderTest.class.getResourceAsStream("etcd_reader.py"))) {
      Files.write(program, source.readAllBytes());
    }
    Path file = Files.writeString(
        directory.resolve("dump.json"),
        dump.stream()
            .map(found -> "{\"key\":\"" + base64(found.getKey().getBytes()) + "\",\"value\":\""
                + base64(found.getValue().getBytes()) + "\"}")
            .collect(Collectors.joining(",", "{\"kvs\":[", "]}")));
    Process python = new ProcessBuilder(
            "python3",
            program.toString(),
            SharedEtcd.directory().resolve("master.key").toString(),
            prefix,
            file.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(python.getInputStream().readAllBytes(), US_ASCII);
    python.waitFor();
    return output;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
