package tech.tailor.secretmanager.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager.OpenValue;

/**
 * The values that a fake gave away, until they are found closed. A value says nothing when it is
 * closed, so it is asked. Thread-safe.
 */
final class OpenValues {

  /** Closed ones are let go whenever there are that many more than after the last time. */
  private static final int PRUNED_AFTER = 1_000;

  private static final Set<Class<?>> NO_READERS =
      Set.of(OpenValues.class, FakeSecretManager.class, SecretManager.class, SecretHandle.class);

  private List<Given> given = new ArrayList<>();
  private int pruneAt = PRUNED_AFTER;

  private record Given(OpenValue description, SecretValue value) {}

  void add(SecretRef ref, SecretValue value) {
    Given added = new Given(new OpenValue(ref, reader()), value);
    synchronized (this) {
      given.add(added);
      if (given.size() >= pruneAt) {
        prune();
      }
    }
  }

  /** Each is the same object in every list that has it. */
  synchronized List<OpenValue> list() {
    prune();
    return given.stream().map(Given::description).toList();
  }

  private void prune() {
    given = new ArrayList<>(given.stream().filter(open -> isOpen(open.value())).toList());
    pruneAt = given.size() + PRUNED_AFTER;
  }

  private static boolean isOpen(SecretValue value) {
    try {
      return value.<Boolean, RuntimeException>withBytes(bytes -> true);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static String reader() {
    return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
        .walk(frames -> frames
            .filter(frame -> !NO_READERS.contains(frame.getDeclaringClass()))
            .filter(frame -> !frame.getClassName().startsWith("java."))
            .findFirst()
            .map(frame -> frame.getClassName() + "." + frame.getMethodName() + "("
                + frame.getFileName() + ":" + frame.getLineNumber() + ")"))
        .orElseGet(() -> "thread " + Thread.currentThread().getName());
  }
}
