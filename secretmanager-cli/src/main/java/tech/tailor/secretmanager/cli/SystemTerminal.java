package tech.tailor.secretmanager.cli;

import java.io.Console;
import org.jspecify.annotations.Nullable;

/**
 * The terminal of this process. The launcher says which streams are terminals, since a JVM can only
 * tell whether all of them are.
 */
final class SystemTerminal implements Terminal {

  /** Holds the numbers of the standard streams that are terminals, such as {@code 02}. */
  private static final String PROPERTY = "secretmanager.tty";

  private final @Nullable String streams = System.getProperty(PROPERTY);

  @Override
  public boolean isInput() {
    return is('0');
  }

  @Override
  public boolean isOutput() {
    return is('1');
  }

  @Override
  public boolean isError() {
    return is('2');
  }

  private boolean is(char stream) {
    return streams == null ? console() != null : streams.indexOf(stream) >= 0;
  }

  /** Null where standard input or output is no terminal. */
  @SuppressWarnings("SystemConsoleNull") // it is null up to JDK 21; isTerminal is for later ones
  private static @Nullable Console console() {
    Console console = System.console();
    try {
      boolean isTerminal =
          console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
      return isTerminal ? console : null;
    } catch (NoSuchMethodException e) {
      return console;
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /** The console restores the terminal when the process is interrupted meanwhile. */
  @Override
  public char @Nullable [] readHidden(String prompt) {
    Console console = console();
    if (console == null) {
      throw CliException.of(
          "INTERACTIVE_PROMPT_REQUIRED",
          "A hidden value can only be typed where standard input and standard output are terminals.",
          "Give the value on standard input.");
    }
    return console.readPassword("%s", prompt);
  }
}
