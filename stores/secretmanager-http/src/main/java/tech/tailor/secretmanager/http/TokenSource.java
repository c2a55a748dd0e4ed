package tech.tailor.secretmanager.http;

import java.util.Optional;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** Where one store gets its access token from. Safe for use by several threads. */
interface TokenSource {

  /**
   * The token to send now.
   *
   * @throws SecretAccessDeniedException if there is none to be had
   * @throws SecretUnavailableException if there is none at the moment
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
