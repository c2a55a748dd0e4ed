package tech.tailor.secretmanager.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SecretMaskerTest {

  /** What masks chunks; the control is a broken one. */
  interface Subject {
    byte[] next(byte[] chunk, int length);

    byte[] end();
  }

  private static Subject masker(List<byte[]> secrets) {
    SecretMasker masker = new SecretMasker(secrets);
    return new Subject() {
      @Override
      public byte[] next(byte[] chunk, int length) {
        return masker.next(chunk, length);
      }

      @Override
      public byte[] end() {
        return masker.end();
      }
    };
  }

  /** The control: replaces in each chunk for itself. */
  private static Subject naive(List<byte[]> secrets) {
    return new Subject() {
      @Override
      public byte[] next(byte[] chunk, int length) {
        return byDefinition(Arrays.copyOf(chunk, length), secrets);
      }

      @Override
      public byte[] end() {
        return new byte[0];
      }
    };
  }

  /**
   * What the whole output must be: every byte of every occurrence is hidden, each run by a mark.
   */
  private static byte[] byDefinition(byte[] output, List<byte[]> secrets) {
    boolean[] hidden = new boolean[output.length];
    for (byte[] secret : secrets) {
      for (int at = 0; secret.length > 0 && at + secret.length <= output.length; at++) {
        if (Arrays.equals(output, at, at + secret.length, secret, 0, secret.length)) {
          Arrays.fill(hidden, at, at + secret.length, true);
        }
      }
    }
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    for (int at = 0; at < output.length; at++) {
      if (!hidden[at]) {
        shown.write(output[at]);
      } else if (at == 0 || !hidden[at - 1]) {
        shown.writeBytes(SecretMasker.MARK);
      }
    }
    return shown.toByteArray();
  }

  private static byte[] masked(Subject subject, byte[] output, List<Integer> cuts) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    int from = 0;
    for (int cut : cuts) {
      byte[] chunk = Arrays.copyOfRange(output, from, cut);
      shown.writeBytes(subject.next(chunk, chunk.length));
      from = cut;
    }
    byte[] rest = Arrays.copyOfRange(output, from, output.length);
    shown.writeBytes(subject.next(rest, rest.length));
    shown.writeBytes(subject.end());
    return shown.toByteArray();
  }

  private static List<byte[]> bytes(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
  }

  /** At every pair of places at once. */
  private static int wrongAnswers(
      Function<List<byte[]>, Subject> subject, String output, List<byte[]> secrets) {
    byte[] all = output.getBytes(UTF_8);
    byte[] expected = byDefinition(all, secrets);
    int wrong = 0;
    for (int first = 0; first <= all.length; first++) {
      for (int second = first; second <= all.length; second++) {
        byte[] shown = masked(subject.apply(secrets), all, List.of(first, second));
        wrong += Arrays.equals(shown, expected) ? 0 : 1;
      }
    }
    return wrong;
  }

  @Test
  void aSecretCutAnywhere_isHidden() {
    List<byte[]> secrets = bytes("s3cr3t-välue");
    String output = "before s3cr3t-välue, s3cr3t-s3cr3t-välue\nafter";
    assertThat(wrongAnswers(SecretMaskerTest::masker, output, secrets)).isZero();
    assertThat(wrongAnswers(SecretMaskerTest::naive, output, secrets))
        .as("the control, which forgets what the last chunk ended with")
        .isPositive();
  }

  @Test
  void overlappingSecrets_areHiddenWhole() {
    List<byte[]> secrets = bytes("abcd", "cdef", "bc", "abab", "ab");
    assertThat(wrongAnswers(SecretMaskerTest::masker, "xabcdefx ababab bcbc abcdcdef xcx", secrets))
        .isZero();
    Subject masker = masker(secrets);
    byte[] output = "xabcdefx".getBytes(UTF_8);
    assertThat(new String(masked(masker, output, List.of()), UTF_8)).isEqualTo("x***x");
  }

  @Test
  void anySecretsInAnyOutput_areHiddenAsBySearchingTheWhole() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int wrongByControl = 0;
    for (int run = 0; run < 3_000; run++) {
      List<byte[]> secrets = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(4); i++) {
        secrets.add(text(random, random.nextInt(7)));
      }
      byte[] output = text(random, random.nextInt(60));
      List<Integer> cuts =
          random.ints(random.nextInt(6), 0, output.length + 1).sorted().boxed().toList();
      byte[] expected = byDefinition(output, secrets);
      assertThat(masked(masker(secrets), output, cuts)).as("seed %s", seed).isEqualTo(expected);
      if (!Arrays.equals(masked(naive(secrets), output, cuts), expected)) {
        wrongByControl++;
      }
    }
    assertThat(wrongByControl).as("the control is caught").isPositive();
    System.out.println("masker: 3000 outputs; the control was wrong in " + wrongByControl);
  }

  /** Of few letters, so that secrets occur and overlap. */
  private static byte[] text(Random random, int length) {
    byte[] text = new byte[length];
    for (int at = 0; at < length; at++) {
      text[at] = (byte) ('a' + random.nextInt(3));
    }
    return text;
  }

  @Test
  void aPrompt_appearsBeforeItsLineEnds() {
    SecretMasker masker = new SecretMasker(bytes("secret"));
    byte[] prompt = "Name: ".getBytes(UTF_8);
    assertThat(masker.next(prompt, prompt.length)).isEqualTo(prompt);
    byte[] beginning = "a sec".getBytes(UTF_8);
    assertThat(new String(masker.next(beginning, beginning.length), UTF_8)).isEqualTo("a ");
    assertThat(new String(masker.end(), UTF_8)).isEqualTo("sec");
  }

  @Test
  void theLongestValue_isHidden() {
    byte[] secret = new byte[128 * 1024];
    Arrays.fill(secret, (byte) 'a');
    secret[secret.length - 1] = 'b';
    SecretMasker masker = new SecretMasker(List.of(secret));
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    shown.writeBytes(masker.next(secret, secret.length));
    shown.writeBytes(masker.end());
    assertThat(shown.toByteArray()).isEqualTo(SecretMasker.MARK);
  }

  @Test
  void withoutSecrets_everythingIsShown() {
    byte[] output = "anything".getBytes(UTF_8);
    assertThat(masked(masker(bytes("")), output, List.of(3))).isEqualTo(output);
  }
}
