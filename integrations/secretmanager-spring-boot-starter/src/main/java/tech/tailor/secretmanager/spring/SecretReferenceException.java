package tech.tailor.secretmanager.spring;

/**
 * A property refers to a secret, and can't have it; or the properties name no store that can be
 * opened. The message says what to do.
 */
final class SecretReferenceException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  SecretReferenceException(String message) {
    super(message);
  }

  SecretReferenceException(String message, Throwable cause) {
    super(message, cause);
  }
}
