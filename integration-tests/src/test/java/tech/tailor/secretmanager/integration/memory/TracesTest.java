package tech.tailor.secretmanager.integration.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/** The scanner finds what is planted, and counts it once. */
class TracesTest {

  private final byte[] secret = SubjectProcess.randomSecret(64);
  private final Traces traces = Traces.of(secret);

  @Test
  void negativeControl_everyFormIsFound_wholeOrInPart() {
    byte[] swapped = new byte[64];
    for (int i = 0; i < 64; i++) {
      swapped[i / 4 * 4 + 3 - i % 4] = secret[i];
    }
    String hex = HexFormat.of().formatHex(secret);

    assertThat(find(secret)).isEqualTo(new Found(1, 0));
    assertThat(find(swapped)).isEqualTo(new Found(1, 0));
    assertThat(find(hex.getBytes(US_ASCII))).isEqualTo(new Found(1, 0));
    assertThat(find(Arrays.copyOfRange(secret, 20, 28))).isEqualTo(new Found(0, 1));
    assertThat(find(Arrays.copyOfRange(secret, 20, 27))).isEqualTo(Found.NOTHING);
  }

  @Test
  void fragmentInHexadecimal_countsFromEightBytesOfTheSecret() {
    String hex = HexFormat.of().formatHex(secret);

    assertThat(find(hex.substring(40, 56).getBytes(US_ASCII))).isEqualTo(new Found(0, 1));
    assertThat(find(hex.substring(40, 54).getBytes(US_ASCII)))
        .as("seven bytes, which a random number may have too")
        .isEqualTo(Found.NOTHING);
  }

  private Found find(byte[] planted) {
    byte[] haystack = new byte[10_000];
    System.arraycopy(planted, 0, haystack, 4_321, planted.length);
    return traces.in(haystack);
  }
}
