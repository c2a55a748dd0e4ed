package tech.tailor.secretmanager.client;

import java.util.List;
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
