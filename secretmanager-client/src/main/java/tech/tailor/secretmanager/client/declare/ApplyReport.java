package tech.tailor.secretmanager.client.declare;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretApplyException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.declare.SecretPlan.Step;

/**
 * What became of each step of a plan that was applied: what was done, what was skipped, what failed
 * and what was not tried. What was to be left is not in it. Immutable and thread-safe; holds no
 * value.
 */
public final class ApplyReport {

  private final String owner;
  private final List<Result> results;

  ApplyReport(String owner, List<Result> results) {
    this.owner = owner;
    this.results = List.copyOf(results);
  }

  /** The results, in the order of the plan. */
  public List<Result> results() {
    return results;
  }

  /** Whether nothing failed, and everything was tried. What was skipped doesn't count. */
  public boolean isComplete() {
    return count(Outcome.FAILED) == 0 && count(Outcome.NOT_TRIED) == 0;
  }

  /**
   * Does nothing if the report is complete.
   *
   * @throws SecretApplyException if something failed: its message is this report, and each failure
   *     is suppressed in it
   */
  public void requireComplete() {
    if (!isComplete()) {
      SecretApplyException exception = new SecretApplyException(toString());
      results.forEach(result -> result.failure().ifPresent(exception::addSuppressed));
      throw exception;
    }
  }

  /**
   * The report as a JSON object: {@code owner}, {@code complete}, a number for each of
   * {@code done}, {@code skipped}, {@code failed} and {@code not_tried}, and {@code results}, each
   * with what a step of a plan has, {@code outcome}, and {@code message} where there is one.
   */
  public String toJson() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("owner", owner);
    report.put("complete", isComplete());
    for (Outcome outcome : Outcome.values()) {
      report.put(ReportText.symbol(outcome), count(outcome));
    }
    report.put("results", results.stream().map(Result::members).toList());
    return Json.compact(report);
  }

  /** Returns the report as text: a line that sums up, and one or two for each result. */
  @Override
  public String toString() {
    String counts = Stream.of(Outcome.values())
        .map(outcome -> count(outcome) + " " + ReportText.word(outcome))
        .collect(Collectors.joining(", "));
    return "Applied \"" + owner + "\": " + counts
        + results.stream().map(result -> "\n  " + result).collect(Collectors.joining());
  }

  private long count(Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }

  /** What became of a step. */
  public enum Outcome {
    /** It was done. */
    DONE,
    /** The source yielded nothing, and so no value was written, as was asked for. */
    SKIPPED,
    /** It failed; the failure says whether anything may have been changed. */
    FAILED,
    /** It was not tried, because of what failed before. */
    NOT_TRIED
  }

  /** One step, and what became of it. Immutable. */
  public static final class Result {

    private final Step step;
    private final Outcome outcome;
    private final String message;
    private final @Nullable SecretManagerException failure;

    private Result(
        Step step, Outcome outcome, String message, @Nullable SecretManagerException failure) {
      this.step = step;
      this.outcome = outcome;
      this.message = SecretSupport.oneLine(message);
      this.failure = failure;
    }

    static Result done(Step step) {
      return new Result(step, Outcome.DONE, "", null);
    }

    static Result skipped(Step step) {
      return new Result(step, Outcome.SKIPPED, "its source yields no value", null);
    }

    static Result failed(Step step, SecretManagerException failure) {
      return new Result(step, Outcome.FAILED, String.valueOf(failure.getMessage()), failure);
    }

    static Result notTried(Step step, String why) {
      return new Result(step, Outcome.NOT_TRIED, why, null);
    }

    /** What was to be done. */
    public Step step() {
      return step;
    }

    /** What became of it. */
    public Outcome outcome() {
      return outcome;
    }

    /** Why it failed; empty if it didn't. */
    public Optional<SecretManagerException> failure() {
      return Optional.ofNullable(failure);
    }

    /** Why it was not done, in one line; empty if it was. */
    public String message() {
      return message;
    }

    /** Returns the step in one line, and, if it was not done, why in a second. */
    @Override
    public String toString() {
      return step + " [" + ReportText.word(outcome) + "]"
          + (message.isEmpty() ? "" : "\n      " + message);
    }

    private Map<String, Object> members() {
      Map<String, Object> members = step.members();
      members.put("outcome", ReportText.symbol(outcome));
      if (!message.isEmpty()) {
        members.put("message", message);
      }
      return members;
    }
  }
}
