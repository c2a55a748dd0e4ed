package tech.tailor.secretmanager.http;

/** A road by which values are read: takes a request there, and brings the sealed answer back. */
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
