package tech.tailor.secretmanager.stress;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/**
 * Any thread can read a value on loan until it is closed, and none after that. Closing the loan
 * leaves no value open that was read for it.
 */
@Tag("suite")
class LoanLincheckTest {

  @Test
  void modelChecking() {
    Checker.modelCheckShort(Loan.class, UntilClosed.class);
  }

  @Test
  void stress() {
    Checker.stress(Loan.class, UntilClosed.class);
  }

  @Test
  void control_aLoanThatLooksAtItsFlagTooSoon_isCaught() {
    Checker.modelCheckShortFindsInvalidState(KeptUnseen.class, UntilClosed.class);
  }

  /** What it should be like. */
  public static class UntilClosed {

    private boolean closed;

    public int bytes() {
      return closed ? Plaintext.REFUSED : Plaintext.WHOLE;
    }

    public long version() {
      return 0;
    }

    public void close() {
      closed = true;
    }
  }

  /** What it is. */
  public static class Loan {

    private final Queue<SecretValue> read = new ConcurrentLinkedQueue<>();
    private final SecretValue loan = SecretSupport.onLoan(
        () -> {
          SecretValue value = fresh();
          read.add(value);
          return value;
        },
        SecretMetadata.unversioned());

    public Loan() {
      Checker.BEGUN.incrementAndGet();
    }

    @Operation
    public int bytes() {
      return judge(loan);
    }

    /** What is known without a look: after it, others still race to be the first who looks. */
    @Operation
    public long version() {
      return loan.version();
    }

    @Operation
    public void close() {
      loan.close();
    }

    /** Closed, or one value at most that stays until it is. */
    @Validate
    public void nothingIsLeftOpen() {
      int mayBeOpen = judge(loan) == Plaintext.REFUSED ? 0 : 1;
      long open =
          read.stream().filter(value -> judge(value) != Plaintext.REFUSED).count();
      if (open > mayBeOpen) {
        throw new AssertionError(open + " values of a loan were left open");
      }
    }
  }

  /** Broken: what is read while it is closed may be kept unseen. */
  public static class KeptUnseen {

    private final Queue<SecretValue> read = new ConcurrentLinkedQueue<>();
    private final AtomicReference<SecretValue> lent = new AtomicReference<>();
    private volatile boolean closed;

    @Operation
    public int bytes() {
      if (closed) {
        return Plaintext.REFUSED;
      }
      if (lent.get() == null) {
        SecretValue value = fresh();
        read.add(value);
        if (!lent.compareAndSet(null, value)) {
          value.close();
        }
      }
      return judge(lent.get());
    }

    @Operation
    public long version() {
      return 0;
    }

    @Operation
    public void close() {
      closed = true;
      SecretValue value = lent.get();
      if (value != null) {
        value.close();
      }
    }

    @Validate
    public void nothingIsLeftOpen() {
      if (closed && read.stream().anyMatch(value -> judge(value) != Plaintext.REFUSED)) {
        throw new AssertionError("A value of a loan was left open");
      }
    }
  }

  private static SecretValue fresh() {
    return SecretSupport.adopt(Plaintext.fresh(), SecretMetadata.unversioned());
  }

  private static int judge(SecretValue value) {
    try {
      return value.<Integer, RuntimeException>withBytes(Plaintext::judge);
    } catch (IllegalStateException e) {
      return Plaintext.REFUSED;
    }
  }
}
