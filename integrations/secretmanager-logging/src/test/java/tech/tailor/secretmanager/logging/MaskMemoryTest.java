package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class MaskMemoryTest {

  @TempDir
  private Path directory;

  /** A value that is made here, so that nothing else of the process has it. */
  private static byte[] canary(byte[] pad) {
    byte[] half = new byte[12];
    new SecureRandom().nextBytes(half);
    byte[] canary = HexFormat.of().formatHex(half).getBytes(US_ASCII);
    for (int at = 0; at < canary.length; at++) {
      pad[at] = (byte) (canary[at] ^ 0x55);
    }
    return canary;
  }

  /** In a method of its own, so that no local of the test holds it. */
  private static byte[] addNewCanary(SecretMask mask) {
    byte[] pad = new byte[24];
    byte[] canary = canary(pad);
    try (SecretValue value = SecretValue.copyOf(canary)) {
      mask.add(SecretRef.of("default", "canary"), value);
    }
    Arrays.fill(canary, (byte) 0);
    return pad;
  }

  @Test
  void heap_holdsNoValueThatIsMasked() throws IOException {
    SecretMask mask = SecretMask.create();
    byte[] pad = addNewCanary(mask);
    Path dump = directory.resolve("heap.hprof");
    dump(dump);
    String canary = unpadded(pad);
    assertThat(occurrences(dump, canary)).isZero();
    assertThat(mask.mask(canary)).isEqualTo("***");

    Files.delete(dump);
    dump(dump);
    assertThat(occurrences(dump, canary))
        .as("the control: a String that is held")
        .isPositive();
    assertThat(canary).hasSize(24);
  }

  private static String unpadded(byte[] pad) {
    byte[] canary = pad.clone();
    for (int at = 0; at < canary.length; at++) {
      canary[at] ^= 0x55;
    }
    return new String(canary, US_ASCII);
  }

  private static void dump(Path file) throws IOException {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(file.toString(), true);
  }

  private static int occurrences(Path file, String text) throws IOException {
    byte[] dump = Files.readAllBytes(file);
    String all = new String(dump, java.nio.charset.StandardCharsets.ISO_8859_1);
    int count = 0;
    for (byte[] form : new byte[][] {text.getBytes(US_ASCII), text.getBytes(UTF_16LE)}) {
      String sought = new String(form, java.nio.charset.StandardCharsets.ISO_8859_1);
      for (int at = all.indexOf(sought); at >= 0; at = all.indexOf(sought, at + 1)) {
        count++;
      }
    }
    return count;
  }
}
