package tech.tailor.secretmanager.cli;

import org.jspecify.annotations.Nullable;

/**
 * Which of the standard streams is a terminal, and the question that only a terminal can answer.
 */
interface Terminal {

  /** Whether standard input is one. */
  boolean isInput();

  /** Whether standard output is one. */
  boolean isOutput();

  /** Whether standard error is one. */
  boolean isError();

  /**
   * Reads a line that the terminal doesn't show.
   *
   * @return what was typed, which the caller wipes; null at the end of input
   * @throws CliException if that can't be asked here
   */
  char @Nullable [] readHidden(String prompt);
}
