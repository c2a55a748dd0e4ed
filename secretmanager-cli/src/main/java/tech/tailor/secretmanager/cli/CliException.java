package tech.tailor.secretmanager.cli;

import org.jspecify.annotations.Nullable;

/** A failure whose message was written for the user: one line, and what to do. Holds no value. */
final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;
  private final String text;
  private final @Nullable String suggestion;

  private CliException(String code, String text, @Nullable String suggestion) {
    super(suggestion == null ? text : text + " " + suggestion);
    this.code = code;
    this.text = text;
    this.suggestion = suggestion;
  }

  /** A failure, and what to do. */
  static CliException of(String code, String message, String suggestion) {
    return new CliException(code, message, suggestion);
  }

  /** A failure whose message says what to do. */
  static CliException of(String code, String message) {
    return new CliException(code, message, null);
  }

  /** A command line that can't be carried out as it is. */
  static CliException usage(String message) {
    return new CliException("INVALID_ARGUMENT", message, null);
  }

  /** For machines, such as {@code RPC_NOT_FOUND}. */
  String code() {
    return code;
  }

  /** What failed. */
  String text() {
    return text;
  }

  /** What to do, where the message doesn't say so itself. */
  @Nullable
  String suggestion() {
    return suggestion;
  }
}
