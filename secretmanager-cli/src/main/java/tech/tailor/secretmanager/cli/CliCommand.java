package tech.tailor.secretmanager.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A command: what it meets outside, and the options that every command has. */
abstract class CliCommand implements Callable<Integer> {

  /** Done. */
  static final int OK = 0;

  /** Not done, whatever the cause. */
  static final int FAILED = 1;

  @Option(
      names = {"-j", "--json"},
      description = "Print data, and errors, as JSON on one line.")
  boolean json;

  @Option(names = "--verbose", description = "Print the stack trace of a failure.")
  boolean verbose;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  boolean help;

  private final Io io;

  CliCommand(Io io) {
    this.io = io;
  }

  final Io io() {
    return io;
  }

  final Output output() {
    return new Output(io, json);
  }
}
