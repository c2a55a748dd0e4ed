package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretSupport;

/**
 * One run of a program. Where nothing has to be masked and the JDK can, the program takes the place
 * of this process; otherwise it is a child that gets this process's signals.
 */
final class ProgramRun {

  private static final Pattern ERROR_NUMBER = Pattern.compile("error[=:] ?([0-9]+)");
  private static final int NO_SUCH_FILE = 2;
  private static final int NOT_FOUND = 127;
  private static final int NOT_RUNNABLE = 126;

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
    try (ForwardedSignals signals = ForwardedSignals.install(onTerminal)) {
      Process child;
      try {
        child = builder().start();
      } catch (IOException e) {
        return notStarted(e);
      }
      signals.forwardTo(child);
      List<MaskedStream> streams = new ArrayList<>();
      if (masksOutput) {
        streams.add(new MaskedStream(child.getInputStream(), io.out(), masker()));
      }
      if (masksError) {
        streams.add(new MaskedStream(child.getErrorStream(), io.err(), masker()));
      }
      int code = child.waitFor();
      for (MaskedStream stream : streams) {
        stream.join();
      }
      return code;
    }
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

  private Masker masker() {
    return new Masker(secrets.stream().map(SecretInEnvironment::bytes).toList());
  }

  private int notStarted(IOException e) {
    Matcher number = ERROR_NUMBER.matcher(String.valueOf(e.getMessage()));
    boolean missing = number.find() && Integer.parseInt(number.group(1)) == NO_SUCH_FILE;
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
