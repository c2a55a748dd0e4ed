package tech.tailor.secretmanager.cli;

import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tech.tailor.secretmanager.SecretSupport;

/**
 * Says what is wrong with a command line. The parser's own messages quote arguments, and any
 * argument may be a value in the wrong place: these quote names of options and commands alone.
 */
final class UsageErrors {

  private UsageErrors() {}

  static CliException translate(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
    return CliException.of("INVALID_ARGUMENT", message(e), "See " + command + " --help");
  }

  private static String message(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return "Missing: "
          + missing.getMissing().stream().map(UsageErrors::name).collect(Collectors.joining(", "))
          + ".";
    }
    if (e instanceof MutuallyExclusiveArgsException) {
      return "Options that exclude each other are given.";
    }
    if (e instanceof OverwrittenOptionException overwritten) {
      return name(overwritten.getOverwritten()) + " is given more than once.";
    }
    ArgSpec argument = e.getArgSpec();
    return argument == null
        ? "The command line can't be understood."
        : name(argument) + " must be " + rule(argument) + ".";
  }

  /** What the value of an option must be. */
  private static String rule(ArgSpec argument) {
    Object[] constants = argument.type().getEnumConstants();
    if (constants != null) {
      return "one of "
          + Stream.of(constants).map(Object::toString).collect(Collectors.joining(", "));
    }
    boolean isNumber = argument.type() == int.class || argument.type() == long.class;
    return isNumber ? "a whole number" : "followed by " + argument.paramLabel();
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String first = e.getUnmatched().isEmpty() ? "" : e.getUnmatched().get(0);
    CommandLine command = e.getCommandLine();
    if (first.startsWith("--")) {
      String name = optionName(first);
      return isOfACommandBelow(command, name)
          ? "Option " + name + " stands after the command it is for."
          : "Unknown option " + name + "."
              + suggestion(name, command.getCommandSpec().optionsMap().keySet());
    }
    if (first.startsWith("-") && first.length() > 1) {
      return "Unknown option " + SecretSupport.oneLine(first.substring(0, 2)) + ".";
    }
    if (!command.getSubcommands().isEmpty()) {
      return isWord(first)
          ? "Unknown command " + first + "."
              + suggestion(first, command.getSubcommands().keySet())
          : "Unknown command.";
    }
    return "There is an argument too many (not shown, since it may be a value).";
  }

  private static boolean isOfACommandBelow(CommandLine command, String name) {
    return command.getSubcommands().values().stream()
        .anyMatch(below -> below.getCommandSpec().optionsMap().containsKey(name)
            || isOfACommandBelow(below, name));
  }

  private static String suggestion(String typed, Collection<String> names) {
    return Spelling.closest(typed, names)
        .map(name -> " Did you mean " + name + "?")
        .orElse("");
  }

  private static String optionName(String argument) {
    int end = argument.indexOf('=');
    String name = end < 0 ? argument : argument.substring(0, end);
    return isWord(name.substring(2)) ? name : "(not shown)";
  }

  private static boolean isWord(String text) {
    return text.matches("[a-z][a-z0-9-]{0,30}");
  }

  private static String name(@Nullable ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      return option.longestName();
    }
    return argument == null ? "an argument" : argument.paramLabel();
  }
}
