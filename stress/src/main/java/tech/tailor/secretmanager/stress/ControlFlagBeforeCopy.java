package tech.tailor.secretmanager.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The control that looks right: the reader asks first whether the array was wiped. */
@JCStressTest
@Outcome(id = "[01]", expect = ACCEPTABLE, desc = "whole, or refused")
@Outcome(expect = FORBIDDEN, desc = "torn or zeroed")
@State
public class ControlFlagBeforeCopy {

  private final byte[] bytes = Plaintext.fresh();
  private volatile boolean wiped;

  /** Copies. */
  @Actor
  public void copy(I_Result result) {
    result.r1 = wiped ? Plaintext.REFUSED : Plaintext.judge(bytes.clone());
  }

  /** Wipes. */
  @Actor
  public void wipe() {
    wiped = true;
    Arrays.fill(bytes, (byte) 0);
  }
}
