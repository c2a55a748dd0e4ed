package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.declare.VerificationReport;

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

  /** Returns the given times to live, and those that are declared for other secrets. */
  Map<SecretRef, Duration> timesToLive(Map<SecretRef, Duration> given) {
    Map<SecretRef, Duration> all = new HashMap<>();
    for (SecretDefinition definition : definitions) {
      for (DeclaredSecret secret : definition.secrets()) {
        secret.timeToLive().ifPresent(timeToLive -> all.putIfAbsent(secret.ref(), timeToLive));
      }
    }
    all.putAll(given);
    return all;
  }

  /**
   * Verifies what is declared, if anything is.
   *
   * @throws SecretVerificationException if a required secret can't be read, or any is not as
   *     declared
   */
  void verify(SecretManager manager) {
    if (!definitions.isEmpty()) {
      VerificationReport.of(manager, definitions.toArray(SecretDefinition[]::new))
          .requireVerified();
    }
  }
}
