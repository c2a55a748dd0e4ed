package tech.tailor.secretmanager;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The most steps that a match can take between two reads of a character, as the regular expression
 * alone has it: {@link BoundedText} counts the reads, and can't see what is between them. With
 * {@code ^?^?^?}, say, each part doubles the ways through the expression, and none reads anything.
 *
 * <p>It reads the structure of expressions that the JDK has compiled before, and errs on the high
 * side. Not thread-safe.
 */
final class UnreadSteps {

  private static final String FLAGS = "-cdimsuxU";

  private final String regex;
  private int at;

  private UnreadSteps(String regex) {
    this.regex = regex;
  }

  /**
   * Counts the steps.
   *
   * @param regex a valid expression without {@code \Q}
   * @return the steps; infinity, or not a number, if there are too many to be told
   * @throws IllegalArgumentException if the expression changes how it is to be read itself
   */
  static double of(String regex) {
    Part whole = new UnreadSteps(regex).alternatives();
    return Math.max(whole.steps, whole.stepsAfterRead);
  }

  /**
   * Takes the quotation marks {@code \Q} and {@code \E} out of a valid expression, and escapes what
   * was between them.
   */
  static String withoutQuotations(String regex) {
    StringBuilder plain = new StringBuilder();
    int i = 0;
    while (i < regex.length()) {
      if (regex.startsWith("\\Q", i)) {
        int end = regex.indexOf("\\E", i + 2);
        String quoted = regex.substring(i + 2, end < 0 ? regex.length() : end);
        quoted.chars().forEach(c -> plain.append(escaped((char) c)));
        i = end < 0 ? regex.length() : end + 2;
      } else {
        int next = Math.min(regex.length(), i + (regex.charAt(i) == '\\' ? 2 : 1));
        plain.append(regex, i, next);
        i = next;
      }
    }
    return plain.toString();
  }

  private static String escaped(char c) {
    boolean isPlain = Character.isLetter(c) || c >= 0x80;
    return isPlain ? String.valueOf(c) : String.format("\\x%02x", (int) c);
  }

  private Part alternatives() {
    Part all = sequence();
    while (at < regex.length() && regex.charAt(at) == '|') {
      at++;
      all = all.or(sequence());
    }
    return all;
  }

  private Part sequence() {
    Part all = Part.NOTHING;
    while (at < regex.length() && "|)".indexOf(regex.charAt(at)) < 0) {
      all = all.then(repeated(one()));
    }
    return all;
  }

  /** Reads a character, a class, an escape, or a group, without what repeats it. */
  private Part one() {
    char c = regex.charAt(at);
    if (c == '{') {
      return Part.NOTHING; // after another one, it repeats nothing
    }
    at++;
    return switch (c) {
      case '(' -> group();
      case '[' -> characterClass();
      case '\\' -> escape();
      case '^', '$' -> Part.NOTHING;
      default -> Part.CHARACTER;
    };
  }

  private Part group() {
    if (!skip("?")) {
      return groupOf(alternatives());
    }
    if (skip(">")) {
      return groupOf(alternatives()).atomic();
    }
    if (skip("=") || skip("!")) {
      return groupOf(alternatives()).lookedAt();
    }
    if (skip("<=") || skip("<!")) {
      Part behind = groupOf(alternatives());
      return behind.timesTried(behind.length + 1).lookedAt();
    }
    if (skip("<")) {
      skipThrough('>');
      return groupOf(alternatives());
    }
    while (FLAGS.indexOf(regex.charAt(at)) >= 0) {
      if ("cx".indexOf(regex.charAt(at)) >= 0) {
        throw new IllegalArgumentException("A pattern takes no flag " + regex.charAt(at)
            + "; write it without spaces and comments");
      }
      at++;
    }
    if (skip(")")) {
      return Part.NOTHING;
    }
    at++; // the colon after the flags
    return groupOf(alternatives());
  }

  private Part groupOf(Part inside) {
    at++; // the bracket that closes it
    return inside;
  }

  /** It ends where the JDK says that it does. */
  private Part characterClass() {
    int start = at - 1;
    do {
      skipThrough(']');
    } while (!isExpression(regex.substring(start, at)));
    return Part.oneOf(at - start);
  }

