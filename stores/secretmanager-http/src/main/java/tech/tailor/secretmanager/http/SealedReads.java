package tech.tailor.secretmanager.http;

/** A way to read values: sends a request, and returns the sealed answer. */
@FunctionalInterface
interface SealedReads {

  /**
   * Asks for values.
   *
   * @throws RefusedException if the server refused
   * @throws tech.tailor.secretmanager.SecretManagerException if there is no answer
   */
  SealedAnswer read(SealedRequest request, Deadline deadline) throws RefusedException;
}
