package tech.tailor.secretmanager.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** What the kit adds to a test's time. Prints it, and asserts nothing about it. */
@Tag("suite")
class StartUpTest {

  private static final int FAKES = 5_000;
  private static final int EMULATORS = 20;

  @Test
  void prints_howLongAFakeTakes() {
    print("a fake, seeded, read once and closed", FAKES, 1_000, "µs", () -> {
      try (FakeSecretManager fake = FakeSecretManager.with("default", "greeting", "hello")) {
        String text = fake.withSecret("default", "greeting", SecretValue::revealString);
        assertThat(text).isEqualTo("hello");
      }
    });
  }

  @Test
  void prints_howLongAnEmulatorTakes() {
    print("an emulator, started, seeded and stopped", EMULATORS, 1_000_000, "ms", () -> {
      try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
        emulator.put("default", "greeting", "hello");
        assertThat(emulator.endpoint().getPort()).isPositive();
      }
    });
  }

  private static void print(
      String what, int times, long unitNanos, String unit, Runnable measured) {
    double[] took = new double[times];
    for (int i = 0; i < times; i++) {
      long begun = System.nanoTime();
      measured.run();
      took[i] = (double) (System.nanoTime() - begun) / unitNanos;
    }
    double first = took[0];
    Arrays.sort(took);
    System.out.printf(
        Locale.ROOT,
        "Start-up: %s: first %.0f %s, then median %.1f %s, 99th percentile %.1f %s, of %,d%n",
        what,
        first,
        unit,
        took[times / 2],
        unit,
        took[times * 99 / 100],
        unit,
        times);
  }
}
