package tech.tailor.secretmanager.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** The one place that turns an exception into a code and one line for the user. */
final class Failures {

  /** What messages of the library tell an application to call, and what an operator runs. */
  private static final List<Instead> COMMANDS = List.of(
      new Instead("call acceptRewind\\(\"([^\"]*)\"\\)", "run \"secretmanager accept-rewind $1\""),
      new Instead("call PostgresSchema\\.createOrUpgrade", "run secretmanager init"),
      new Instead("PostgresSchema\\.rolesScript", "secretmanager roles"),
      new Instead("(FileSecretStore\\.create|MasterKey\\.createFile)\\b", "secretmanager init"),
      new Instead("createIfMissing\\(\\) on the builder", "secretmanager init"),
      new Instead("\\brotateMasterKey\\b", "secretmanager key rotate --new-key-file"),
      new Instead(", or raise timeout on the builder", ""),
      new Instead("skipEmptyValues\\(\\)", "--skip-empty"),
      new Instead("FileSecretStore\\.builder\\(\\.\\.\\.\\)\\.allowSharedDirectory\\(\\) or ", ""),
      new Instead(
          "MasterKey\\.fromEnvironment, MasterKey\\.fromFileDescriptor",
          "by the variable TAILOR_SECRETMANAGER_KEY, or as --key-file fd:0"),
      new Instead("MasterKey\\.fromEnvironment; ", ""),
      new Instead(
          "There is no workspace: set TAILOR_PLATFORM_WORKSPACE_ID",
          "There is no workspace at Tailor Platform: name another store with --store"
              + " file:DIRECTORY --key-file FILE or TAILOR_SECRETMANAGER_URL, or set"
              + " TAILOR_PLATFORM_WORKSPACE_ID"),
      new Instead("Call rotateDataKey", "Run secretmanager key rotate --data-key"));

  private Failures() {}

  private record Instead(Pattern call, String command) {

    Instead(String call, String command) {
      this(Pattern.compile(call), command);
    }

    String in(String message) {
      return call.matcher(message).replaceAll(command);
    }
  }

  /** Any failure of a command as one that has a code and a line. */
  static CliException translate(Throwable failure) {
    if (failure instanceof CliException known) {
      return known;
    }
    if (failure instanceof SecretNotFoundException missing) {
      return notFound(missing);
    }
    String message = oneLine(failure);
    if (failure instanceof SecretManagerException) {
      return CliException.of(code(failure), message);
    }
    if (failure instanceof IllegalArgumentException || failure instanceof IllegalStateException) {
      return CliException.of("INVALID_ARGUMENT", message);
    }
    // Not its message: what was not foreseen may quote a value.
    return CliException.of(
        "INTERNAL",
        "Unexpected " + failure.getClass().getSimpleName() + ".",
        "Run the command again with --verbose, and report the stack trace.");
  }

  /** The stack trace; of a foreign exception without its message, which may quote a value. */
  static String trace(Throwable failure) {
    StringBuilder trace = new StringBuilder();
    List<Throwable> seen = new ArrayList<>();
    for (Throwable at = failure; at != null && !seen.contains(at); at = at.getCause()) {
      seen.add(at);
      boolean ours = at instanceof SecretManagerException || at instanceof CliException;
      trace.append(seen.size() == 1 ? "" : "Caused by: ").append(at.getClass().getName());
      trace.append(ours ? ": " + oneLine(at) : "").append('\n');
      for (StackTraceElement element : at.getStackTrace()) {
        trace.append("\tat ").append(element).append('\n');
      }
    }
    return trace.toString();
  }

  private static CliException notFound(SecretNotFoundException e) {
    String vault = SecretSupport.quote(e.vault());
    return switch (e.missing()) {
      case VAULT ->
        CliException.of(
            "RPC_NOT_FOUND",
            "Vault " + vault + " not found.",
            "Check the name, or create it: secretmanager vault create " + e.vault());
      case SECRET ->
        CliException.of(
            "RPC_NOT_FOUND",
            "Secret " + SecretSupport.quote(e.name().orElse("")) + " not found in vault " + vault
                + ".",
            "See which there are: secretmanager list -V " + e.vault());
      case VERSION -> CliException.of("RPC_NOT_FOUND", oneLine(e));
    };
  }

  private static String code(Throwable failure) {
    if (failure instanceof SecretAlreadyExistsException) {
      return "RPC_ALREADY_EXISTS";
    } else if (failure instanceof SecretAccessDeniedException) {
      return "RPC_PERMISSION_DENIED";
    } else if (failure instanceof SecretPreconditionException) {
      return "RPC_FAILED_PRECONDITION";
    } else if (failure instanceof SecretConflictException) {
      return "RPC_ABORTED";
    } else if (failure instanceof SecretLimitException
        || failure instanceof SecretRateLimitedException) {
      return "RPC_RESOURCE_EXHAUSTED";
    } else if (failure instanceof SecretTimeoutException) {
      return "RPC_DEADLINE_EXCEEDED";
    } else if (failure instanceof SecretUnavailableException) {
      return "RPC_UNAVAILABLE";
    } else if (failure instanceof SecretOutcomeUnknownException) {
      return "RPC_UNKNOWN";
    } else if (failure instanceof SecretEncodingException) {
      return "SECRET_VALUE_INVALID_UTF8";
    } else if (failure instanceof SecretIntegrityException) {
      return "RPC_DATA_LOSS";
    }
    return "RPC_INTERNAL";
  }

  /** The message on one line, with commands in place of calls. */
  static String oneLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    for (Instead each : COMMANDS) {
      message = each.in(message);
    }
    return SecretSupport.oneLine(message);
  }
}
