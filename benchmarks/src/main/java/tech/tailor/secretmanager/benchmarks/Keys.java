package tech.tailor.secretmanager.benchmarks;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tech.tailor.secretmanager.SecretRef;

/** Which secret each thread reads next. */
@State(Scope.Thread)
public class Keys {

  /** Any of them at random, or all threads the same one. */
  public enum Choice {
    MANY,
    ONE
  }

  static final int BATCH_SIZE = 10;

  @Param
  public Choice keys = Choice.MANY;

  private final String[] names = Secrets.NAMES.toArray(String[]::new);
  private final SecretRef[] refs = Secrets.NAMES.stream()
      .map(name -> SecretRef.of(Secrets.VAULT, name))
      .toArray(SecretRef[]::new);
  private final List<List<String>> batches = IntStream.range(0, Secrets.COUNT)
      .mapToObj(start -> IntStream.range(0, BATCH_SIZE)
          .mapToObj(step -> names[(start + 97 * step) % Secrets.COUNT])
          .toList())
      .toList();
  private int random = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);

  String name() {
    return names[next()];
  }

  SecretRef ref() {
    return refs[next()];
  }

  List<String> batch() {
    return batches.get(next());
  }

  /** Marsaglia's xorshift: a random index for a nanosecond. */
  private int next() {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return keys == Choice.ONE ? 0 : random & (Secrets.COUNT - 1);
  }
}
