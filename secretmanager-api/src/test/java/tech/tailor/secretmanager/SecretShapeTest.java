package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
        "(|a|aa)+\\1c",
        "(a|){40}\\1?c",
        "((a*)*b?)*\\2c",
        "(?:a*^?){3}c",
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

  /** Each of them goes on without reading a character, so that nothing could stop its match. */
  static List<String> patternsThatReadNothing() {
    return List.of(
        "^?".repeat(40) + "c",
        "\\G?".repeat(40) + "c",
        "(?:|)".repeat(40) + "c",
        "(?:a?|b?)".repeat(40) + "c",
        "(?:a?)*".repeat(40) + "c",
        "(?:a?)+?".repeat(40) + "c",
        "(a*)" + "\\1?".repeat(40) + "c",
        "(?<n>a*)" + "\\k<n>?".repeat(40) + "c",
        "(a|)" + "(?:\\1|)".repeat(40) + "c",
        "a(?:b(?:|||||||||){9})c",
        "(?:a?b?){2000000000}c",
        "(?:(?:(?:){60000}){60000}){60000}",
        "a{2}{2000000000}{2000000000}",
        "(?:){2000000000}c",
        "(?=" + "^?".repeat(40) + "c)a",
        "(?!" + "^?".repeat(40) + "c)a",
        "(?>" + "^?".repeat(40) + "c)a",
        "(?:" + "^?".repeat(40) + "c)?+a",
        "(?<=a{0,60000})c",
        "(?<!(?<=(?<=a{0,200}){0,200}b{0,200}))c");
  }

  @ParameterizedTest
  @MethodSource("patternsThatReadNothing")
  void patternThatGoesOnWithoutReading_isRefused(String regex) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretShape.pattern(regex))
        .withMessageContaining("more than 10000 steps without reading a character")
        .withMessageContaining("matches one character at least");
  }

  /** What is in front must not hide the rest of the expression, nor look like a part of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]|(?]",
        "[^](]",
        "[\\](]",
        "[a-]",
        "[a&&[^b(]&&[]]]",
        "[\\Q]\\E(]",
        "\\Q(\\]|\\E",
        "\\\\",
        "\\(",
        "\\c(",
        "\\c\\",
        "\\x28",
        "\\x{28}",
        "\\u0028",
        "\\050",
        "\\N{LEFT PARENTHESIS}",
        "\\pL",
        "\\p{IsLatin}",
        "\\P{L}{2}",
        "(?<name>a)\\k<name>",
        "(a)\\1",
        "\\b{g}",
        "\\b\\B\\A",
        "(?i)",
        "(?i-s:a)",
        "(?-i)",
        "a{2}{3}",
        "a*{3}",
        "{3}",
        "a\\Q\\E{2}",
        "]}",
        "\ud83d\udd11{2}",
        "(?>a)",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
      })
  void partOfAnExpression_isReadAsTheJdkReadsIt(String part) {
    assertThat(SecretShape.pattern(part + "b*").rule()).endsWith(part + "b*");
    assertThat(SecretShape.pattern("(?:" + part + "|b)+").rule()).endsWith("|b)+");
    for (String regex : List.of(
        part + "^?".repeat(40),
        part + "(?:" + "^?".repeat(40) + ")",
        "(?:" + part + "|" + "^?".repeat(40) + "c)")) {
      assertThatIllegalArgumentException()
          .as(regex)
          .isThrownBy(() -> SecretShape.pattern(regex))
          .withMessageContaining("without reading a character");
    }
  }

  @Test
  void patternInItsOwnSyntax_isRefused() {
    for (String regex : List.of("(?x)a # b", "(?ix:a )", "(?c)a")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretShape.pattern(regex))
          .withMessageContaining("takes no flag");
    }
    assertThat(matches(SecretShape.pattern("(?i)A"), "a")).isTrue();
    assertThat(matches(SecretShape.pattern("(?-s:a)"), "a")).isTrue();
  }

  @Test
  void quotedPartOfAPattern_meansWhatItMeansInTheJdk() {
    for (String quoted : List.of("a.b", "(1*", "\\", "\\E", "[^\ud83d\udd11]", "", " #\n")) {
      String regex = "(x?)\\1" + Pattern.quote(quoted) + "+\\Q1";

      for (String text : List.of(quoted + "1", "xx" + quoted + "1", quoted, "a1b1")) {
        assertThat(matches(SecretShape.pattern(regex), text))
            .as("%s for %s", regex, text)
            .isEqualTo(Pattern.matches(regex, text));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        "(?=.*[A-Z])(?=.*[a-z])(?=.*\\d)(?=.*[^\\w\\s]).{12,128}",
        "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)",
        "postgres(?:ql)?://[^:@/\\s]+:[^@\\s]+@[\\w.-]+(?::\\d+)?/\\w+(?:\\?\\S*)?",
        "\\s*(?:\\w+\\s*=\\s*[^;]*;\\s*)*",
        "(?<![0-9])a{4000}(?:b?){99}(?<=b{0,63})",
      })
  void patternAsTheyAreWritten_isTaken(String regex) {
    assertThat(SecretShape.pattern(regex).rule()).endsWith(regex);
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
