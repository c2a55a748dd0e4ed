package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.spi.OpaqueBytes;

class AssociatedDataTest {

  /** No two places give the same associated data, also where one field's end looks like a start. */
  @Test
  void encoding_isInjective() {
    Random random = new Random(1);
    Set<List<Object>> places = new HashSet<>();
    Set<OpaqueBytes> encodings = new HashSet<>();
    List<String> names = List.of("abc", "abcd", "bcd", "a-c", "abc-abc", "000", "001");
    List<String> labels = List.of("tsm-file", "tsm-fil", "tsm-files");
    List<OpaqueBytes> ids = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      byte[] id = new byte[16];
      id[15] = (byte) i;
      ids.add(OpaqueBytes.copyOf(id));
    }
    for (int i = 0; i < 20_000; i++) {
      String label = labels.get(random.nextInt(labels.size()));
      OpaqueBytes store = ids.get(random.nextInt(8));
      OpaqueBytes vault = ids.get(random.nextInt(8));
      OpaqueBytes secret = ids.get(random.nextInt(8));
      long version = random.nextInt(8);
      String name = names.get(random.nextInt(names.size()));
      AssociatedData data = new AssociatedData(label, store);
      places.add(List.of(label, store, vault, secret, version, name));
      encodings.add(
          OpaqueBytes.copyOf(data.ofValue(new Envelope.Place(vault, secret, version, name))));
      places.add(List.of(label, store, version));
      encodings.add(OpaqueBytes.copyOf(data.ofKey(version)));
    }
    assertThat(encodings).hasSize(places.size());
    System.out.println("associated data: " + places.size() + " places, all different");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "with space", "ümlaut", "nul\0", "0123456789012345678901234567890123"})
  void label_thatIsNone_isRefused(String label) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AssociatedData(label, OpaqueBytes.random(16)));
  }
}
