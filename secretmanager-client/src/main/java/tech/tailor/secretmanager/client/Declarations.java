package tech.tailor.secretmanager.client;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What a manager may read: everything, or what is declared. Immutable. */
final class Declarations {

  private final List<SecretDefinition> definitions;

  /** No definition means that everything may be read. */
  Declarations(List<SecretDefinition> definitions) {
    this.definitions = List.copyOf(definitions);
  }

  /** Why the secret may not be read, or null if it may. */
  @Nullable
  SecretAccessDeniedException refusal(SecretRef ref) {
    if (definitions.isEmpty()
        || definitions.stream().anyMatch(definition -> definition.declares(ref))) {
      return null;
    }
    return new SecretAccessDeniedException(
        "The secret " + ref + " is not declared, and only declared secrets may be read; declare"
            + " it with defineSecret(\"" + ref.vault() + "\").secret(\"" + ref.name() + "\", …)");
  }

  /**
   * Reads every required secret, and drops the values.
   *
   * @throws SecretVerificationException if any of them can't be read
   */
  void verify(SecretCache cache) {
    List<SecretVerificationException.Problem> problems = new ArrayList<>();
    Map<String, List<DeclaredSecret>> requiredByVault = definitions.stream()
        .flatMap(definition -> definition.secrets().stream())
        .filter(DeclaredSecret::required)
        .collect(groupingBy(secret -> secret.ref().vault(), LinkedHashMap::new, toList()));
    requiredByVault.forEach((vault, required) -> {
      List<String> names = required.stream().map(secret -> secret.ref().name()).toList();
      Map<String, SecretOutcome> outcomes = cache.get(vault, names);
      for (DeclaredSecret secret : required) {
        SecretManagerException failure =
            failure(secret.ref(), outcomes.get(secret.ref().name()));
        if (failure != null) {
          problems.add(
              new SecretVerificationException.Problem(secret.ref(), secret.description(), failure));
        }
      }
    });
    if (!problems.isEmpty()) {
      throw SecretVerificationException.of(problems);
    }
  }

  private static @Nullable SecretManagerException failure(
      SecretRef ref, @Nullable SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found) {
      Outcomes.discard(outcome);
      return null;
    }
    if (outcome instanceof SecretOutcome.Missing missing) {
      return SecretNotFoundException.of(ref, missing.missing());
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      return failed.failure();
    }
    throw new AssertionError("The cache gives an outcome for each name");
  }
}
