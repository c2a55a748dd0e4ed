package tech.tailor.secretmanager;

import java.io.Console;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value that somebody types. */
final class PromptSource implements SecretSource {

  /** Asks, given the text of the prompt; null if there is no terminal, or no more input. */
  private final Function<String, char @Nullable []> terminal;

  /** What the terminal's input is decoded by; asked once something was typed. */
  private final Supplier<Charset> charset;

  PromptSource() {
    this(PromptSource::ask, PromptSource::decodedBy);
  }

  /** Visible for testing. */
  PromptSource(Function<String, char @Nullable []> terminal, Supplier<Charset> charset) {
    this.terminal = terminal;
    this.charset = charset;
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
      if (isBlank(typed)) {
        return Optional.empty();
      }
      String doubt = DecodedText.doubt(CharBuffer.wrap(typed), charset.get());
      if (doubt != null) {
        throw failed(ref, doubt);
      }
      return Optional.of(SecretValue.copyOf(typed));
    } catch (IllegalArgumentException e) {
      throw failed(ref, String.valueOf(e.getMessage()));
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

  private static SecretEncodingException failed(SecretRef ref, String why) {
    return new SecretEncodingException(
        "What was typed can't be the value of the secret " + ref + ": " + why);
  }

  private static boolean isBlank(char[] text) {
    return CharBuffer.wrap(text).chars().allMatch(Character::isWhitespace);
  }

  @SuppressWarnings("SystemConsoleNull") // it is null up to JDK 21; isTerminal is for later ones
  private static char @Nullable [] ask(String prompt) {
    Console console = System.console();
    return console == null || !isTerminal(console) ? null : console.readPassword("%s", prompt);
  }

  @SuppressWarnings("SystemConsoleNull")
  private static Charset decodedBy() {
    Console console = System.console();
    return console == null ? Charset.defaultCharset() : DecodedText.ofTerminal(console.charset());
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
