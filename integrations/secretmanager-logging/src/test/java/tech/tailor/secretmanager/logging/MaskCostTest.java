package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** Prints what a line of 180 characters costs. It asserts no time. */
@Tag("suite")
class MaskCostTest {

  private static final int LINES = 200_000;

  @Test
  void cost_isPrinted() {
    for (int values : new int[] {0, 10, 100, 1_000, 10_000}) {
      SecretMask mask = SecretMask.create();
      Random random = new Random(42);
      for (int i = 0; i < values; i++) {
        try (SecretValue value = SecretValue.of(text(random, 32))) {
          mask.add(SecretRef.of("default", "secret-" + i), value);
        }
      }
      byte[][] lines = new byte[100][];
      Arrays.setAll(lines, i -> text(random, 180).getBytes(UTF_8));
      byte[] withValue;
      try (SecretValue value = SecretValue.of(text(random, 32))) {
        mask.add(SecretRef.of("default", "shown"), value);
        withValue = (text(random, 148) + value.revealString()).getBytes(UTF_8);
      }
      long best = Long.MAX_VALUE;
      long bestMasked = Long.MAX_VALUE;
      for (int round = 0; round < 10; round++) {
        long start = System.nanoTime();
        int same = 0;
        for (int i = 0; i < LINES; i++) {
          byte[] line = lines[i % lines.length];
          same += mask.mask(line).length == line.length ? 1 : 0;
        }
        best = Math.min(best, System.nanoTime() - start);
        assertThat(same).isEqualTo(LINES);
        start = System.nanoTime();
        for (int i = 0; i < LINES / 100; i++) {
          assertThat(mask.mask(withValue).length).isLessThan(withValue.length);
        }
        bestMasked = Math.min(bestMasked, System.nanoTime() - start);
      }
      System.out.printf(
          "%,d values: %.2f µs for a line of 180 bytes, %.1f µs for one that is masked%n",
          values, best / 1e3 / LINES, bestMasked / 1e3 / (LINES / 100));
    }
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789 .-".charAt(random.nextInt(49)));
    }
    return text.toString();
  }
}
