package tech.tailor.secretmanager.http;

import tech.tailor.secretmanager.SecretManagerException;

/**
 * The server refused a call with a code, and nothing was changed. The caller knows what the code
 * means for its call; {@link #failure()} gives the general meaning.
 */
final class RefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final ConnectCode code;
  private final transient SecretManagerException failure;

  RefusedException(ConnectCode code, SecretManagerException failure) {
    super(code.wireName());
    this.code = code;
    this.failure = failure;
  }

  ConnectCode code() {
    return code;
  }

  SecretManagerException failure() {
    return failure;
  }
}
