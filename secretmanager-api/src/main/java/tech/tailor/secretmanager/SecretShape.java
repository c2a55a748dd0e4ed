package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What a value must look like, so that a wrong one is noticed before it is stored or used. A check
 * answers yes or no: neither the value nor its length nor the place of an error comes out.
 * Immutable, and thread-safe if the check is.
 *
 * <p>The checks here look at a copy that is wiped, and make no {@code String} of it.
 */
public final class SecretShape {

  private static final int MAX_PATTERN_LENGTH = 1_000;
  private static final int MOST_UNREAD_STEPS = 10_000;

  private final String rule;
  private final Predicate<? super SecretValue> check;

  private SecretShape(String rule, Predicate<? super SecretValue> check) {
    this.rule = MessageText.oneLine(rule);
    this.check = check;
  }

  /**
   * A check of one's own.
   *
   * @param rule what must be, as a message shows it: {@code "must be a token of the shop"}; what
   *     would break the line is escaped
   * @param check whether the value, which is on loan, is so. What it throws counts as no, and is
   *     not shown
   */
  public static SecretShape of(String rule, Predicate<? super SecretValue> check) {
    return new SecretShape(requireNonNull(rule, "rule"), requireNonNull(check, "check"));
  }

  /**
   * Requires a length in bytes from {@code min} to {@code max}; in ASCII, a byte is a character.
   *
   * @throws IllegalArgumentException if min is negative, or max less than min or more than
   *     {@value SecretValue#MAX_SIZE_BYTES}
   */
  public static SecretShape length(int min, int max) {
    if (min < 0 || max < min || max > SecretValue.MAX_SIZE_BYTES) {
      throw new IllegalArgumentException("A length is between 0 and " + SecretValue.MAX_SIZE_BYTES
          + " bytes, and max not less than min; got " + min + " and " + max);
    }
    return new SecretShape(
        "must have " + (min == max ? "" : min + " to ") + max + " bytes",
        value -> value.<Boolean, RuntimeException>withBytes(
            bytes -> bytes.length >= min && bytes.length <= max));
  }

  /**
   * Text that the regular expression matches as a whole. The rule shows the expression.
   *
   * <p>Every match is bounded. One that a value sends too deep into recursion, or into backtracking
   * without end as {@code (a*)*\1c} does, is given up after 10 million steps, which take a second
   * or so, and counts as not matching; {@link DeclaredSecret#brokenRules} says so. An expression
   * that can go more than 10,000 steps without reading a character, as {@code ^?} forty times can,
   * is refused here.
   *
   * @throws IllegalArgumentException if it is no regular expression, has more than 1,000
   *     characters, sets the flag {@code x} for comments, or can go more than 10,000 steps without
   *     reading a character
   */
  public static SecretShape pattern(String regex) {
    requireNonNull(regex, "regex");
    if (regex.length() > MAX_PATTERN_LENGTH) {
      throw new IllegalArgumentException(
          "A pattern has at most " + MAX_PATTERN_LENGTH + " characters, got " + regex.length());
    }
    compiled(regex); // so that a message shows the place of an error as it was given
    String plain = UnreadSteps.withoutQuotations(regex);
    Pattern pattern = compiled(plain);
    int stepsPerRead = stepsPerRead(plain);
    return ofText(
        "must match the pattern " + regex,
        chars -> pattern.matcher(new BoundedText(chars, stepsPerRead)).matches());
  }

  /** JSON: any one value, as RFC 8259 has it, nested 64 deep at most. */
  public static SecretShape json() {
    return ofText("must be JSON", JsonText::isValid);
  }

  /**
   * An absolute URI: a scheme, a colon, and at least one character of those that RFC 3986 allows. A
   * JDBC URL is one.
   */
  public static SecretShape uri() {
    return ofText("must be an absolute URI", UriText::isValid);
  }

  /**
   * PEM: one or more blocks of base64 between lines that begin and end it, as keys and certificates
   * are written. Before each block there may be text that explains it (RFC 7468), after the last
   * one white space alone.
   */
  public static SecretShape pem() {
    return ofText("must be PEM", PemText::isValid);
  }

  /** What must be, as a message shows it; it says nothing of a value. */
  public String rule() {
    return rule;
  }

  /**
   * Whether the value is so. It stays the caller's to close.
   *
   * @throws IllegalStateException if the value is closed
   */
  public boolean matches(SecretValue value) {
    return broken(value) == null;
  }

  /** The rule, if the value breaks it, or could not be held against it; null otherwise. */
  @Nullable
  String broken(SecretValue value) {
    requireNonNull(value, "value");
    value.<Boolean, RuntimeException>withBytes(bytes -> true); // closed is no answer
    try {
      return check.test(value) ? null : rule;
    } catch (BoundedText.ExhaustedException e) {
      return rule + " (" + e.getMessage() + ": the pattern backtracks without end; write it so that"
          + " each part can match in one way only)";
    } catch (RuntimeException | StackOverflowError e) {
      return rule; // its message might show the value
    }
  }

  /** Returns the rule. */
  @Override
  public String toString() {
    return "SecretShape[" + rule + "]";
  }

  private static SecretShape ofText(String rule, Predicate<char[]> check) {
    return new SecretShape(rule, value -> value.<Boolean, RuntimeException>withChars(check::test));
  }

  /**
   * The steps that each read of a character counts as: one for every 16 that may follow it before
   * the next read, which are cheaper; one at least.
   *
   * @throws IllegalArgumentException if too many may follow
   */
  private static int stepsPerRead(String regex) {
    double unread = UnreadSteps.of(regex);
    if (unread <= MOST_UNREAD_STEPS) {
      return (int) Math.max(1, unread / 16);
    }
    throw new IllegalArgumentException("The pattern can go more than " + MOST_UNREAD_STEPS
        + " steps without reading a character of the value, so that nothing would bound a match;"
        + " write it so that what is repeated or optional matches one character at least, in one"
        + " way only");
  }

  private static Pattern compiled(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "Not a regular expression: " + MessageText.oneLine(e.getDescription()) + ", near index "
              + e.getIndex(),
          e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("The regular expression is nested too deep", e);
    }
  }
}
