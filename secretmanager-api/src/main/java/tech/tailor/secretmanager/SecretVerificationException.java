package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.io.Serial;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Declared secrets could not all be read, or are not as declared: everything that is wrong, in one
 * message.
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
   * Creates an exception for the given problems.
   *
   * @throws IllegalArgumentException if {@code problems} is empty
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
                + " can't be used:\n  ",
            ""));
    SecretVerificationException exception = new SecretVerificationException(copy, message, null);
    copy.forEach(problem -> exception.addSuppressed(problem.failure()));
    return exception;
  }

  /** Each secret with a problem, in the order of the declaration. Empty after serialisation. */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }

  @Override
  SecretVerificationException forCaller() {
    return new SecretVerificationException(problems(), text(), this);
  }

  /** What is wrong with a declared secret. */
  public enum Kind {
    /** It doesn't exist, or its vault doesn't. */
    MISSING,
    /** It may not be read. */
    DENIED,
    /** Its value is not as declared. */
    MALFORMED,
    /** The backend can't be reached, or can't prove what it is. */
    UNREACHABLE,
    /** It is there and can't be used, as when its current version is disabled. */
    UNUSABLE
  }

  /** One declared secret that can't be read, or is not as declared. */
  public static final class Problem {

    private final SecretRef ref;
    private final String description;
    private final SecretManagerException failure;

    private Problem(SecretRef ref, String description, SecretManagerException failure) {
      requireNonNull(ref, "ref");
      requireNonNull(description, "description");
      requireNonNull(failure, "failure");
      this.ref = ref;
      this.description = description;
      this.failure = failure;
    }

    /** A problem of a declared secret. */
    public static Problem of(SecretRef ref, String description, SecretManagerException failure) {
      return new Problem(ref, description, failure);
    }

    /** Its address. */
    public SecretRef ref() {
      return ref;
    }

    /** What it was declared to be. */
    public String description() {
      return description;
    }

    /** Why it can't be read; a {@link SecretEncodingException} if it is not as declared. */
    public SecretManagerException failure() {
      return failure;
    }

    /** What is wrong, in one word. */
    public Kind kind() {
      if (failure instanceof SecretNotFoundException) {
        return Kind.MISSING;
      } else if (failure instanceof SecretAccessDeniedException) {
        return Kind.DENIED;
      } else if (failure instanceof SecretEncodingException) {
        return Kind.MALFORMED;
      } else if (failure instanceof SecretUnavailableException
          || failure instanceof SecretServerIdentityException) {
        return Kind.UNREACHABLE;
      }
      return Kind.UNUSABLE;
    }

    /** What to do about it. */
    public String remedy() {
      return switch (kind()) {
        case MISSING ->
          "create it"
              + (isVaultMissing() ? ", and its vault before" : "")
              + ", or apply the declaration; if the application can do without it, declare it optional";
        case DENIED -> "let the reader read it, or take it out of the declaration";
        case MALFORMED -> "store a value that is as declared, or change the declaration";
        case UNREACHABLE -> "check the way to the store and its credentials, and try again";
        case UNUSABLE -> "see to the secret and its store, as the failure says";
      };
    }

    /** Returns one line: the address, the description, the failure's message, what to do. */
    @Override
    public String toString() {
      return MessageText.oneLine(ref + (description.isEmpty() ? "" : " (" + description + ")")
          + ": " + failure.getMessage() + "; to do: " + remedy());
    }

    private boolean isVaultMissing() {
      return failure instanceof SecretNotFoundException notFound
          && notFound.missing() == SecretNotFoundException.Missing.VAULT;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Problem that
          && ref.equals(that.ref)
          && description.equals(that.description)
          && failure.equals(that.failure);
    }

    @Override
    public int hashCode() {
      return Objects.hash(ref, description, failure);
    }
  }
}
