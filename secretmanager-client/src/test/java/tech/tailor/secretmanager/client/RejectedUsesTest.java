package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

class RejectedUsesTest {

  private static final SecretRef REF = SecretRef.of("default", "db-password");

  private final StubBackend backend = new StubBackend().with("db-password", "old");
  private final SecretManager manager = SecretManagers.open(backend);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final List<Long> pausesMillis = new ArrayList<>();
  private final List<String> tried = new ArrayList<>();
  private Runnable whileSleeping = () -> {};
  private final RejectedUses uses =
      new RejectedUses(manager, Duration.ofSeconds(5), nanos::get, this::sleep);

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void aUseThatIsAccepted_asksNothingMore() throws Exception {
    assertThat(login("old")).isEqualTo("logged in");
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void afterARotation_theUseIsRepeatedWithTheNewValue() throws Exception {
    login("old");
    backend.with("db-password", "new");

    assertThat(login("new")).isEqualTo("logged in");
    assertThat(tried).containsExactly("old", "old", "new");
    assertThat(pausesMillis).isEmpty();
  }

  @Test
  void aBackendThatIsBehind_isAskedAgain_untilItHasTheNewValue() throws Exception {
    whileSleeping = () -> {
      if (pausesMillis.size() == 3) {
        backend.with("db-password", "new");
      }
    };

    assertThat(login("new")).isEqualTo("logged in");
    assertThat(tried).containsExactly("old", "new");
    assertThat(pausesMillis).containsExactly(100L, 200L, 400L);
  }

  @Test
  void aWrongPassword_isTriedOnce_andTheRejectionThrownWhenTheTimeIsOver() {
    assertThatThrownBy(() -> login("never")).isInstanceOf(Rejected.class);

    assertThat(tried).containsExactly("old");
    assertThat(pausesMillis).containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L, 1000L);
    assertThat(backend.calls()).isEqualTo(1 + pausesMillis.size() + 1);
  }

  @Test
  void withoutABudget_theBackendIsAskedOnce() {
    RejectedUses impatient = new RejectedUses(manager, Duration.ZERO, nanos::get, this::sleep);

    assertThatThrownBy(() -> impatient.use(REF, accepting("never"), e -> e instanceof Rejected))
        .isInstanceOf(Rejected.class);
    assertThat(pausesMillis).isEmpty();
    assertThat(backend.calls()).isEqualTo(2);
  }

  @Test
  void aSecretThatChangesAllTheTime_doesNotHoldTheCallerForEver() {
    SecretFunction<SecretValue, String, Rejected> use = value -> {
      tried.add(value.revealString());
      backend.with("db-password", "value-" + tried.size());
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      throw new Rejected();
    };

    assertThatThrownBy(() -> uses.use(REF, use, e -> e instanceof Rejected))
        .isInstanceOf(Rejected.class);
    assertThat(tried).hasSizeBetween(2, 7).doesNotHaveDuplicates();
  }

  @Test
  void aBackendThatGoesBackAndForth_makesNoValueBeTriedTwice() {
    backend.beforeAnswer = () -> backend.with("db-password", "value-" + backend.calls() % 2);

    assertThatThrownBy(() -> login("never")).isInstanceOf(Rejected.class);
    assertThat(tried).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void closedMeanwhile_throwsTheRejection() {
    whileSleeping = manager::close;

    assertThatThrownBy(() -> login("never"))
        .isInstanceOf(Rejected.class)
        .satisfies(e -> assertThat(e.getSuppressed())
            .singleElement()
            .isInstanceOf(IllegalStateException.class));
  }

  @Test
  void anyOtherException_isThrownAtOnce() {
    assertThatThrownBy(() -> uses.use(
            REF,
            value -> {
              throw new IOException("connection lost");
            },
            e -> e instanceof Rejected))
        .isInstanceOf(IOException.class);
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void anOutageMeanwhile_isSuppressedInTheRejection() throws Exception {
    login("old");
    backend.failing("db-password", new SecretUnavailableException("down"));

    assertThatThrownBy(() -> login("new"))
        .isInstanceOf(Rejected.class)
        .satisfies(e -> assertThat(e.getSuppressed())
            .singleElement()
            .isInstanceOf(SecretUnavailableException.class));
  }

  @Test
  void aUseThatClosesItsLoan_isRepeatedAllTheSame() throws Exception {
    backend.beforeAnswer = () -> {
      if (backend.calls() == 2) {
        backend.with("db-password", "new");
      }
    };
    String result = uses.use(
        REF,
        value -> {
          String text = value.revealString();
          value.close();
          if (text.equals("old")) {
            throw new Rejected();
          }
          return text;
        },
        e -> e instanceof Rejected);

    assertThat(result).isEqualTo("new");
  }

  @Test
  void interruptedWhileWaiting_throwsTheRejection_andKeepsTheFlag() {
    whileSleeping = () -> Thread.currentThread().interrupt();

    assertThatThrownBy(() -> login("never")).isInstanceOf(Rejected.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(pausesMillis).hasSize(1);
  }

  @Test
  void throughTheManager_aRotatedPasswordIsFound() throws Exception {
    manager.refresh(REF);
    backend.with("db-password", "new");

    String result =
        manager.withSecret("default", "db-password", accepting("new"), e -> e instanceof Rejected);

    assertThat(result).isEqualTo("logged in");
  }

  private String login(String accepted) throws Rejected {
    return uses.use(REF, accepting(accepted), e -> e instanceof Rejected);
  }

  private SecretFunction<SecretValue, String, Rejected> accepting(String accepted) {
    return value -> {
      tried.add(value.revealString());
      if (!value.matches(accepted)) {
        throw new Rejected();
      }
      return "logged in";
    };
  }

  private void sleep(long pauseNanos) throws InterruptedException {
    pausesMillis.add(pauseNanos / 1_000_000);
    nanos.addAndGet(pauseNanos);
    whileSleeping.run();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** What a database says to a wrong password. */
  private static final class Rejected extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
