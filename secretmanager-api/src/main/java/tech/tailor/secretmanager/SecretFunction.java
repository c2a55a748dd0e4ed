package tech.tailor.secretmanager;

import org.jspecify.annotations.Nullable;

/**
 * What is done with a secret that is lent for the length of one call. It may throw any exception,
 * which reaches the caller unchanged; a lambda that throws no checked exception needs no
 * {@code throws} anywhere.
 *
 * @param <S> the form in which the secret is lent: {@link SecretValue}, {@code byte[]} or
 *     {@code char[]}
 * @param <T> what the use results in
 * @param <X> what the use may throw
 */
@FunctionalInterface
public interface SecretFunction<S, T extends @Nullable Object, X extends Exception> {

  /**
   * Uses the secret. What was lent is wiped when this returns or throws: keep no reference to it.
   *
   * @throws X whatever the use throws
   */
  T apply(S secret) throws X;
}
