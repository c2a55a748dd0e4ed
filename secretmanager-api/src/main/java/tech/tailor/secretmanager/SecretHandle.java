package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A secret by its address, at hand: it holds no value, and gives the current one whenever it is
 * asked, as fresh as the {@link SecretManager} behind it has it. What to inject into a component
 * that lives longer than a password. Thread-safe; there is nothing to close.
 *
 * <pre>{@code
 * SecretHandle password = secretManager.handle("default", "db-password");
 * Callable<Connection> connect = () -> password.with(current -> current.withChars(login));
 * }</pre>
 *
 * <p>What its methods throw is what those of the manager throw.
 */
public final class SecretHandle {

  private final SecretManager manager;
  private final SecretRef ref;

  SecretHandle(SecretManager manager, SecretRef ref) {
    this.manager = manager;
    this.ref = requireNonNull(ref, "ref");
  }

  /** The address of the secret. */
  public SecretRef ref() {
    return ref;
  }

  /** The current value, as {@link SecretManager#requireSecret(SecretRef)}; the caller closes it. */
  public SecretValue read() {
    return manager.requireSecret(ref);
  }

  /**
   * Lends the current value, as {@link SecretManager#withSecret(SecretRef, SecretFunction)}.
   *
   * @throws X whatever {@code use} throws
   */
  public <T extends @Nullable Object, X extends Exception> T with(
      SecretFunction<SecretValue, T, X> use) throws X {
    return manager.withSecret(ref, use);
  }

  /**
   * Lends the current value, and the next one if it was rejected, as
   * {@link SecretManager#withSecret(SecretRef, SecretFunction, Predicate)}.
   *
   * @throws X whatever {@code use} throws at last
   */
  public <T extends @Nullable Object, X extends Exception> T with(
      SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected) throws X {
    return manager.withSecret(ref, use, isRejected);
  }

  /**
   * Lends the current value to a use without a result, as {@link SecretManager#useSecret(SecretRef,
   * SecretConsumer)}.
   *
   * @throws X whatever {@code use} throws
   */
  public <X extends Exception> void use(SecretConsumer<? super SecretValue, X> use) throws X {
    manager.useSecret(ref, use);
  }

  /**
   * Lends the current value to a use without a result, and the next one if it was rejected, as
   * {@link SecretManager#useSecret(SecretRef, SecretConsumer, Predicate)}.
   *
   * @throws X whatever {@code use} throws at last
   */
  public <X extends Exception> void use(
      SecretConsumer<? super SecretValue, X> use, Predicate<? super Exception> isRejected)
      throws X {
    manager.useSecret(ref, use, isRejected);
  }

  /** Returns the address, never a value. */
  @Override
  public String toString() {
    return "SecretHandle[" + ref + "]";
  }
}
