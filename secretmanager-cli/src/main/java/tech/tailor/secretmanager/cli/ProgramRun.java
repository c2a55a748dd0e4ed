package tech.tailor.secretmanager.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.spi.SecretMasker;

/**
 * One run of a program. Where nothing has to be masked and the JDK can, the program takes the place
 * of this process; otherwise it is a child that gets this process's signals.
 */
final class ProgramRun {

  private static final Pattern ERROR_NUMBER = Pattern.compile("error[=:] ?([0-9]+)");
  private static final int NO_SUCH_FILE = 2;
  private static final int TOO_LARGE = 7;
  private static final int NOT_FOUND = 127;
  private static final int NOT_RUNNABLE = 126;

  /** A shorter line of a value stands in many a harmless place. */
  private static final int SHORTEST_LINE = 8;

  private final Io io;
  private final List<String> command;
  private final List<SecretInEnvironment> secrets;
  private final boolean masksOutput;
  private final boolean masksError;

  ProgramRun(Io io, List<String> command, List<SecretInEnvironment> secrets, RunCommand.Mask mask) {
    this.io = io;
    this.command = List.copyOf(command);
    this.secrets = List.copyOf(secrets);
    this.masksOutput = masks(mask, io.terminal().isOutput());
    this.masksError = masks(mask, io.terminal().isError());
  }

  private static boolean masks(RunCommand.Mask mask, boolean isTerminal) {
    return mask == RunCommand.Mask.always || (mask == RunCommand.Mask.auto && !isTerminal);
  }

  /**
   * Runs it.
   *
   * @return its exit code; 128 and the number of the signal that ended it
   */
  int run() throws IOException, InterruptedException {
    if (io.own() && !masksOutput && !masksError) {
      io.err().flush();
      NativeExec.replaceProcess(command, secrets); // returns if it can't, or there is no program
    }
    boolean onTerminal =
        io.terminal().isInput() || io.terminal().isOutput() || io.terminal().isError();
    List<MaskedStream> streams = new ArrayList<>();
    int code;
    try (ForwardedSignals signals = ForwardedSignals.install(onTerminal)) {
      Process child;
      try {
        child = builder().start();
      } catch (IOException e) {
        return notStarted(e);
      }
      signals.forwardTo(child);
      if (masksOutput) {
        streams.add(new MaskedStream(child.getInputStream(), io.out(), masker()));
      }
      if (masksError) {
        streams.add(new MaskedStream(child.getErrorStream(), io.err(), masker()));
      }
      code = child.waitFor();
    }
    // What the program left behind may keep its output open; a signal ends this process by now.
    for (MaskedStream stream : streams) {
      stream.join();
    }
    return code;
  }

  private ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    if (!io.own()) {
      environment.putAll(io.environment());
    }
    secrets.forEach(secret -> environment.put(secret.variable(), secret.text()));
    builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
    if (!masksOutput) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
    }
    if (!masksError) {
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    return builder;
  }

  /** For the secrets, each of their longer lines, and the credentials that the program inherits. */
  private SecretMasker masker() {
    List<byte[]> hidden = new ArrayList<>(); // copies, which the masker copies again
    try {
      secrets.forEach(secret -> hide(secret.bytes(), hidden));
      for (String credential : List.of("TAILOR_PLATFORM_TOKEN", ConnectionOptions.KEY)) {
        hide(io.environment().getOrDefault(credential, "").getBytes(UTF_8), hidden);
      }
      return new SecretMasker(hidden);
    } finally {
      hidden.forEach(copy -> Arrays.fill(copy, (byte) 0));
    }
  }

  /** As it is; and as programs print a value that they trim, or line by line. */
  private static void hide(byte[] value, List<byte[]> hidden) {
    hidden.add(value.clone());
    hidden.add(trimmed(value, 0, value.length));
    int from = 0;
    for (int at = 0; at <= value.length; at++) {
      if (at == value.length || value[at] == '\n') {
        byte[] line = trimmed(value, from, at);
        if (line.length >= SHORTEST_LINE) {
          hidden.add(line);
        }
        from = at + 1;
      }
    }
  }

  /** A copy of a part, without white space at its ends. */
  private static byte[] trimmed(byte[] value, int from, int to) {
    int begin = from;
    int end = to;
    while (begin < end && isSpace(value[begin])) {
      begin++;
    }
    while (begin < end && isSpace(value[end - 1])) {
      end--;
    }
    return Arrays.copyOfRange(value, begin, end);
  }

  private static boolean isSpace(byte character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
  }

  private int notStarted(IOException e) {
    Matcher number = ERROR_NUMBER.matcher(String.valueOf(e.getMessage()));
    int error = number.find() ? Integer.parseInt(number.group(1)) : 0;
    if (error == TOO_LARGE) {
      new Output(io, false)
          .fail(CliException.of(
              "INVALID_ARGUMENT",
              "The arguments and the environment with these secrets are larger than the system"
                  + " allows.",
              "Name fewer secrets with --env; or write large ones to files, with: secretmanager"
                  + " export --format systemd"));
      return NOT_RUNNABLE;
    }
    boolean missing = error == NO_SUCH_FILE;
    String program = SecretSupport.quote(command.get(0));
    new Output(io, false)
        .fail(CliException.of(
            "INVALID_ARGUMENT",
            missing
                ? "There is no program " + program + "."
                : "The program " + program + " can't be run.",
            missing ? "Check the name and the PATH." : "Check that it may be executed."));
    return missing ? NOT_FOUND : NOT_RUNNABLE;
  }
}
