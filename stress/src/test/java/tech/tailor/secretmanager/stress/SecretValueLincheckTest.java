package tech.tailor.secretmanager.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/** A value is whole until it is closed, and refused from then on, in whatever order it is used. */
@Tag("suite")
class SecretValueLincheckTest {

  @Test
  void modelChecking() {
    Checker.modelCheck(Value.class, UntilClosed.class);
  }

  @Test
  void stress() {
    Checker.stress(Value.class, UntilClosed.class);
  }

  @Test
  void control_aCloseThatSetsItsFlagLast_isCaught() {
    Checker.modelCheckFinds(ClosedLast.class, UntilClosed.class);
  }

  /** What it should be like. */
  public static class UntilClosed {

    private boolean closed;

    public int bytes() {
      return closed ? Plaintext.REFUSED : Plaintext.WHOLE;
    }

    public int matches() {
      return bytes();
    }

    public int text() {
      return bytes();
    }

    public void close() {
      closed = true;
    }
  }

  /** What it is. */
  public static class Value {

    private static final byte[] SAME = Plaintext.fresh();

    private final SecretValue value =
        SecretSupport.adopt(Plaintext.fresh(), SecretMetadata.unversioned());

    public Value() {
      Checker.BEGUN.incrementAndGet();
    }

    @Operation
    public int bytes() {
      try {
        return value.<Integer, RuntimeException>withBytes(Plaintext::judge);
      } catch (IllegalStateException e) {
        return Plaintext.REFUSED;
      }
    }

    @Operation
    public int matches() {
      try {
        return value.matches(SAME) ? Plaintext.WHOLE : Plaintext.TORN;
      } catch (IllegalStateException e) {
        return Plaintext.REFUSED;
      }
    }

    @Operation
    public int text() {
      try {
        return Plaintext.judge(value.revealString().getBytes(UTF_8));
      } catch (IllegalStateException e) {
        return Plaintext.REFUSED;
      }
    }

    @Operation
    public void close() {
      value.close();
    }
  }

  /** Broken: the zeros may be seen before the flag is. */
  public static class ClosedLast {

    private final byte[] bytes = Plaintext.fresh();
    private volatile boolean closed;

    @Operation
    public int bytes() {
      int judged = Plaintext.judge(bytes.clone());
      return closed ? Plaintext.REFUSED : judged;
    }

    @Operation
    public int matches() {
      return bytes();
    }

    @Operation
    public int text() {
      return bytes();
    }

    @Operation
    public void close() {
      Arrays.fill(bytes, (byte) 0);
      closed = true;
    }
  }
}
