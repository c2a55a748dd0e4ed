package tech.tailor.secretmanager.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;

/**
 * What a command meets outside: streams, environment, terminal and clock. Tests give their own.
 *
 * @param own whether the streams are those of the process, so that a child may share them
 */
record Io(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Terminal terminal,
    Clock clock,
    boolean own) {

  /** Those of this process. A closed pipe is no failure: a {@link PrintStream} ignores it. */
  static Io ofProcess() {
    return new Io(
        System.in,
        StandardOutput.ofProcess(),
        utf8(FileDescriptor.err),
        System.getenv(),
        new SystemTerminal(),
        Clock.systemUTC(),
        true);
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** Shows nothing: the environment holds tokens and keys. */
  @Override
  public String toString() {
    return "Io";
  }

  /** Whether the variable is set and not empty. */
  boolean isSet(String variable) {
    return !environment.getOrDefault(variable, "").isEmpty();
  }

  /** Whether a question may be asked: not in CI, and only where somebody can answer. */
  boolean canAsk() {
    return terminal.isInput() && !isSet("CI");
  }
}
