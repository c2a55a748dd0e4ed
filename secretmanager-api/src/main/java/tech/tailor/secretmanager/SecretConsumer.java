package tech.tailor.secretmanager;

/**
 * What is done with a secret that is lent for the length of one call, without a result. It may
 * throw any exception, which reaches the caller unchanged.
 *
 * @param <S> the form in which the secret is lent, such as {@link SecretValue}
 * @param <X> what the use may throw
 */
@FunctionalInterface
public interface SecretConsumer<S, X extends Exception> {

  /**
   * Uses the secret. What was lent is wiped when this returns or throws: keep no reference to it.
   *
   * @throws X whatever the use throws
   */
  void accept(S secret) throws X;
}
