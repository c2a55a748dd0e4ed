package tech.tailor.secretmanager.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/** A value that is lent and compared while another thread closes it: whole, or refused. */
@JCStressTest
@Outcome(
    id = {"1, 1", "1, 0", "0, 0"},
    expect = ACCEPTABLE,
    desc = "whole until refused")
@Outcome(expect = FORBIDDEN, desc = "torn, zeroed, or back again")
@State
public class ValueReadsVsClose {

  private static final byte[] SAME = Plaintext.fresh();

  private final SecretValue value =
      SecretSupport.adopt(Plaintext.fresh(), SecretMetadata.unversioned());

  /** Borrows the bytes, then compares them with what they were. */
  @Actor
  public void read(II_Result result) {
    try {
      result.r1 = value.<Integer, RuntimeException>withBytes(Plaintext::judge);
    } catch (IllegalStateException e) {
      result.r1 = Plaintext.REFUSED;
    }
    try {
      result.r2 = value.matches(SAME) ? Plaintext.WHOLE : Plaintext.TORN;
    } catch (IllegalStateException e) {
      result.r2 = Plaintext.REFUSED;
    }
  }

  /** Closes. */
  @Actor
  public void close() {
    value.close();
  }
}
