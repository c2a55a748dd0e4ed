package tech.tailor.secretmanager;

import java.io.Console;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A value that somebody types. */
final class PromptSource implements SecretSource {

  /** Asks, given the text of the prompt; null if there is no terminal, or no more input. */
  private final Function<String, char @Nullable []> terminal;

  PromptSource() {
    this(PromptSource::ask);
  }

  /** Visible for testing. */
  PromptSource(Function<String, char @Nullable []> terminal) {
    this.terminal = terminal;
  }

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    char @Nullable [] typed = terminal.apply("Value of the secret " + ref + ": ");
    if (typed == null) {
      throw new SecretPreconditionException(
          "There is no terminal to ask for the value of the" + " secret " + ref
              + ", or its input has ended; run this at one, or give the secret another source");
    }
    try {
      return typed.length == 0 ? Optional.empty() : Optional.of(SecretValue.copyOf(typed));
    } catch (IllegalArgumentException e) {
      throw new SecretEncodingException(
          "What was typed can't be the value of the secret " + ref + ": " + e.getMessage());
    } finally {
      Arrays.fill(typed, '\0');
    }
  }

  @Override
  public String origin() {
    return "a prompt";
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }

  @SuppressWarnings("SystemConsoleNull") // it is null up to JDK 21; isTerminal is for later ones
  private static char @Nullable [] ask(String prompt) {
    Console console = System.console();
    return console == null || !isTerminal(console) ? null : console.readPassword("%s", prompt);
  }

  /** From JDK 22 on there may be a console without a terminal, which reads what is piped in. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
