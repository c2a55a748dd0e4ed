package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Declared secrets could not all be read: everything that is wrong, in one message.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds is kept.
 */
public final class SecretVerificationException extends SecretManagerException {

  @Serial
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  private SecretVerificationException(
      List<Problem> problems, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.problems = problems;
  }

  /**
   * The given problems.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static SecretVerificationException of(List<Problem> problems) {
    List<Problem> copy = List.copyOf(requireNonNull(problems, "problems"));
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("There is no problem to report");
    }
    String message = copy.stream()
        .map(Problem::toString)
        .collect(Collectors.joining(
            "\n  ",
            copy.size() + " declared secret" + (copy.size() == 1 ? "" : "s")
                + " can't be read:\n  ",
            ""));
    SecretVerificationException exception = new SecretVerificationException(copy, message, null);
    copy.forEach(problem -> exception.addSuppressed(problem.failure()));
    return exception;
  }

  /** Each secret that can't be read, in the order of the declaration. Empty after serialisation. */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }

  @Override
  public SecretVerificationException forCaller() {
    return new SecretVerificationException(problems(), text(), this);
  }

  /**
   * One declared secret that can't be read.
   *
   * @param ref its address
   * @param description what it was declared to be
   * @param failure why it can't be read
   */
  public record Problem(SecretRef ref, String description, SecretManagerException failure) {
    /** Checks that nothing is null. */
    public Problem {
      requireNonNull(ref, "ref");
      requireNonNull(description, "description");
      requireNonNull(failure, "failure");
    }

    /** Returns one line: the address, the description and the failure's message. */
    @Override
    public String toString() {
      return ref + (description.isEmpty() ? "" : " (" + description + ")") + ": "
          + failure.getMessage();
    }
  }
}
