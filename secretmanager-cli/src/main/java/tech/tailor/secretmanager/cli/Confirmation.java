package tech.tailor.secretmanager.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretSupport;

/** The question before a change that can't be undone: the exact name has to be typed. */
final class Confirmation {

  @Option(
      names = {"-y", "--yes"},
      description = "Don't ask.")
  boolean yes;

  /**
   * Asks, unless {@code --yes} was given.
   *
   * @throws CliException if nobody can answer, or the answer is another one
   */
  void require(Io io, String question, String expected) throws IOException {
    if (yes) {
      return;
    }
    if (!io.canAsk()) {
      throw CliException.of(
          "INTERACTIVE_PROMPT_REQUIRED",
          question + " needs a confirmation, and nobody can be asked here.",
          "Add --yes to confirm.");
    }
    io.err().print(question + ": type " + SecretSupport.quote(expected) + " to confirm: ");
    io.err().flush();
    if (!readLine(io).equals(expected)) {
      throw CliException.of("CANCELLED", "Cancelled; nothing was changed.");
    }
  }

  private static String readLine(Io io) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = io.in().read();
    while (next >= 0 && next != '\n') {
      line.write(next);
      next = io.in().read();
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }
}
