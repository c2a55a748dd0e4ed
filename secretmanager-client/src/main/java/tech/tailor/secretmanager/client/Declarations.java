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
import tech.tailor.secretmanager.SecretVerificationException.Problem;
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

  /** The settings, with the times to live that are declared and that they don't have yet. */
  CacheSettings timesToLive(CacheSettings settings) {
    CacheSettings with = settings;
    for (SecretDefinition definition : definitions) {
      for (DeclaredSecret secret : definition.secrets()) {
        if (secret.timeToLive().isPresent() && !with.hasTimeToLive(secret.ref())) {
          with = with.withTimeToLive(secret.ref(), secret.timeToLive().get());
        }
      }
    }
    return with;
  }

  /**
   * Reads every required secret, and the others for which a shape is declared, and drops the
   * values.
   *
   * @throws SecretVerificationException if a required one can't be read, or any is not as declared
   */
  void verify(SecretCache cache) {
    List<Problem> problems = new ArrayList<>();
    Map<String, List<DeclaredSecret>> byVault = definitions.stream()
        .flatMap(definition -> definition.secrets().stream())
        .filter(Verification::isOfInterest)
        .collect(groupingBy(secret -> secret.ref().vault(), LinkedHashMap::new, toList()));
    byVault.forEach((vault, secrets) -> {
      List<String> names =
          secrets.stream().map(secret -> secret.ref().name()).distinct().toList();
      Map<String, SecretOutcome> outcomes = cache.get(vault, names);
      try {
        for (DeclaredSecret secret : secrets) {
          SecretManagerException failure =
              failure(secret, outcomes.get(secret.ref().name()));
          Verification.problem(secret, failure).ifPresent(problems::add);
        }
      } finally {
        Outcomes.discardAll(outcomes);
      }
    });
    if (!problems.isEmpty()) {
      throw SecretVerificationException.of(problems);
    }
  }

  private static @Nullable SecretManagerException failure(
      DeclaredSecret secret, @Nullable SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      return Verification.malformed(secret, found.value());
    }
    if (outcome instanceof SecretOutcome.Missing missing) {
      return SecretNotFoundException.of(secret.ref(), missing.missing());
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      return failed.failure();
    }
    throw new AssertionError("The cache gives an outcome for each name");
  }
}
