package tech.tailor.secretmanager.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretMemoryTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 127, 128, 129, 512, 4095, 4096, 4097, 65_536})
  void holdsUntilWiped(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0x5a);
    SecretMemory memory = SecretMemory.copyOf(bytes);
    byte[] copy = new byte[size];

    assertThat(memory.sizeBytes()).isEqualTo(size);
    assertThat(memory.copyTo(copy)).isTrue();
    assertThat(copy).isEqualTo(bytes);

    memory.wipe();
    memory.wipe();

    assertThat(memory.copyTo(copy)).isFalse();
    assertThat(copy).isEqualTo(new byte[size]);
    assertThat(memory).hasToString("SecretMemory[redacted]");
  }

  @Test
  void targetOfAnotherSize_isRefused() {
    SecretMemory memory = SecretMemory.copyOf(new byte[] {1, 2, 3});

    assertThatIllegalArgumentException().isThrownBy(() -> memory.copyTo(new byte[2]));
    assertThatIllegalArgumentException().isThrownBy(() -> memory.copyTo(new byte[4]));
  }

  @Test
  void wipe_leavesTheNeighboursAsTheyAre() {
    List<byte[]> plaintexts = new ArrayList<>();
    List<SecretMemory> memories = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      byte[] plaintext = new byte[i % 300];
      Arrays.fill(plaintext, (byte) (1 + i % 127));
      plaintexts.add(plaintext);
      memories.add(SecretMemory.copyOf(plaintext));
    }

    for (int i = 0; i < memories.size(); i += 2) {
      memories.get(i).wipe();
    }

    for (int i = 0; i < memories.size(); i++) {
      boolean kept = i % 2 == 1;
      byte[] copy = new byte[memories.get(i).sizeBytes()];
      assertThat(memories.get(i).copyTo(copy)).isEqualTo(kept);
      assertThat(copy).isEqualTo(kept ? plaintexts.get(i) : new byte[copy.length]);
    }
  }

  @Test
  void memoriesMadeByManyThreads_lieEachInAPlaceOfTheirOwn() {
    List<SecretMemory> memories = IntStream.range(0, 20_000)
        .parallel()
        .mapToObj(i -> SecretMemory.copyOf(ByteBuffer.allocate(4).putInt(i).array()))
        .toList();

    for (int i = 0; i < memories.size(); i++) {
      byte[] copy = new byte[4];
      assertThat(memories.get(i).copyTo(copy)).isTrue();
      assertThat(ByteBuffer.wrap(copy).getInt()).isEqualTo(i);
    }
  }

  @Test
  void whatMoreIsKeptOfAPlaintext_mayLieBesideIt() {
    final class Named extends SecretMemory {

      private final String name;

      private Named(String name, byte[] bytes) {
        super(bytes);
        this.name = name;
      }
    }

    final class Twice extends SecretMemory implements Cloneable {

      private Twice() {
        super(new byte[] {1});
      }

      private void copyItself() throws CloneNotSupportedException {
        clone();
      }
    }

    Named named = new Named("api-key", new byte[] {1, 2, 3});
    byte[] copy = new byte[3];

    assertThat(named.name).isEqualTo("api-key");
    assertThat(named.copyTo(copy)).isTrue();
    assertThat(copy).containsExactly(1, 2, 3);
    assertThat(named).hasToString("SecretMemory[redacted]");
    assertThatExceptionOfType(CloneNotSupportedException.class)
        .isThrownBy(() -> new Twice().copyItself());
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 4096})
  void readRacingWithWipe_isWholeOrRefused(int size) throws InterruptedException {
    Race<SecretMemory> race =
        new Race<>(size, SecretMemory::copyOf, SecretMemory::copyTo, SecretMemory::wipe);
    race.run(() -> race.wipes >= 20_000 && race.refused > 0);

    System.out.printf("wipe race: %s%n", race);
    assertThat(race.bad).isZero();
    assertThat(race.good).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 4096})
  void negativeControl_aFlagThatIsCheckedBeforeTheCopyIsTooEarly(int size)
      throws InterruptedException {
    Race<CheckedTooEarly> race =
        new Race<>(size, CheckedTooEarly::new, CheckedTooEarly::copyTo, CheckedTooEarly::wipe);
    race.run(() -> race.bad > 0);

    System.out.printf("wipe race, control: %s%n", race);
    assertThat(race.bad)
        .as("the harness catches what the order of flag and copy is for")
        .isPositive();
  }

  /** As {@link SecretMemory}, but for the order. */
  private static final class CheckedTooEarly {

    private final ByteBuffer buffer;
    private volatile boolean wiped;

    private CheckedTooEarly(byte[] bytes) {
      this.buffer = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
    }

    private boolean copyTo(byte[] target) {
      if (wiped) {
        return false;
      }
      buffer.get(0, target);
      return true;
    }

    private void wipe() {
      wiped = true;
      buffer.put(0, new byte[buffer.capacity()]);
    }
  }

  /** One thread replaces and wipes, another one reads. */
  private static final class Race<M> {

    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final byte[] plaintext;
    private final Function<byte[], M> make;
    private final BiPredicate<M, byte[]> copy;
    private final Consumer<M> wipe;
    private volatile long wipes;
    private long good;
    private long refused;
    private long bad;

    private Race(
        int size, Function<byte[], M> make, BiPredicate<M, byte[]> copy, Consumer<M> wipe) {
      this.plaintext = new byte[size];
      this.make = make;
      this.copy = copy;
      this.wipe = wipe;
      Arrays.fill(plaintext, (byte) 0x5a);
    }

    private void run(BooleanSupplier enough) throws InterruptedException {
      AtomicReference<M> current = new AtomicReference<>(make.apply(plaintext));
      AtomicBoolean done = new AtomicBoolean();
      Thread wiper = new Thread(() -> {
        while (!done.get()) {
          wipe.accept(current.getAndSet(make.apply(plaintext)));
          wipes++;
        }
      });
      wiper.start();
      byte[] target = new byte[plaintext.length];
      long beginNanos = System.nanoTime();
      while (!enough.getAsBoolean() && System.nanoTime() - beginNanos < MOST_NANOS) {
        if (!copy.test(current.get(), target)) {
          refused++;
        } else if (Arrays.equals(target, plaintext)) {
          good++;
        } else {
          bad++;
        }
      }
      done.set(true);
      wiper.join();
    }

    @Override
    public String toString() {
      return good + " whole, " + refused + " refused, " + bad + " torn or wiped, " + wipes
          + " wipes";
    }
  }
}
