package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretVersionInfo;

/** What versions, labels, descriptions and commits leave in the file. */
class VersionsInTheFileTest {

  private static final Pattern CIPHERTEXT = Pattern.compile("\"ciphertext\": \"([^\"]+)\"");

  @TempDir
  Path directory;

  @Test
  void oneCommit_isOneGeneration_andNoChangeIsNone() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      long before = store.document().generation();
      store.inOneCommit(changes -> {
        for (int i = 0; i < 5; i++) {
          TestStore.put(changes, "default", "secret-" + i, "value");
        }
      });
      assertThat(store.document().generation()).isEqualTo(before + 1);
      store.setLabels("default", "one", Map.of("env", "dev"));
      store.setDescription("default", "one", "described");
      store.setVaultLabels("default", Map.of("env", "dev"));
      store.disableVersion("default", "one", 1);
      byte[] file = TestStore.bytes(TestStore.file(directory));
      store.inOneCommit(changes -> changes.listVaults());
      store.setLabels("default", "one", Map.of("env", "dev"));
      store.setDescription("default", "one", "described");
      store.setVaultLabels("default", Map.of("env", "dev"));
      store.disableVersion("default", "one", 1);
      assertThat(TestStore.bytes(TestStore.file(directory)))
          .as("what is so already is not written again")
          .isEqualTo(file);
    }
  }

  @Test
  void destroyedAndDroppedValues_areGoneFromTheFile() {
    try (FileSecretStore store =
        FileSecretStore.builder(directory, TestStore.key(1)).versionsKept(3).create()) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "one", "second");
      TestStore.put(store, "default", "one", "third");
      List<String> ciphertexts = ciphertexts();
      assertThat(ciphertexts).hasSize(3);
      store.destroyVersion("default", "one", 2);
      assertThat(ciphertexts()).containsExactly(ciphertexts.get(0), ciphertexts.get(2));
      TestStore.put(store, "default", "one", "fourth");
      assertThat(ciphertexts())
          .as("the first one is no longer kept")
          .hasSize(2)
          .contains(ciphertexts.get(2));
    }
  }

  @Test
  void fewerVersionsThanBefore_holdFromTheNextUpdateOn() {
    try (FileSecretStore many = TestStore.create(directory);
        FileSecretStore one =
            FileSecretStore.builder(directory, TestStore.key(1)).versionsKept(1).open()) {
      for (int version = 1; version <= 12; version++) {
        TestStore.put(many, "default", "one", "value-" + version);
      }
      assertThat(many.listVersions("default", "one"))
          .as("10 are kept where nothing else is said")
          .extracting(SecretVersionInfo::version)
          .containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
      assertThat(one.listVersions("default", "one")).hasSize(10);
      TestStore.put(one, "default", "one", "last");
      assertThat(many.listVersions("default", "one"))
          .extracting(SecretVersionInfo::version)
          .containsExactly(13L);
    }
  }

  @Test
  void descriptionAndLabels_areReadable_andEscapedInOneWay() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      store.setDescription("default", "one", "a \"b\" \\ ~ \u00fc \ud83d\udd11");
      store.setLabels("default", "one", Map.of("team", "payments", "env", "dev"));
    }
    String text = text();
    assertThat(text).contains("""
                  "description": "a \\"b\\" \\\\ ~ \\u00fc \\ud83d\\udd11",
                  "labels": {
                    "env": "dev",
                    "team": "payments"
                  },
        """);
    for (String other : List.of(
        text.replace("\\u00fc", "\\u00FC"),
        text.replace("~", "\\u007e"),
        text.replace("a \\\"b", "\\u0061 \\\"b"),
        text.replace("\\\\ ~", "\\/ ~"),
        text.replace(
            "\"env\": \"dev\",\n            \"team\": \"payments\"",
            "\"team\": \"payments\",\n            \"env\": \"dev\""))) {
      assertThat(other).isNotEqualTo(text);
      assertRefused(other);
    }
  }

  /** A default that is written out is another form of the same content. */
  @Test
  void writtenDefaults_areRefused() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
    String text = text();
    String time = "\"createTime\": \"2026-11-01T12:00:00.120Z\",\n";
    for (String other : List.of(
        text.replace(
            time + "              \"key\"",
            time + "              \"state\": \"enabled\",\n              \"key\""),
        text.replace(
            time + "          \"versions\"",
            time + "          \"description\": \"\",\n          \"versions\""),
        text.replace(
            time + "          \"versions\"",
            time + "          \"labels\": {},\n          \"versions\""),
        text.replace(
            time + "      \"secrets\"",
            time + "      \"updateTime\": \"2026-11-01T12:00:00.120Z\",\n      \"secrets\""),
        text.replace(time + "      \"secrets\"", time + "      \"labels\": {},\n      \"secrets\""),
        text.replace("\"key\": 1,", "\"state\": \"destroyed\",\n              \"key\": 1,"),
        text.replace("\"key\": 1,", "\"state\": \"gone\",\n              \"key\": 1,"))) {
      assertThat(other).isNotEqualTo(text);
      assertRefused(other);
    }
  }

  @Test
  void stateThatIsEditedByHand_isRefused() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "one", "second");
      store.disableVersion("default", "one", 2);
    }
    assertRefused(text().replace("              \"state\": \"disabled\",\n", ""));
    assertRefused(text().replace("disabled", "destroyed"));
  }

  @Test
  void rolledBackVersion_isAnotherCiphertext() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "one", "second");
      store.rollBack("default", "one", 1);
      assertThat(ciphertexts()).hasSize(3).doesNotHaveDuplicates();
      try (SecretValue third = store.readVersion("default", "one", 3)) {
        assertThat(third.revealString()).isEqualTo("first");
      }
    }
  }

  private void assertRefused(String text) {
    byte[] before = TestStore.bytes(TestStore.file(directory));
    TestStore.replace(directory, text.getBytes(US_ASCII));
    assertThatThrownBy(() -> TestStore.open(directory))
        .isExactlyInstanceOf(SecretIntegrityException.class);
    TestStore.replace(directory, before);
    TestStore.open(directory).close();
  }

  private String text() {
    return new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
  }

  private List<String> ciphertexts() {
    return CIPHERTEXT.matcher(text()).results().map(result -> result.group(1)).toList();
  }
}
