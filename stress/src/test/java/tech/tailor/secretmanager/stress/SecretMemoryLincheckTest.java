package tech.tailor.secretmanager.stress;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.spi.SecretMemory;

/** A memory is whole until it is wiped, and refused from then on, in whatever order it is used. */
@Tag("suite")
class SecretMemoryLincheckTest {

  @Test
  void modelChecking() {
    Checker.modelCheck(Memory.class, UntilWiped.class);
  }

  @Test
  void stress() {
    Checker.stress(Memory.class, UntilWiped.class);
  }

  @Test
  void control_aMemoryWithoutAFlag_isCaught() {
    Checker.modelCheckFinds(NoFlag.class, UntilWiped.class);
  }

  @Test
  void control_aWipeThatSetsItsFlagLast_isCaught() {
    Checker.modelCheckFinds(ZeroedFirst.class, UntilWiped.class);
  }

  @Test
  void control_aFlagThatIsReadBeforeTheCopy_isCaught() {
    Checker.modelCheckFinds(FlagBeforeCopy.class, UntilWiped.class);
  }

  /** What it should be like. */
  public static class UntilWiped {

    private boolean wiped;

    public int copy() {
      return wiped ? Plaintext.REFUSED : Plaintext.WHOLE;
    }

    public void wipe() {
      wiped = true;
    }
  }

  /** What it is. */
  public static class Memory {

    private final SecretMemory memory = SecretMemory.copyOf(Plaintext.fresh());

    public Memory() {
      Checker.BEGUN.incrementAndGet();
    }

    @Operation
    public int copy() {
      byte[] target = new byte[memory.sizeBytes()];
      return memory.copyTo(target) ? Plaintext.judge(target) : Plaintext.judgeRefused(target);
    }

    @Operation
    public void wipe() {
      memory.wipe();
    }
  }

  /** Broken: the zeros may be seen before the flag is. */
  public static class ZeroedFirst {

    private final ByteBuffer buffer =
        ByteBuffer.allocateDirect(Plaintext.SIZE_BYTES).put(0, Plaintext.fresh());
    private volatile boolean wiped;

    @Operation
    public int copy() {
      byte[] target = new byte[Plaintext.SIZE_BYTES];
      buffer.get(0, target);
      return wiped ? Plaintext.REFUSED : Plaintext.judge(target);
    }

    @Operation
    public void wipe() {
      buffer.put(0, new byte[Plaintext.SIZE_BYTES]);
      wiped = true;
    }
  }

  /** Broken: nobody can know that it was wiped. */
  public static class NoFlag {

    private final Halves halves = new Halves();

    @Operation
    public int copy() {
      return halves.copy();
    }

    @Operation
    public void wipe() {
      halves.wipe();
    }
  }

  /** Broken: the wipe may come between the look at the flag and the copy. */
  public static class FlagBeforeCopy {

    private final Halves halves = new Halves();
    private volatile boolean wiped;

    @Operation
    public int copy() {
      return wiped ? Plaintext.REFUSED : halves.copy();
    }

    @Operation
    public void wipe() {
      wiped = true;
      halves.wipe();
    }
  }

  /** A value in two halves: to the model checker, a copy of an array is one step. */
  static final class Halves {

    private final byte[] first = Plaintext.fresh();
    private final byte[] second = Plaintext.fresh();
    private volatile boolean between;

    int copy() {
      between = true; // a place for the other thread to come in
      int firstJudged = Plaintext.judge(first.clone());
      between = true;
      return firstJudged == Plaintext.judge(second.clone()) ? firstJudged : Plaintext.TORN;
    }

    void wipe() {
      Arrays.fill(first, (byte) 0);
      between = true;
      Arrays.fill(second, (byte) 0);
    }
  }
}
