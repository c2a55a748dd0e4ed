package tech.tailor.secretmanager.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The control: an array that is wiped under its readers, who can't know. */
@JCStressTest
@Outcome(id = "[01]", expect = ACCEPTABLE, desc = "whole, or refused")
@Outcome(expect = FORBIDDEN, desc = "torn or zeroed")
@State
public class ControlNoFlag {

  private final byte[] bytes = Plaintext.fresh();

  /** Copies. */
  @Actor
  public void copy(I_Result result) {
    result.r1 = Plaintext.judge(bytes.clone());
  }

  /** Wipes. */
  @Actor
  public void wipe() {
    Arrays.fill(bytes, (byte) 0);
  }
}
