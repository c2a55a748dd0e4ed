package tech.tailor.secretmanager.testing.emulator;

/**
 * A call that is answered with an error. The message goes to the caller: it names rules and names,
 * never a value or a token, and never quotes what was sent.
 */
final class RefusedCall extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Code code;

  RefusedCall(Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  Code code() {
    return code;
  }
}
