package tech.tailor.secretmanager.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class SoughtValuesTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final String VALUE = "s3cret+/ÿ \"v\\lue\" ü?>";

  private static final byte[] BYTES = {0, -1, -2, 5, (byte) 0x80, 77, -61, 40, 9, -128, 127};

  private final SoughtValues sought = new SoughtValues();

  static Stream<String> printed() {
    byte[] bytes = VALUE.getBytes(UTF_8);
    return Stream.of(
        VALUE,
        Base64.getEncoder().encodeToString(bytes),
        Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
        Base64.getEncoder().encodeToString(("user:" + VALUE).getBytes(UTF_8)),
        Base64.getEncoder().encodeToString(("some-user:" + VALUE + ":").getBytes(UTF_8)),
        Base64.getUrlEncoder().encodeToString(("user1:" + VALUE + "!").getBytes(UTF_8)),
        HexFormat.of().formatHex(bytes),
        HexFormat.of().withUpperCase().formatHex(bytes),
        URLEncoder.encode(VALUE, UTF_8),
        URLEncoder.encode(VALUE, UTF_8).replace("+", "%20"),
        URLEncoder.encode(VALUE, UTF_8)
            .replace("%2B", "%2b")
            .replace("%2F", "%2f")
            .replace("%C3%BF", "%c3%bf")
            .replace("%C3%BC", "%c3%bc")
            .replace("%5C", "%5c")
            .replace("%3F%3E", "%3f%3e"),
        "{\"key\":\"" + VALUE.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}",
        Arrays.toString(VALUE.toCharArray()),
        listed(bytes, i -> String.valueOf(bytes[i]), ","),
        listed(bytes, i -> String.valueOf(bytes[i]), ", "),
        listed(bytes, i -> String.valueOf(bytes[i]), ",\n    "),
        listed(bytes, i -> String.valueOf(bytes[i] & 0xff), ", "),
        listed(bytes, i -> String.format("0x%02X", bytes[i]), ", "),
        listed(bytes, i -> String.format("0x%02x", bytes[i]), ",\r\n\t"));
  }

  private static String listed(byte[] bytes, IntFunction<String> one, String separator) {
    return IntStream.range(0, bytes.length)
        .mapToObj(one)
        .collect(Collectors.joining(separator, "[", "]"));
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("printed")
  void value_isFound_howeverItIsPrinted(String printed) {
    sought.add(REF, SecretValue.of(VALUE));
    assertThat(sought.in("before " + printed + " after")).containsExactly(REF);
    assertThat(sought.in("before " + printed.substring(0, printed.length() / 2) + " after"))
        .as("control: half of it")
        .isEmpty();
  }

  /** Encoders choose for themselves what to leave alone. */
  @Test
  void value_isFound_whateverAnEncoderEscapes() throws URISyntaxException {
    String value = "a~b!c'd(e)f@g:h i=<j>&k\b\f\u0001+100%ü";
    sought.add(REF, SecretValue.of(value));
    String byUri = new URI(null, null, "/" + value, null).toASCIIString();
    assertThat(byUri).contains("~", "!", "'", "@", ":", "%20", "%3C", "%C3%BC");
    String asGson = value
        .replace("'", "\\u0027")
        .replace("=", "\\u003d")
        .replace("<", "\\u003C")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\b", "\\b")
        .replace("\f", "\\f")
        .replace("\u0001", "\\u0001");
    for (String printed : List.of(
        byUri,
        asGson,
        asGson.replace("ü", "\\u00fc"),
        "/" + URLEncoder.encode(value, UTF_8).replace("%7E", "~"),
        "?" + URLEncoder.encode(value, UTF_8).replace("+", "%20"))) {
      assertThat(sought.in(printed)).as(printed).containsExactly(REF);
      assertThat(sought.in(printed.substring(0, printed.length() - 1)))
          .as("control: all but the end")
          .isEmpty();
    }
  }

  @Test
  void shortValue_isNotSought() {
    sought.add(REF, SecretValue.of("1234567"));
    assertThat(sought.in("1234567")).isEmpty();
    sought.add(REF, SecretValue.of("12345678"));
    assertThat(sought.in("12345678")).containsExactly(REF);
  }

  static Stream<String> printedBytes() {
    return Stream.of(
        Base64.getEncoder().encodeToString(BYTES),
        "{\"key\":\"" + Base64.getUrlEncoder().encodeToString(BYTES) + "\"}",
        HexFormat.of().formatHex(BYTES),
        Arrays.toString(BYTES),
        new String(BYTES, ISO_8859_1),
        URLEncoder.encode(new String(BYTES, ISO_8859_1), UTF_8));
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("printedBytes")
  void bytesThatAreNoText_areFound(String printed) {
    sought.add(REF, SecretValue.copyOf(BYTES));
    assertThat(sought.in("before " + printed + " after")).containsExactly(REF);
    assertThat(sought.in("before " + printed.substring(0, printed.length() / 2) + " after"))
        .as("control: half of it")
        .isEmpty();
  }

  @Test
  void otherText_isNoFinding() {
    Random random = new Random(7);
    sought.add(REF, SecretValue.of(VALUE));
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = new byte[300];
      random.nextBytes(bytes);
      assertThat(sought.in(Base64.getEncoder().encodeToString(bytes))).isEmpty();
      assertThat(sought.in(HexFormat.of().formatHex(bytes))).isEmpty();
    }
  }
}
