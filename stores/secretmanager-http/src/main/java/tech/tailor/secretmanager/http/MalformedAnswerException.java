package tech.tailor.secretmanager.http;

/**
 * An answer is not what the protocol says. The message tells what is wrong, and never what stood
 * there.
 */
final class MalformedAnswerException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedAnswerException(String message) {
    super(message);
  }
}
