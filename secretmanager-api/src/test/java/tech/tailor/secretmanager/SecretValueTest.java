package tech.tailor.secretmanager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretValueTest {

  private static final String TEXT = "pässwörd-€-\uD83D\uDD11";

  @Nested
  class AnOpenValue {

    private final SecretValue value = SecretValue.of(TEXT);

    @Test
    void reveals_whatWentIn() {
      assertThat(value.revealString()).isEqualTo(TEXT);
    }

    @Test
    void lendsBytes_andWipesThem() {
      AtomicReference<byte[]> lent = new AtomicReference<>();
      String seen = value.withBytes(bytes -> {
        lent.set(bytes);
        return new String(bytes, UTF_8);
      });

      assertThat(seen).isEqualTo(TEXT);
      assertThat(lent.get()).hasSize(TEXT.getBytes(UTF_8).length).containsOnly(0);
    }

    @Test
    void lendsChars_andWipesThem_evenIfTheUseThrows() {
      AtomicReference<char[]> lent = new AtomicReference<>();

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> value.withChars(chars -> {
            lent.set(chars);
            throw new IOException("of the use");
          }))
          .withMessage("of the use");
      assertThat(lent.get()).hasSize(TEXT.length()).containsOnly('\0');
    }

    @Test
    void whatTheUseDoesToTheLoan_doesNotTouchTheValue() {
      value.<Void, RuntimeException>withBytes(bytes -> {
        Arrays.fill(bytes, (byte) 'x');
        return null;
      });

      assertThat(value.revealString()).isEqualTo(TEXT);
    }

    @Test
    void matches_theSameContentOnly() {
      assertThat(value.matches(TEXT)).isTrue();
      assertThat(value.matches(new StringBuilder(TEXT))).isTrue();
      assertThat(value.matches(TEXT.getBytes(UTF_8))).isTrue();
      assertThat(value.matches(TEXT + "x")).isFalse();
      assertThat(value.matches(TEXT.substring(1))).isFalse();
      assertThat(value.matches("")).isFalse();
      assertThat(value.matches("\uD83D")).isFalse();
      assertThat(value.matches(TEXT.toCharArray())).isTrue();
      assertThat(value.matches("x".toCharArray())).isFalse();
      assertThat(value.matches("x".repeat(10_000_000))).isFalse();
    }

    @Test
    void isEqualToItselfOnly_soThatNoCollectionComparesContents() {
      assertThat(value).isNotEqualTo(SecretValue.of(TEXT));
    }
  }

  @Nested
  class AClosedValue {

    @Test
    void hasWipedItsBytes() {
      byte[] bytes = TEXT.getBytes(UTF_8);
      SecretValue value = SecretValue.adopt(bytes, SecretMetadata.unversioned());
      value.close();

      assertThat(bytes).containsOnly(0);
    }

    @Test
    void refusesEveryRead_andClosesAgain() {
      SecretValue value = SecretValue.of(TEXT);
      value.close();
      value.close();

      assertThatIllegalStateException()
          .isThrownBy(value::revealString)
          .withMessageContaining("closed");
      assertThatIllegalStateException().isThrownBy(() -> value.withBytes(bytes -> bytes.length));
      assertThatIllegalStateException().isThrownBy(() -> value.withChars(chars -> chars.length));
      assertThatIllegalStateException().isThrownBy(() -> value.matches("x"));
      assertThatIllegalStateException().isThrownBy(() -> value.matches("\uD83D"));
    }

    @Test
    void stillTellsItsMetadata() {
      Instant updated = Instant.parse("2026-11-01T00:00:00Z");
      SecretValue value = SecretValue.adopt(new byte[] {1}, SecretMetadata.of(3, updated));
      value.close();

      assertThat(value.version()).isEqualTo(3);
      assertThat(value.updateTime()).contains(updated);
      assertThat(value.freshness()).isEqualTo(Freshness.fresh());
    }
  }

  @Nested
  class OnLoan {

    private final SecretMetadata known = SecretMetadata.of(1, Instant.EPOCH);
    private final SecretMetadata read = SecretMetadata.of(2, Instant.EPOCH);
    private final List<SecretValue> lent = new ArrayList<>();
    private final SecretValue loan = SecretValue.onLoan(
        () -> {
          lent.add(SecretValue.adopt(new byte[] {'t', 'w', 'o'}, read));
          return lent.get(0);
        },
        known);

    @Test
    void isReadWhenSomebodyFirstLooks_andOnce() {
      assertThat(loan.version()).isEqualTo(1);
      assertThat(lent).isEmpty();
      assertThat(loan.revealString()).isEqualTo("two");
      assertThat(loan.matches("two")).isTrue();

      assertThat(lent).hasSize(1);
      assertThat(loan.version()).as("of what was read").isEqualTo(2);
    }

    @Test
    void jsonField_hasTheVersionOfTheTextThatItIsTakenFrom() {
      SecretValue json = SecretValue.onLoan(
          () -> SecretValue.adopt("{\"user\":\"two\"}".getBytes(UTF_8), read), known);

      assertThat(json.<Long, RuntimeException>withJsonField("user", SecretValue::version))
          .isEqualTo(2);
      json.close();
    }

    @Test
    void closing_wipesWhatWasRead_andRefusesEveryRead() {
      loan.revealString();
      loan.close();

      assertThatIllegalStateException().isThrownBy(loan::revealString);
      assertThatIllegalStateException().isThrownBy(lent.get(0)::revealString);
    }

    @Test
    void closedBeforeAnybodyLooked_readsNothing() {
      loan.close();

      assertThatIllegalStateException().isThrownBy(loan::revealString);
      assertThat(lent).isEmpty();
    }

    @Test
    void closedWhileItIsRead_wipesWhatWasRead_andRefusesTheLook() {
      List<SecretValue> loans = new ArrayList<>();
      SecretValue closing = SecretValue.onLoan(
          () -> {
            loans.get(0).close();
            lent.add(SecretValue.adopt(new byte[] {'t', 'w', 'o'}, read));
            return lent.get(0);
          },
          known);
      loans.add(closing);

      assertThatIllegalStateException().isThrownBy(closing::revealString);
      assertThatIllegalStateException().isThrownBy(lent.get(0)::revealString);
      assertThat(closing.version()).as("of nothing that was read").isEqualTo(1);
    }

    @Test
    void lookWhileItIsRead_isOfTheFirstThatCame_andTheOtherIsWiped() {
      List<SecretValue> loans = new ArrayList<>();
      SecretValue nested = SecretValue.onLoan(
          () -> {
            SecretValue value = SecretValue.of("value-" + lent.size());
            lent.add(value);
            if (lent.size() == 1) {
              loans.get(0).revealString();
            }
            return value;
          },
          known);
      loans.add(nested);

      assertThat(nested.revealString()).isEqualTo("value-1");
      assertThatIllegalStateException().isThrownBy(lent.get(0)::revealString);
      assertThat(lent.get(1).revealString()).isEqualTo("value-1");
    }

    @Test
    void failureOfTheLender_isForWhoLooks_andTheNextLookReadsAgain() {
      AtomicInteger looks = new AtomicInteger();
      SecretValue failing = SecretValue.onLoan(
          () -> {
            if (looks.incrementAndGet() == 1) {
              throw new SecretUnavailableException("down");
            }
            return SecretValue.of("up");
          },
          known);

      assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(failing::revealString);
      assertThat(failing.revealString()).isEqualTo("up");
    }
  }

  @Test
  void copyOf_doesNotKeepTheCallersArray() {
    byte[] bytes = {1, 2, 3};
    char[] chars = {'a', 'b'};
    SecretValue fromBytes = SecretValue.copyOf(bytes);
    SecretValue fromChars = SecretValue.copyOf(chars);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(chars, 'x');

    assertThat(fromBytes.matches(new byte[] {1, 2, 3})).isTrue();
    assertThat(fromChars.matches("ab")).isTrue();
  }

  @Test
  void binaryValue_isNotText() {
    SecretValue value = SecretValue.copyOf(new byte[] {(byte) 0xff, 0, (byte) 0xc0});

    assertThatExceptionOfType(SecretEncodingException.class)
        .isThrownBy(value::revealString)
        .withMessageContaining("withBytes");
    assertThat(value.matches(new byte[] {(byte) 0xff, 0, (byte) 0xc0})).isTrue();
  }

  @Test
  void textWithWhatADecoderLost_isRefused_andBytesAreNot() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.of("p\ufffdssword"))
        .withMessageContaining("U+FFFD")
        .withMessageContaining("LANG=C.UTF-8")
        .withMessageNotContaining("ssword");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.copyOf(new char[] {'p', '\ufffd'}))
        .withMessageContaining("U+FFFD");
    try (SecretValue value = SecretValue.copyOf("p\ufffd".getBytes(UTF_8))) {
      assertThat(value.revealString()).isEqualTo("p\ufffd");
    }
  }

  @Test
  void unpairedSurrogate_isRefused_ratherThanReplaced() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.of("a\uD83Db"))
        .withMessageContaining("surrogate");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.copyOf(new char[] {'\uDD11'}));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, SecretValue.MAX_SIZE_BYTES - 1, SecretValue.MAX_SIZE_BYTES})
  void sizesUpToTheLimit_areHeld(int size) {
    assertThat(SecretValue.copyOf(new byte[size])
            .<Integer, RuntimeException>withBytes(bytes -> bytes.length))
        .isEqualTo(size);
  }

  @Test
  void oneByteMore_isRefused_andTheAdoptedArrayWiped() {
    byte[] bytes = new byte[SecretValue.MAX_SIZE_BYTES + 1];
    Arrays.fill(bytes, (byte) 7);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.adopt(bytes, SecretMetadata.unversioned()))
        .withMessageContaining("131072");
    assertThat(bytes).containsOnly(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretValue.of("x".repeat(SecretValue.MAX_SIZE_BYTES + 1)));
  }

  @Test
  void adoptedArray_isWipedAlsoIfTheMetadataIsMissing() {
    byte[] bytes = {1, 2, 3};

    assertThatNullPointerException()
        .isThrownBy(() -> SecretValue.adopt(bytes, null))
        .withMessage("metadata");
    assertThat(bytes).containsOnly(0);
  }

  @Test
  void showsItselfNowhere() {
    SecretValue value = SecretValue.of("canary-value");

    assertThat(value).hasToString("SecretValue[redacted]");
    assertThatExceptionOfType(NotSerializableException.class)
        .isThrownBy(() -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(value));
    assertThat(Stream.of(SecretValue.class.getMethods())
            .filter(method ->
                !Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0)
            .map(java.lang.reflect.Method::getName)
            .filter(name -> !name.equals("getClass"))
            .filter(name -> name.matches("(get|is)[A-Z].*")))
        .as("nothing that a JSON mapper takes for a property")
        .isEmpty();
  }

  /**
   * A reader that races with close gets the whole value or an exception; the control shows that the
   * race is run.
   */
  @Test
  void readRacingWithClose_isWholeOrRefused() throws InterruptedException {
    int wrong = 0;
    int whole = 0;
    int refused = 0;
    byte[] expected = new byte[4096];
    Arrays.fill(expected, (byte) 0x5a);
    for (int round = 0; round < 3_000; round++) {
      SecretValue value = SecretValue.copyOf(expected);
      CountDownLatch reading = new CountDownLatch(1);
      Thread closer = new Thread(() -> {
        try {
          reading.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        value.close();
      });
      closer.start();
      reading.countDown();
      try {
        while (true) {
          if (value.matches(expected)) {
            whole++;
          } else {
            wrong++;
          }
        }
      } catch (IllegalStateException e) {
        refused++;
      }
      closer.join();
    }
    System.out.printf(
        "close race: %d whole, %d refused, %d torn or wiped%n", whole, refused, wrong);
    assertThat(wrong).isZero();
    assertThat(refused).isEqualTo(3_000);
    assertThat(whole).isPositive();
  }
}
