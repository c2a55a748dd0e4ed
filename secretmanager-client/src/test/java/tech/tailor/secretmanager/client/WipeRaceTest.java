package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static tech.tailor.secretmanager.SecretMetadata.unversioned;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Millions of reads beside eviction, invalidation and rotation: each value read is whole. The
 * controls run through the same race.
 */
@Tag("suite")
class WipeRaceTest {

  private static final long READS = Boolean.getBoolean("deep") ? 1_000_000_000L : 20_000_000L;
  private static final int READERS = 2;
  private static final int SIZE = 256;

  /** A value is one byte, again and again, which no rotation has in common with the next. */
  private static final byte[][] GENERATIONS = IntStream.rangeClosed(0, 127)
      .mapToObj(generation -> {
        byte[] bytes = new byte[SIZE];
        Arrays.fill(bytes, (byte) generation);
        return bytes;
      })
      .toArray(byte[][]::new);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger rotations = new AtomicInteger();
  private final Counts counts = new Counts();

  @AfterEach
  void close() throws InterruptedException {
    threads.shutdown();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void readsOfAManager_besideEvictionInvalidationAndRotation_areWhole() throws Exception {
    AtomicLong nanos = new AtomicLong();
    ScriptedBackend backend = new ScriptedBackend(
        ref -> new SecretOutcome.Found(SecretSupport.adopt(generation().clone(), unversioned())));
    List<SecretRef> hot = refs("hot-secret-", 4);
    List<SecretRef> cold = refs("cold-secret-", 16);
    try (SecretManager manager = SecretManagers.builder(backend)
        .maximumEntries(8)
        .ticker(nanos::get)
        .fetchTimeout(Duration.ofMinutes(5))
        .build()) {
      race(
          READS,
          tally -> {
            for (SecretRef ref : hot) {
              manager.withSecret(ref, value -> {
                value.withBytes(tally::judge);
                return null;
              });
              SecretValue copy = manager.requireSecret(ref);
              copy.withBytes(tally::judge);
              copy.close();
              if (tally.reads % 1_024 == 0) {
                tally.requireClosed(copy);
              }
            }
          },
          turn -> {
            rotations.incrementAndGet();
            manager.refresh(hot.get(turn % hot.size()));
          },
          turn -> {
            manager.invalidate(hot.get(turn % hot.size()));
            manager.requireSecret(cold.get(turn % cold.size())).close();
            if (turn % 64 == 0) {
              manager.invalidateAll();
            }
            if (turn % 256 == 0) {
              nanos.addAndGet(Duration.ofHours(2).toNanos());
            }
          });
      System.out.printf(
          "wipe race, manager: %s; %,d loads, %,d rotations, %,d evictions%n",
          counts, backend.calls(), rotations.get(), manager.cacheStats().evictions());

      assertThat(counts.reads).hasValueGreaterThanOrEqualTo(READS);
      assertThat(counts.wrong()).isZero();
      assertThat(counts.closedThatThrew).hasPositiveValue();
      assertThat(manager.cacheStats().evictions()).isPositive();
      assertThat(backend.calls()).isGreaterThan(1_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SECRET_MEMORY", "SECRET_VALUE"})
  void readsOfAHolder_thatIsReplacedAndWiped_areWhole(Kind kind) throws Exception {
    race(kind, READS);

    assertThat(counts.reads).hasValueGreaterThanOrEqualTo(READS);
    assertThat(counts.wrong()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_FLAG", "FLAG_BEFORE_COPY"})
  void control_aHolderThatIsBroken_isCaught(Kind kind) throws Exception {
    for (int attempt = 0; attempt < 100 && counts.wrong() == 0; attempt++) {
      race(kind, READS / 20);
    }

    assertThat(counts.wrong()).isPositive();
  }

  private void race(Kind kind, long reads) throws Exception {
    AtomicReference<Holder> current = new AtomicReference<>(kind.hold(generation()));
    race(
        reads,
        tally -> {
          byte[] target = tally.target;
          if (current.get().copyTo(target)) {
            tally.judge(target);
          } else {
            tally.refused++;
          }
        },
        turn -> {
          rotations.incrementAndGet();
          current.getAndSet(kind.hold(generation())).wipe();
        });
    System.out.printf("wipe race, %s: %s; %,d wipes%n", kind, counts, rotations.get());
  }

  /** Readers, until they have read so often, beside those who disturb them without a pause. */
  private void race(long reads, Reading reading, Disturbance... disturbances) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    List<Future<?>> disturbers = new ArrayList<>();
    for (Disturbance disturbance : disturbances) {
      disturbers.add(threads.submit(() -> {
        for (int turn = 0; !done.get(); turn++) {
          disturbance.disturb(turn);
        }
      }));
    }
    List<Future<Tally>> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      Callable<Tally> reader = () -> {
        Tally tally = new Tally();
        while (tally.reads < reads / READERS) {
          reading.read(tally);
        }
        return tally;
      };
      readers.add(threads.submit(reader));
    }
    try {
      for (Future<Tally> reader : readers) {
        counts.add(reader.get());
      }
    } finally {
      done.set(true);
    }
    for (Future<?> disturber : disturbers) {
      disturber.get();
    }
  }

  private byte[] generation() {
    return GENERATIONS[1 + rotations.get() % 127];
  }

  private static List<SecretRef> refs(String prefix, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> SecretRef.of("default", prefix + i))
        .toList();
  }

  private interface Reading {
    void read(Tally tally);
  }

  private interface Disturbance {
    void disturb(int turn);
  }

  /** What one reader saw. */
  private static final class Tally {

    private final byte[] target = new byte[SIZE];
    private long reads;
    private long refused;
    private long torn;
    private long zeroed;
    private long closedThatThrew;
    private long closedThatAnswered;

    private @Nullable Void judge(byte[] bytes) {
      reads++;
      if (!Arrays.equals(bytes, GENERATIONS[bytes[0] & 127])) {
        torn++;
      } else if (bytes[0] == 0) {
        zeroed++;
      }
      return null;
    }

    private void requireClosed(SecretValue value) {
      try {
        value.revealString();
        closedThatAnswered++;
      } catch (IllegalStateException e) {
        closedThatThrew++;
      }
    }
  }

  /** What all readers saw. */
  private static final class Counts {

    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong torn = new AtomicLong();
    private final AtomicLong zeroed = new AtomicLong();
    private final AtomicLong closedThatThrew = new AtomicLong();
    private final AtomicLong closedThatAnswered = new AtomicLong();

    private void add(Tally tally) {
      reads.addAndGet(tally.reads);
      refused.addAndGet(tally.refused);
      torn.addAndGet(tally.torn);
      zeroed.addAndGet(tally.zeroed);
      closedThatThrew.addAndGet(tally.closedThatThrew);
      closedThatAnswered.addAndGet(tally.closedThatAnswered);
    }

    private long wrong() {
      return torn.get() + zeroed.get() + closedThatAnswered.get();
    }

    @Override
    public String toString() {
      return String.format(
          "%,d reads, %,d refused, %,d torn, %,d zeroed; of closed values %,d threw, %,d answered",
          reads.get(),
          refused.get(),
          torn.get(),
          zeroed.get(),
          closedThatThrew.get(),
          closedThatAnswered.get());
    }
  }

  /** One value, until it is wiped. */
  private interface Holder {

    /** False if it is known to be wiped. */
    boolean copyTo(byte[] target);

    void wipe();
  }

  private enum Kind {
    SECRET_MEMORY {
      @Override
      Holder hold(byte[] bytes) {
        SecretMemory memory = SecretMemory.copyOf(bytes);
        return holder(memory::copyTo, memory::wipe);
      }
    },
    SECRET_VALUE {
      @Override
      Holder hold(byte[] bytes) {
        SecretValue value = SecretValue.copyOf(bytes);
        return holder(
            target -> {
              try {
                value.withBytes(lent -> {
                  System.arraycopy(lent, 0, target, 0, target.length);
                  return null;
                });
                return true;
              } catch (IllegalStateException e) {
                return false;
              }
            },
            value::close);
      }
    },
    NO_FLAG {
      @Override
      Holder hold(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE).put(0, bytes);
        return holder(
            target -> {
              buffer.get(0, target);
              return true;
            },
            () -> buffer.put(0, GENERATIONS[0]));
      }
    },
    FLAG_BEFORE_COPY {
      @Override
      Holder hold(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE).put(0, bytes);
        AtomicBoolean wiped = new AtomicBoolean();
        return holder(
            target -> {
              if (wiped.get()) {
                return false;
              }
              buffer.get(0, target);
              return true;
            },
            () -> {
              wiped.set(true);
              VarHandle.fullFence();
              buffer.put(0, GENERATIONS[0]);
            });
      }
    };

    abstract Holder hold(byte[] bytes);

    private static Holder holder(Predicate<byte[]> copyTo, Runnable wipe) {
      return new Holder() {
        @Override
        public boolean copyTo(byte[] target) {
          return copyTo.test(target);
        }

        @Override
        public void wipe() {
          wipe.run();
        }
      };
    }
  }
}
