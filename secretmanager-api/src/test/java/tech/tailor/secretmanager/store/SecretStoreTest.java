package tech.tailor.secretmanager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What the interfaces of stores check for their implementations. */
class SecretStoreTest {

  @Test
  void labels_areCopiedAndSorted() {
    Map<String, String> labels = new HashMap<>(Map.of("team", "payments", "env", "dev"));
    Map<String, String> checked = SecretStore.requireLabels(labels);
    labels.clear();

    assertThat(checked.toString()).isEqualTo("{env=dev, team=payments}");
    assertThatThrownBy(() -> checked.put("a", "b"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void labels_ofTheGrammar_areTaken_upTo20() {
    for (String label : new String[] {"a", "a1", "a-b_c", "a".repeat(63)}) {
      assertThat(SecretStore.requireLabels(Map.of(label, label))).containsEntry(label, label);
    }
    assertThat(SecretStore.requireLabels(labels(20))).hasSize(20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretStore.requireLabels(labels(21)))
        .withMessageContaining("20 labels at most, got 21");
    assertThat(SecretStore.requireLabels(Map.of("a", ""))).containsEntry("a", "");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretStore.requireLabels(Map.of("", "value")))
        .withMessageContaining("Invalid key of a label: it must match");
    for (String label : new String[] {"1a", "_a", "-a", "A", "a.b", "a\n", "a".repeat(64)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretStore.requireLabels(Map.of(label, "value")))
          .withMessageContaining("Invalid key of a label")
          .withMessageContaining(SecretStore.LABEL_GRAMMAR);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretStore.requireLabels(Map.of("key", label)))
          .withMessageContaining("Invalid value of a label: it must be empty or match");
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what this is about
  void labels_withNull_areRefused() {
    Map<String, String> labels = new HashMap<>();
    labels.put("key", null);

    assertThatNullPointerException().isThrownBy(() -> SecretStore.requireLabels(labels));
    assertThatNullPointerException()
        .isThrownBy(() -> SecretStore.requireLabels(null))
        .withMessage("labels");
  }

  @Test
  void description_isOneLine() {
    for (String good : new String[] {"", "x".repeat(1024), "gr\u00fc\u00df dich \ud83d\udd11"}) {
      assertThat(VersionedSecretStore.requireDescription(good)).isEqualTo(good);
    }
    for (String bad : new String[] {"x".repeat(1025), "a\nb", "\u0085", "\udd11\ud83d"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> VersionedSecretStore.requireDescription(bad))
          .withMessageContaining("description");
    }
  }

  @Test
  void version_countsFromOne() {
    Instant now = Instant.EPOCH;
    assertThat(VersionedSecretStore.requireVersion(1)).isEqualTo(1);
    assertThat(SecretVersionInfo.of(1, now, SecretVersionInfo.State.ENABLED).version())
        .isEqualTo(1);
    for (long bad : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> VersionedSecretStore.requireVersion(bad))
          .withMessageContaining("got " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretVersionInfo.of(bad, now, SecretVersionInfo.State.ENABLED))
          .withMessageContaining("got " + bad);
    }
  }

  @Test
  void missingVersion_isNoOutcomeOfARead() {
    SecretRef ref = SecretRef.of("default", "api-key");
    SecretNotFoundException missing = SecretNotFoundException.version(ref, 7);

    assertThat(missing.missing()).isEqualTo(Missing.VERSION);
    assertThat(missing).hasMessageContaining("no version 7 of the secret default/api-key");
    assertThat(SecretSupport.forCaller(missing).missing()).isEqualTo(Missing.VERSION);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecretOutcome.Missing(Missing.VERSION));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretNotFoundException.of(ref, Missing.VERSION));
  }

  private static Map<String, String> labels(int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap(i -> "key-" + i, i -> "value-" + i));
  }
}
