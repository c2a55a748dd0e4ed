package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Random;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretShapeTest {

  @Test
  void length_countsBytes() {
    SecretShape shape = SecretShape.length(2, 3);

    assertThat(matches(shape, "x")).isFalse();
    assertThat(matches(shape, "xx")).isTrue();
    assertThat(matches(shape, "\u00e4x")).isTrue();
    assertThat(matches(shape, "\u00e4\u00e4")).isFalse();
    assertThat(shape.rule()).isEqualTo("must have 2 to 3 bytes");
    assertThat(SecretShape.length(32, 32).rule()).isEqualTo("must have 32 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.length(-1, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.length(4, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretShape.length(0, SecretValue.MAX_SIZE_BYTES + 1));
  }

  @Test
  void pattern_matchesTheWhole() {
    SecretShape shape = SecretShape.pattern("sk_[a-z]+");

    assertThat(matches(shape, "sk_abc")).isTrue();
    assertThat(matches(shape, "sk_abc!")).isFalse();
    assertThat(matches(shape, "xsk_abc")).isFalse();
    assertThat(shape.rule()).isEqualTo("must match the pattern sk_[a-z]+");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretShape.pattern("sk_["))
        .withCauseInstanceOf(PatternSyntaxException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.pattern("x".repeat(1_001)));
  }

  @Test
  void rule_isOneLine() {
    assertThat(SecretShape.pattern("a\n\u001b[b]").rule())
        .isEqualTo("must match the pattern a\\u000a\\u001b[b]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretShape.pattern("\\p{x\ny}"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void patternThatRecursesTooDeep_doesNotMatch() {
    assertThat(matches(SecretShape.pattern("(a|b)*"), "ab".repeat(32_000))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "0",
        "-0.5e+10",
        "null",
        " true\n",
        "\"a\\u00e4\\n\"",
        "{\"a\": [1, 2, {\"b\": \"\"}], \"c\":false}"
      })
  void json_isRecognised(String text) {
    assertThat(matches(SecretShape.json(), text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\"}",
        "{\"a\":1,}",
        "01",
        "1.",
        "1e",
        "+1",
        "tru",
        "nul",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "1 2",
        "{}x",
        "[1 2]",
        "\\",
        "\"\\\u0000\"",
        "\u0000"
      })
  void whatIsNoJson_isNot(String text) {
    assertThat(matches(SecretShape.json(), text)).isFalse();
  }

  @Test
  void jsonNestedTooDeep_isNot() {
    assertThat(matches(SecretShape.json(), "[".repeat(64) + "]".repeat(64))).isTrue();
    assertThat(matches(SecretShape.json(), "[".repeat(65) + "]".repeat(65))).isFalse();
    assertThat(matches(SecretShape.json(), "[".repeat(60_000))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://user:p%20w@host:1/a?b=c#d",
        "jdbc:postgresql://host/db",
        "urn:x",
        "https://[::1]/",
        "mailto:a@b"
      })
  void uri_isRecognised(String text) {
    assertThat(matches(SecretShape.uri(), text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host/path",
        "://host",
        "1a:b",
        "http:",
        "a b:c",
        "a:b c",
        "a:%",
        "a:%2",
        "a:%2g",
        "a:\u00e4",
        "a:b\n",
        "a:<b>"
      })
  void whatIsNoUri_isNot(String text) {
    assertThat(matches(SecretShape.uri(), text)).isFalse();
  }

  @Test
  void uriOfTheJdk_isOneHere() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String characters = "a1-._~:/?#@!$&'()*+,;=% <>\"{}|^`\\";
    int parsed = 0;
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder("ab:");
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(characters.charAt(random.nextInt(characters.length())));
      }
      try {
        new URI(text.toString());
      } catch (URISyntaxException e) {
        continue;
      }
      parsed++;
      assertThat(matches(SecretShape.uri(), text.toString()))
          .as("%s, seed %d", text, seed)
          .isTrue();
    }
    assertThat(parsed).isGreaterThan(1_000);
  }

  @Test
  void pem_isRecognised() throws Exception {
    byte[] key =
        KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate().getEncoded();
    String block = pem("PRIVATE KEY", key);

    assertThat(matches(SecretShape.pem(), block)).isTrue();
    assertThat(matches(SecretShape.pem(), "\n" + block + "\n" + pem("CERTIFICATE", key)))
        .isTrue();
    assertThat(matches(SecretShape.pem(), block.replace("\n", "\r\n"))).isTrue();
    assertThat(matches(
            SecretShape.pem(),
            block.replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n")))
        .isTrue();
    assertThat(matches(
            SecretShape.pem(),
            block
                .replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n")
                .replace("\n", "\r\n")))
        .as("with the line ends of Windows")
        .isTrue();
  }

  @Test
  void textThatExplainsABlock_isTaken() {
    String block = pem("CERTIFICATE", new byte[48]);
    String shown = "Certificate:\n    Data:\n        Version: 3 (0x2)\n"
        + "        Subject: CN=\u00e4 -----\n------\n    2f:5e=\n";

    assertThat(matches(SecretShape.pem(), shown + block)).isTrue();
    assertThat(matches(SecretShape.pem(), (shown + block).replace("\n", "\r\n")))
        .isTrue();
    assertThat(matches(
            SecretShape.pem(),
            "Bag Attributes\n    friendlyName: x\n" + block + "Key Attributes: <No Attributes>\n"
                + pem("PRIVATE KEY", new byte[48]) + "\n\n"))
        .as("as openssl pkcs12 writes them")
        .isTrue();
  }

  @Test
  void whatIsNoPem_isNot() {
    String block = pem("KEY", new byte[48]);

    assertThat(matches(SecretShape.pem(), "")).isFalse();
    assertThat(matches(SecretShape.pem(), "text")).isFalse();
    assertThat(matches(SecretShape.pem(), block + "text")).isFalse();
    assertThat(matches(SecretShape.pem(), "-----END KEY-----\n" + block)).isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN KEY-----\ntext\n" + block))
        .isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN KEY\n" + block)).isFalse();
    assertThat(matches(SecretShape.pem(), block.replace("END KEY", "END KEX"))).isFalse();
    assertThat(matches(SecretShape.pem(), block.replace("END KEY", "END KEYS"))).isFalse();
    assertThat(matches(SecretShape.pem(), block.replaceFirst("A", "!"))).isFalse();
    assertThat(matches(SecretShape.pem(), block.replaceFirst("A", ""))).isFalse();
    assertThat(matches(SecretShape.pem(), block.substring(0, block.length() - 6)))
        .isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN KEY-----\n-----END KEY-----\n"))
        .isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN -----END -----")).isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN KEY-----\na: b")).isFalse();
    assertThat(matches(SecretShape.pem(), "-----BEGIN KEY-----\na: b\n\n")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a*)*\\1c",
        "(a|aa)+\\1?c",
        "(?:a+)+(?=c)c",
        "(.*)*\\1x",
        "(a?){40}a{40}\\1c",
        "(([a-z])+.)+\\2[A-Z]([a-z])+",
      })
  void patternThatBacktracksWithoutEnd_isGivenUp_andTheRuleSaysSo(String regex) {
    DeclaredSecret secret = SecretDefinition.defineSecret("orders")
        .secret("token", declared -> declared.shape(SecretShape.pattern(regex)))
        .build()
        .secrets()
        .get(0);

    try (SecretValue value = SecretValue.of("a".repeat(40) + "!")) {
      assertThat(SecretShape.pattern(regex).matches(value)).isFalse();
      assertThat(secret.brokenRules(value))
          .singleElement()
          .asString()
          .startsWith("must match the pattern " + regex);
    }
  }

  @Test
  void patternThatWasGivenUp_saysSo_andNothingOfTheValue() {
    try (SecretValue value = SecretValue.of("a".repeat(40))) {
      assertThat(SecretShape.pattern("(a*)*\\1c").broken(value))
          .contains("given up after 10000000 steps")
          .contains("each part can match in one way only")
          .doesNotContain("aaa");
    }
  }

  @Test
  void valueOfTheLargestSize_isMatchedByAPatternOfFewParts() {
    String large = "ab".repeat(32_768);

    assertThat(matches(SecretShape.pattern("(?:ab)+"), large)).isTrue();
    assertThat(matches(SecretShape.pattern(".*b.*a.*b"), large)).isTrue();
    assertThat(matches(SecretShape.pattern("[ab]+c"), large)).isFalse();
  }

  @Test
  void valueThatIsNoText_matchesNoShapeOfText() {
    try (SecretValue value = SecretValue.copyOf(new byte[] {(byte) 0xff})) {
      assertThat(SecretShape.json().matches(value)).isFalse();
      assertThat(SecretShape.pattern(".*").matches(value)).isFalse();
      assertThat(SecretShape.length(1, 1).matches(value)).isTrue();
    }
  }

  @Test
  void checkOfOnesOwn_mayFail_andSaysNothing() {
    SecretShape shape = SecretShape.of("must be made up", value -> {
      throw new IllegalStateException(value.revealString());
    });

    assertThat(matches(shape, "made up")).isFalse();
    assertThat(matches(SecretShape.of("must be", value -> value.matches("x")), "x"))
        .isTrue();
    assertThat(shape).hasToString("SecretShape[must be made up]");
  }

  @Test
  void closedValue_isNoAnswer() {
    SecretValue closed = SecretValue.of("x");
    closed.close();

    assertThatIllegalStateException().isThrownBy(() -> SecretShape.json().matches(closed));
    assertThatIllegalStateException()
        .isThrownBy(() -> SecretShape.of("must be", value -> true).matches(closed));
  }

  private static boolean matches(SecretShape shape, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return shape.matches(value);
    }
  }

  private static String pem(String label, byte[] content) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }
}
