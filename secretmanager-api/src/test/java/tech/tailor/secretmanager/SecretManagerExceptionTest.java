package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecretManagerExceptionTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");

  /** The table of errors: each type with its three answers. */
  static Stream<Arguments> answers() {
    return Stream.of(
        // exception, may be repeated, may be answered stale, drops what is cached
        arguments(SecretNotFoundException.vault("default"), false, false, true),
        arguments(new SecretAccessDeniedException("m"), false, false, true),
        arguments(new SecretPreconditionException("m"), false, false, true),
        arguments(new SecretAlreadyExistsException("m"), false, false, false),
        arguments(new SecretConflictException("m"), false, false, true),
        arguments(new SecretUnavailableException("m"), true, true, false),
        arguments(new SecretTimeoutException("m"), true, true, false),
        arguments(new SecretRateLimitedException("m"), true, true, false),
        arguments(new SecretOutcomeUnknownException("m"), false, false, true),
        arguments(new SecretProtocolException("m"), false, true, false),
        arguments(new SecretServerIdentityException("m"), false, true, false),
        arguments(new SecretIntegrityException("m"), false, false, true),
        arguments(new SecretStorageException("m"), false, false, false),
        arguments(new SecretStoreRewoundException("m", "1-00"), false, true, false),
        arguments(new SecretLimitException("m"), false, false, false),
        arguments(new SecretEncodingException("m"), false, false, false),
        arguments(new SecretApplyException("m"), false, false, false),
        arguments(SecretVerificationException.of(List.of(problem())), false, false, false));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void type_hasItsThreeAnswers(
      SecretManagerException exception,
      boolean retryable,
      boolean staleAllowed,
      boolean dropsCached) {
    assertThat(exception.isRetryable()).isEqualTo(retryable);
    assertThat(exception.isStaleAllowed()).isEqualTo(staleAllowed);
    assertThat(exception.dropsCached()).isEqualTo(dropsCached);
  }

  @ParameterizedTest
  @MethodSource("answers")
  void forCaller_isTheSameFailureInANewException(SecretManagerException exception) {
    SecretManagerException copy = exception.forCaller();

    assertThat(copy)
        .isNotSameAs(exception)
        .hasSameClassAs(exception)
        .hasMessage(exception.getMessage())
        .hasCause(exception);
    assertThat(copy.getStackTrace()[0].getMethodName()).isEqualTo("forCaller");
  }

  @Test
  void table_isComplete() {
    Set<Class<?>> inTable = new HashSet<>();
    answers().forEach(row -> inTable.add(row.get()[0].getClass()));

    assertThat(inTable).isEqualTo(concreteTypes());
  }

  @Test
  void notFound_saysWhichIsMissing() {
    SecretNotFoundException vault =
        SecretNotFoundException.of(REF, SecretNotFoundException.Missing.VAULT);
    SecretNotFoundException secret =
        SecretNotFoundException.of(REF, SecretNotFoundException.Missing.SECRET);

    assertThat(vault.missing()).isEqualTo(SecretNotFoundException.Missing.VAULT);
    assertThat(vault)
        .hasMessageContaining("default/api-key")
        .hasMessageContaining("vault \"default\" does not exist");
    assertThat(secret.missing()).isEqualTo(SecretNotFoundException.Missing.SECRET);
    assertThat(secret).hasMessageContaining("the vault exists");
    assertThat(secret.vault()).isEqualTo("default");
    assertThat(secret.name()).contains("api-key");
    assertThat(SecretNotFoundException.vault("default").name()).isEmpty();
  }

  @Test
  void verification_listsEveryProblemInOneMessage() {
    SecretVerificationException exception =
        SecretVerificationException.of(List.of(problem(), problem()));

    assertThat(exception.problems()).hasSize(2);
    assertThat(exception.getSuppressed()).hasSize(2);
    assertThat(exception)
        .hasMessageStartingWith("2 declared secrets can't be used:")
        .hasMessageContaining("default/api-key (External API key): ");
  }

  @Test
  void descriptionOfAProblem_canNotForgeALine() {
    SecretVerificationException.Problem problem = SecretVerificationException.Problem.of(
        SecretRef.of("orders", "api-key"),
        "a\u202eb\u0085",
        new SecretAccessDeniedException("denied\nby \u001b[31m"));

    assertThat(problem.toString())
        .startsWith("orders/api-key (a\\u202eb\\u0085): denied\\u000aby \\u001b[31m; to do: ");
  }

  private static SecretVerificationException.Problem problem() {
    return SecretVerificationException.Problem.of(
        REF,
        "External API key",
        SecretNotFoundException.of(REF, SecretNotFoundException.Missing.SECRET));
  }

  private static Set<Class<?>> concreteTypes() {
    Set<Class<?>> concrete = new HashSet<>();
    Deque<Class<?>> open = new ArrayDeque<>(List.of(SecretManagerException.class));
    while (!open.isEmpty()) {
      Class<?> type = open.pop();
      if (type.isSealed()) {
        open.addAll(List.of(type.getPermittedSubclasses()));
      }
      if (!java.lang.reflect.Modifier.isAbstract(type.getModifiers())) {
        concrete.add(type);
      }
    }
    return concrete;
  }
}
