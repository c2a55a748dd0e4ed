package tech.tailor.secretmanager.http;

import java.util.Optional;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** Where one store gets its access token from. Safe for use by several threads. */
interface TokenSource {

  /**
   * Returns the token to send now.
   *
   * @throws SecretAccessDeniedException if a token can't be obtained
   * @throws SecretUnavailableException if a token is unavailable at the moment
   */
  String current(Deadline deadline);

  /**
   * The token to send after the server refused one: another one, or the same if there is no other.
   */
  String afterRefusal(String refused, Deadline deadline);

  /** The profile of Tailor's CLI that forbids changes; known once the token is. */
  default Optional<String> readOnlyProfile() {
    return Optional.empty();
  }
}
