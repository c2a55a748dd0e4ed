package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** The failures that a manager adds to those of its backend. */
final class Failures {

  private Failures() {}

  static SecretTimeoutException timedOut(
      String vault, Collection<String> names, Duration fetchTimeout) {
    return new SecretTimeoutException("No answer when asked to " + reading(vault, names)
        + " within " + fetchTimeout + "; try again, or raise fetchTimeout");
  }

  static SecretTimeoutException loadTimedOut(SecretRef ref, Duration fetchTimeout) {
    return new SecretTimeoutException("No answer for the secret " + ref + " within " + fetchTimeout
        + ": another thread's call to the backend is still under way; try again, or raise"
        + " fetchTimeout");
  }

  static SecretUnavailableException interrupted(String vault, Collection<String> names) {
    return new SecretUnavailableException("Interrupted when about to " + reading(vault, names));
  }

  static SecretUnavailableException loadInterrupted(SecretRef ref) {
    return new SecretUnavailableException(
        "Interrupted while waiting for the secret " + ref + ", which another thread is loading");
  }

  static SecretUnavailableException closedMeanwhile() {
    return new SecretUnavailableException("The SecretManager was closed");
  }

  /**
   * Returns why a call was not made.
   *
   * @param cause what kept it from being made; only its type is passed on, since its message may be
   *     anybody's
   */
  static SecretManagerException notMade(Throwable cause) {
    return cause instanceof SecretManagerException failure
        ? SecretSupport.forCaller(failure)
        : new SecretUnavailableException(
            "The call to the backend could not be made: " + cause.getClass().getName());
  }

  /** Returns why a future got no thread to be completed on. */
  static SecretUnavailableException rejected(Throwable cause) {
    return new SecretUnavailableException("The executor takes no more tasks ("
        + cause.getClass().getName()
        + "); the executor of a SecretManager must stay open until the manager is closed");
  }

  /** Returns what is thrown by a method of a closed manager. */
  static IllegalStateException closed() {
    return new IllegalStateException(
        "The SecretManager is closed; open a new one, and close it only when the application ends");
  }

  static String reading(String vault, Collection<String> names) {
    String first = names.stream().limit(5).collect(Collectors.joining(", "));
    String some = names.size() <= 5 ? first : first + " and " + (names.size() - 5) + " more";
    return "read " + some + " from the vault " + vault;
  }
}
