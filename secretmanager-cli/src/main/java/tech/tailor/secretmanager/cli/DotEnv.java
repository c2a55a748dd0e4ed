package tech.tailor.secretmanager.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The format of {@code .env} files: {@code NAME=value} lines, {@code export} before them, comments,
 * values in single quotes (as they stand), in double quotes (with escapes, over several lines) or
 * without. What is written with {@link #quoted} reads as it was, here and in a shell.
 */
final class DotEnv {

  static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final Pattern ASSIGNMENT =
      Pattern.compile("[ \\t]*(?:export[ \\t]+)?(" + NAME.pattern() + ")[ \\t]*=[ \\t]*");

  private static final Pattern BARE_LINE_FEED = Pattern.compile("(?<!\r)\n");

  private final String text;
  private int at;

  private DotEnv(String text) {
    this.text = text;
  }

  /**
   * Reads a file's text; a name that is there twice has its last value.
   *
   * @param where names the file in messages
   * @throws CliException if a line is none of the format; the message has its number alone
   */
  static Map<String, String> parse(String text, String where) {
    // A file in which every line ends so is one of Windows; elsewhere CR LF is part of a value.
    boolean isOfWindows = !BARE_LINE_FEED.matcher(text).find();
    DotEnv file = new DotEnv(isOfWindows ? text.replace("\r\n", "\n") : text);
    Map<String, String> variables = new LinkedHashMap<>();
    while (file.at < file.text.length()) {
      file.line(variables, where);
    }
    return variables;
  }

  private void line(Map<String, String> variables, String where) {
    int end = lineEnd();
    String line = text.substring(at, end);
    if (line.isBlank() || line.strip().startsWith("#")) {
      at = end + 1;
      return;
    }
    Matcher assignment = ASSIGNMENT.matcher(text).region(at, end);
    if (!assignment.lookingAt()) {
      throw malformed(where, "NAME=value is expected");
    }
    int start = at;
    at = assignment.end();
    char quote = at < text.length() ? text.charAt(at) : '\n';
    String value;
    if (quote == '"' || quote == '\'') {
      int close = closing(quote);
      if (close < 0) {
        at = start;
        throw malformed(where, "a quote is not closed");
      }
      String quoted = text.substring(at + 1, close);
      value = quote == '"' ? unescaped(quoted) : quoted;
      at = close + 1;
      String rest = text.substring(at, lineEnd()).strip();
      if (!rest.isEmpty() && !rest.startsWith("#")) {
        throw malformed(where, "something follows the closing quote");
      }
    } else {
      String plain = text.substring(at, end);
      int comment = plain.indexOf(" #");
      value = (comment < 0 ? plain : plain.substring(0, comment)).strip();
    }
    variables.put(assignment.group(1), value);
    at = lineEnd() + 1;
  }

  private int lineEnd() {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private int closing(char quote) {
    for (int next = at + 1; next < text.length(); next++) {
      char c = text.charAt(next);
      if (c == '\\' && quote == '"') {
        next++;
      } else if (c == quote) {
        return next;
      }
    }
    return -1;
  }

  private static String unescaped(String quoted) {
    StringBuilder plain = new StringBuilder();
    for (int next = 0; next < quoted.length(); next++) {
      char c = quoted.charAt(next);
      if (c != '\\' || next + 1 == quoted.length()) {
        plain.append(c);
        continue;
      }
      char escaped = quoted.charAt(++next);
      switch (escaped) {
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case 't' -> plain.append('\t');
        case '"', '\\', '$', '`' -> plain.append(escaped);
        default -> plain.append('\\').append(escaped);
      }
    }
    return plain.toString();
  }

  private CliException malformed(String where, String why) {
    long line = text.substring(0, Math.min(at, text.length())).lines().count();
    boolean begins = at == 0 || text.charAt(Math.min(at, text.length()) - 1) == '\n';
    return CliException.of(
        "INVALID_ARGUMENT", where + ", line " + (begins ? line + 1 : line) + ": " + why + ".");
  }

  /** A value without NUL in double quotes, as a POSIX shell and this parser read it exactly. */
  static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    value.chars().forEach(c -> {
      switch (c) {
        case '"', '\\', '$', '`' -> quoted.append('\\').append((char) c);
        default -> quoted.append((char) c);
      }
    });
    return quoted.append('"').toString();
  }
}
