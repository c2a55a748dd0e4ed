package tech.tailor.secretmanager.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Runs one command line, and says what failed. */
final class Cli {

  /** Every flag of one letter is {@code -j} or {@code -y}; other letters take a value. */
  private static final Pattern FLAGS_WITH_JSON = Pattern.compile("-y*j[jy]*");

  private final Io io;

  Cli(Io io) {
    this.io = io;
  }

  /**
   * Runs it.
   *
   * @return the exit code
   */
  int run(String... arguments) {
    CommandLine root = Commands.tree(io, List.of(arguments));
    root.setOut(writer(io.out()));
    root.setErr(writer(io.err()));
    root.setColorScheme(CommandLine.Help.defaultColorScheme(
        Output.hasColour(io, io.terminal().isOutput()) ? Ansi.ON : Ansi.OFF));
    root.setCaseInsensitiveEnumValuesAllowed(false);
    root.setExpandAtFiles(false);
    root.setUsageHelpWidth(100);
    root.setParameterExceptionHandler((e, args) -> {
      new Output(io, wantsJson(args)).fail(UsageErrors.translate(e));
      return CliCommand.FAILED;
    });
    root.setExecutionExceptionHandler((e, commandLine, result) -> {
      CliCommand command = commandLine.getCommand();
      command.output().fail(Failures.translate(e));
      if (command.verbose) {
        io.err().print(Failures.trace(e));
      }
      return CliCommand.FAILED;
    });
    int code = root.execute(arguments);
    io.out().flush();
    io.err().flush();
    Optional<CliException> lost =
        io.out() instanceof StandardOutput out ? out.failure() : Optional.empty();
    lost.ifPresent(new Output(io, wantsJson(arguments))::fail);
    return lost.isPresent() && code == CliCommand.OK ? CliCommand.FAILED : code;
  }

  /** Before the options are parsed, or where they can't be. */
  private static boolean wantsJson(String... arguments) {
    return Stream.of(arguments)
        .takeWhile(argument -> !argument.equals("--"))
        .anyMatch(argument ->
            argument.equals("--json") || FLAGS_WITH_JSON.matcher(argument).matches());
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
