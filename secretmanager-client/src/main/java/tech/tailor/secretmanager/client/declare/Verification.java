package tech.tailor.secretmanager.client.declare;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.DeclaredSecret;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException.Problem;

/** What counts as a problem of a declared secret. */
final class Verification {

  private Verification() {}

  /**
   * Whether the secret must be read to know: one that may be missing and look like anything not.
   */
  static boolean isOfInterest(DeclaredSecret secret) {
    return secret.isRequired() || !secret.shapes().isEmpty();
  }

  /** What is wrong with the value, which stays the caller's; null if nothing is. */
  static @Nullable SecretEncodingException malformed(DeclaredSecret secret, SecretValue value) {
    List<String> broken = secret.brokenRules(value);
    return broken.isEmpty()
        ? null
        : new SecretEncodingException("The value of the secret " + secret.ref()
            + " is not as declared: it " + String.join(", and it ", broken));
  }

  /**
   * The problem that the failure is; empty if there is no failure, or nobody depends on the secret.
   */
  static Optional<Problem> problem(
      DeclaredSecret secret, @Nullable SecretManagerException failure) {
    return Optional.ofNullable(failure)
        .filter(found -> secret.isRequired() || found instanceof SecretEncodingException)
        .map(found -> Problem.of(secret.ref(), secret.description(), found));
  }
}
