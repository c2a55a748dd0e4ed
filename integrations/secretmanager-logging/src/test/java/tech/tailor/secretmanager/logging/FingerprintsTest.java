package tech.tailor.secretmanager.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FingerprintsTest {

  /** Strings of two letters, so that they share windows, are parts of each other, and overlap. */
  @Test
  void whatWasAdded_isFound_andNothingElse() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      Fingerprints fingerprints = new Fingerprints();
      List<byte[]> known = new ArrayList<>();
      for (int step = 0; step < 30; step++) {
        if (random.nextInt(3) == 0 && !known.isEmpty()) {
          byte[] removed = known.remove(random.nextInt(known.size()));
          fingerprints.remove(List.of(fingerprints.of(removed)));
        } else {
          byte[] added = text(random, Fingerprints.WINDOW + random.nextInt(4));
          known.add(added);
          fingerprints.add(List.of(fingerprints.of(added)));
        }
        byte[] text = text(random, random.nextInt(40));
        assertThat(fingerprints.in(text).stream().map(String::new).distinct())
            .as("seed %s", seed)
            .containsExactlyInAnyOrderElementsOf(known.stream()
                .map(String::new)
                .filter(new String(text)::contains)
                .distinct()
                .toList());
      }
    }
  }

  private static byte[] text(Random random, int length) {
    byte[] text = new byte[length];
    for (int at = 0; at < length; at++) {
      text[at] = (byte) ('a' + random.nextInt(2));
    }
    return text;
  }
}
