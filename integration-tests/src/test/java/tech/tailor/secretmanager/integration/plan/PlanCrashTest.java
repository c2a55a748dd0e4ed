package tech.tailor.secretmanager.integration.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.integration.plan.Subject.Kind;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * A process that is killed while it applies a plan, before or after any call of the store, leaves
 * no label that lies. The next plan, once applied, gives the result that the first would have
 * given.
 */
@Tag("suite")
class PlanCrashTest {

  private static final String OWNER = "orders-service";

  @TempDir
  private Path directory;

  /** The end of a process, as far as a test in the same one can have it. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @EnumSource
  void killedAtAnyCall_convergesWithTheNextPlan(Kind kind) {
    try (Subject subject = Subject.of(kind, directory)) {
      Sweep sweep = new Sweep(subject, call -> call.proceed());
      sweep.run();

      System.out.println("plans, killed over " + kind + ": " + sweep);
      assertThat(sweep.kills).as("before and after each call").isEqualTo(2 * sweep.calls);
      assertThat(sweep.calls).isGreaterThan(20);
      assertThat(sweep.wrong).isEmpty();
    }
  }

  /** The control: without step 1, an old label stands over a new value. */
  @Test
  void labelThatIsNotTakenAwayBefore_isCaught() {
    try (Subject subject = Subject.of(Kind.PLAIN, directory)) {
      Sweep sweep = new Sweep(subject, call -> isTakenAway(call) ? null : call.proceed());
      sweep.run();

      System.out.println("plans, killed, control without taking away: " + sweep);
      assertThat(sweep.wrong).isNotEmpty();
    }
  }

  /** The control: a label that comes before its value. */
  @Test
  void labelBeforeTheValue_isCaught() {
    try (Subject subject = Subject.of(Kind.PLAIN, directory)) {
      Sweep sweep = new Sweep(subject, call -> {
        if (isTakenAway(call)) {
          Map<String, String> labels = new TreeMap<>(labels(call));
          labels.put(SecretPlan.VALUE_VERSION_LABEL, "v2");
          call.target()
              .setLabels((String) call.arguments()[0], (String) call.arguments()[1], labels);
          return null;
        }
        return call.proceed();
      });
      sweep.run();

      System.out.println("plans, killed, control with the label first: " + sweep);
      assertThat(sweep.wrong).isNotEmpty();
    }
  }

  private static boolean isTakenAway(Intercepted.Call call) {
    return call.is("setLabels")
        && !labels(call).containsKey(SecretPlan.VALUE_VERSION_LABEL)
        && call.target()
            .labels((String) call.arguments()[0], (String) call.arguments()[1])
            .containsKey(SecretPlan.VALUE_VERSION_LABEL);
  }

  @SuppressWarnings("unchecked") // setLabels takes no other argument there
  private static Map<String, String> labels(Intercepted.Call call) {
    return (Map<String, String>) call.arguments()[2];
  }

  /** A kill before and a kill after each call, until a plan is applied without one. */
  private static final class Sweep {

    private final Subject subject;
    private final Intercepted.Hook hook;
    private final List<String> wrong = new ArrayList<>();
    private int kills;
    private int calls;

    Sweep(Subject subject, Intercepted.Hook hook) {
      this.subject = subject;
      this.hook = hook;
    }

    void run() {
      for (boolean after : new boolean[] {false, true}) {
        int at = 1;
        while (killAt(at, after)) {
          at++;
        }
        calls = Math.max(calls, at - 1);
      }
    }

    /** Whether it was killed; false if the plan has fewer calls. */
    private boolean killAt(int at, boolean after) {
      begin();
      int[] count = {0};
      boolean[] armed = {false};
      SecretStore store = Intercepted.of(subject.store(), call -> {
        if (!armed[0]) {
          return call.proceed();
        }
        int number = ++count[0]; // a commit is a call, and has calls inside
        if (number == at && !after) {
          throw new Killed();
        }
        Object result = hook.around(call);
        if (number == at) {
          throw new Killed();
        }
        return result;
      });
      SecretPlan plan = plan(store);
      armed[0] = true;
      boolean killed = false;
      try {
        plan.apply().requireComplete();
      } catch (Killed e) {
        killed = true;
        kills++;
      }
      String where = (after ? "after" : "before") + " call " + at + ": ";
      checkLabels(where);
      plan(subject.store()).apply().requireComplete();
      checkLabels(where + "afterwards, ");
      checkConverged(where);
      return killed;
    }

    /** What is there before: one value to update, one to label, one to prune. */
    private void begin() {
      subject.clear();
      SecretDefinition before = defineSecret("orders")
          .secret("to-update", secret -> secret.source(source(1)).label("team", "orders"))
          .secret("to-label", secret -> secret.source(source(1)))
          .secret("to-prune", secret -> secret.source(source(1)))
          .build();
      SecretDefinition gone = defineSecret("gone")
          .secret("to-prune", secret -> secret.source(source(1)))
          .build();
      SecretPlan.builder(subject.store(), OWNER)
          .declare(before, gone)
          .plan()
          .apply()
          .requireComplete();
    }

    private static SecretPlan plan(SecretStore store) {
      SecretDefinition orders = defineSecret("orders")
          .secret(
              "to-update",
              secret -> secret.source(source(2)).valueVersion(2).label("team", "orders"))
          .secret("to-label", secret -> secret.source(source(1)).label("team", "orders"))
          .secret(
              "to-create",
              secret -> secret.source(source(1)).label("team", "orders").description("New"))
          .build();
      SecretDefinition added = defineSecret("added")
          .secret("to-create", secret -> secret.source(source(1)))
          .build();
      return SecretPlan.builder(store, OWNER).declare(orders, added).prune().plan();
    }

    /** A secret has a label that names its value, or no label. */
    private void checkLabels(String where) {
      for (VaultInfo vault : subject.store().listVaults()) {
        for (SecretInfo secret : subject.store().listSecrets(vault.name())) {
          String version = subject
              .store()
              .labels(vault.name(), secret.name())
              .get(SecretPlan.VALUE_VERSION_LABEL);
          Optional<String> value = subject.value(vault.name(), secret.name());
          if (version != null && !value.equals(Optional.of(secret.name() + " " + version))) {
            wrong.add(where + vault.name() + "/" + secret.name() + " says " + version
                + " and has another value");
          }
        }
      }
    }

    private void checkConverged(String where) {
      Map<String, String> values = new HashMap<>();
      for (VaultInfo vault : subject.store().listVaults()) {
        for (SecretInfo secret : subject.store().listSecrets(vault.name())) {
          values.put(
              vault.name() + "/" + secret.name(),
              subject.value(vault.name(), secret.name()).orElse("none"));
        }
      }
      Map<String, String> expected = Map.of(
          "orders/to-update", "to-update v2",
          "orders/to-label", "to-label v1",
          "orders/to-create", "to-create v1",
          "added/to-create", "to-create v1");
      if (!values.equals(expected)) {
        wrong.add(where + "the store is not as declared: " + values.keySet());
      }
      if (!plan(subject.store()).isEmpty()) {
        wrong.add(where + "there is something left to do");
      }
    }

    private static SecretSource source(int version) {
      return ref -> Optional.of(SecretValue.of(ref.name() + " v" + version));
    }

    @Override
    public String toString() {
      return kills + " kills, at each of " + calls + " calls, " + wrong.size() + " wrong";
    }
  }
}
