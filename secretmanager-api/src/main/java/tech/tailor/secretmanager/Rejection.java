package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.function.Predicate;

/**
 * Tells the exceptions that say that a secret was not accepted from all others, for
 * {@link SecretManager#withSecret(SecretRef, SecretFunction, Predicate)} and its like.
 *
 * <pre>{@code
 * secretManager.useSecret(password, login, Rejection.when(SQLException.class, e -> "28P01".equals(e.getSQLState())));
 * }</pre>
 */
public final class Rejection {

  private Rejection() {}

  /**
   * Exceptions of one type that fulfil a condition; an exception of another type is no rejection.
   *
   * @param isRejected asked for exceptions of that type alone
   */
  public static <E extends Exception> Predicate<Exception> when(
      Class<E> type, Predicate<? super E> isRejected) {
    requireNonNull(type, "type");
    requireNonNull(isRejected, "isRejected");
    return thrown -> type.isInstance(thrown) && isRejected.test(type.cast(thrown));
  }
}
