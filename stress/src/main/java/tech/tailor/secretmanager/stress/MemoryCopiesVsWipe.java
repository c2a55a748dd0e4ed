package tech.tailor.secretmanager.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import tech.tailor.secretmanager.spi.SecretMemory;

/** Two copies in a row beside a wipe: what was refused stays refused. */
@JCStressTest
@Outcome(
    id = {"1, 1", "1, 0", "0, 0"},
    expect = ACCEPTABLE,
    desc = "whole until refused")
@Outcome(expect = FORBIDDEN, desc = "torn, zeroed, or back again")
@State
public class MemoryCopiesVsWipe {

  private final SecretMemory memory = SecretMemory.copyOf(Plaintext.fresh());

  /** Copies twice. */
  @Actor
  public void copyTwice(II_Result result) {
    result.r1 = copy();
    result.r2 = copy();
  }

  /** Wipes. */
  @Actor
  public void wipe() {
    memory.wipe();
  }

  private int copy() {
    byte[] target = new byte[memory.sizeBytes()];
    return memory.copyTo(target) ? Plaintext.judge(target) : Plaintext.judgeRefused(target);
  }
}