  private static boolean isExpression(String regex) {
    try {
      Pattern.compile(regex);
      return true;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  private Part escape() {
    char c = regex.charAt(at++);
    return switch (c) {
      case 'A', 'B', 'G', 'Z', 'z' -> Part.NOTHING;
      case 'b' -> {
        skipBraces();
        yield Part.NOTHING;
      }
      case 'k' -> {
        skipThrough('>');
        yield Part.REFERENCE;
      }
      case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
        while (at < regex.length() && Character.isDigit(regex.charAt(at))) {
          at++;
        }
        yield Part.REFERENCE;
      }
      case 'x', 'N' -> {
        skipBraces();
        yield Part.CHARACTER;
      }
      case 'p', 'P' -> {
        if (!skipBraces()) {
          at++;
        }
        yield Part.CHARACTER;
      }
      case 'c' -> {
        at++;
        yield Part.CHARACTER;
      }
      default -> Part.CHARACTER;
    };
  }

  private boolean skipBraces() {
    boolean isThere = skip("{");
    if (isThere) {
      skipThrough('}');
    }
    return isThere;
  }

  private Part repeated(Part part) {
    if (at == regex.length()) {
      return part;
    }
    Part repeated;
    if (skip("?")) {
      repeated = part.times(0, 1);
    } else if (skip("*")) {
      repeated = part.times(0, Double.POSITIVE_INFINITY);
    } else if (skip("+")) {
      repeated = part.times(1, Double.POSITIVE_INFINITY);
    } else if (skip("{")) {
      String[] counts = regex.substring(at, regex.indexOf('}', at)).split(",", -1);
      skipThrough('}');
      double least = Double.parseDouble(counts[0]);
      String most = counts[counts.length - 1];
      repeated =
          part.times(least, most.isEmpty() ? Double.POSITIVE_INFINITY : Double.parseDouble(most));
    } else {
      return part;
    }
    if (skip("+")) {
      return repeated.atomic();
    }
    skip("?");
    return repeated;
  }

  private boolean skip(String text) {
    if (!regex.startsWith(text, at)) {
      return false;
    }
    at += text.length();
    return true;
  }

  private void skipThrough(char end) {
    at = regex.indexOf(end, at) + 1;
  }

  /**
   * What a part of an expression can do.
   *
   * @param ways the ways through it that read nothing
   * @param steps the steps in it, on all ways from its beginning to a read or to its end
   * @param waysAfterRead the ways to its end from right after a read in it
   * @param stepsAfterRead the steps on those
   * @param length the characters that it matches
   */
  private record Part(
      double ways, double steps, double waysAfterRead, double stepsAfterRead, double length) {

    private static final Part NOTHING = new Part(1, 1, 0, 0, 0);
    private static final Part CHARACTER = oneOf(1);

    /** To a group, which may have matched nothing. Not taken where its length matters. */
    private static final Part REFERENCE = new Part(1, 1, 1, 0, 0);

    /** One character, compared with up to {@code characters} others. */
    private static Part oneOf(int characters) {
      return new Part(0, characters, 1, 0, 1);
    }

    private Part then(Part next) {
      return new Part(
          ways * next.ways,
          steps + ways * next.steps,
          Math.max(waysAfterRead * next.ways, next.waysAfterRead),
          Math.max(stepsAfterRead + waysAfterRead * next.steps, next.stepsAfterRead),
          length + next.length);
    }

    private Part or(Part other) {
      return new Part(
          ways + other.ways,
          1 + steps + other.steps,
          Math.max(waysAfterRead, other.waysAfterRead),
          Math.max(stepsAfterRead, other.stepsAfterRead),
          Math.max(length, other.length));
    }

    /** A round more than the least that reads nothing is the last one. */
    private Part times(double least, double most) {
      double waysOfLeast = Math.pow(ways, least);
      double waysOfMore = most > least ? 1 + ways : 1;
      double rounds = ways == 1 ? least + 1 : (1 - waysOfLeast * ways) / (1 - ways);
      double stepsOfAll = rounds * (steps + 1);
      return new Part(
          waysOfLeast * waysOfMore,
          stepsOfAll,
          waysAfterRead * Math.max(1, waysOfLeast) * waysOfMore,
          stepsAfterRead + waysAfterRead * stepsOfAll,
          length == 0 ? 0 : length * most);
    }

    /** Tried again at that many places. */
    private Part timesTried(double places) {
      return new Part(
          ways, places * (steps + 1), waysAfterRead, stepsAfterRead + places * (steps + 1), length);
    }

    /** Left as soon as one way through it was found. */
    private Part atomic() {
      return new Part(Math.min(1, ways), steps, Math.min(1, waysAfterRead), stepsAfterRead, length);
    }

    /** The text is looked at, and not gone on in. */
    private Part lookedAt() {
      return new Part(1, steps + 1, 1, stepsAfterRead, 0);
    }
  }
}
