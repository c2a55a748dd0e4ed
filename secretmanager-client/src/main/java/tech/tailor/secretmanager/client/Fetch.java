package tech.tailor.secretmanager.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.AnswerRecorder.Outdated;
import tech.tailor.secretmanager.client.AnswerRecorder.Question;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * One question to the backend, asked for in-flight loads, which end with its answer whatever
 * happens. Used by one thread at a time, except for {@link #giveUp}.
 */
final class Fetch {

  private final CacheParts parts;
  private final Map<SecretRef, Load> own;
  private final Question question;
  private final Outdated outdated;
  private volatile @Nullable SecretManagerException givenUp;

  private Fetch(CacheParts parts, Map<SecretRef, Load> own, Question question, Outdated outdated) {
    this.parts = parts;
    this.own = own;
    this.question = question;
    this.outdated = outdated;
  }

  /**
   * Asks the backend.
   *
   * @param own the loads to end, which have been entered
   * @param outdated whether an answer must not be kept
   */
  static Fetch begin(
      CacheParts parts,
      BackendCalls calls,
      String vault,
      Set<String> names,
      Map<SecretRef, Load> own,
      Outdated outdated) {
    try {
      return new Fetch(parts, own, parts.recorder().ask(calls, vault, names), outdated);
    } catch (Throwable e) { // otherwise all later readers would wait for a load that nobody runs
      parts.loads().leave(own, Map.of());
      throw e;
    }
  }

  Set<String> names() {
    return question.names();
  }

  /** Returns whether an answer for the secret must not be kept by now. */
  boolean isOutdated(SecretRef ref) {
    return outdated.test(ref, Long.MAX_VALUE);
  }

  /** Returns what to wait for before {@link #end}. */
  BackendCall call() {
    return question.call();
  }

  /** Makes this the outcome of every name, unless the answer is there already. */
  void giveUp(SecretManagerException why) {
    this.givenUp = why; // before the call ends, which may run end()
    question.call().giveUp();
  }

  /**
   * Keeps what the backend answered, and ends the loads.
   *
   * @param beforeLoadsEnd may replace outcomes, before those who wait for the loads are woken
   * @return an outcome for each name. The values are the caller's
   */
  Map<String, SecretOutcome> end(Consumer<Map<String, SecretOutcome>> beforeLoadsEnd) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    try {
      parts.recorder().record(question, answer(), outcomes, outdated);
      outdateOthers(outcomes);
      beforeLoadsEnd.accept(outcomes);
      return outcomes;
    } catch (Throwable e) {
      Outcomes.discardAll(outcomes);
      outcomes.clear(); // so that those who wait are told that there was an error
      throw e;
    } finally {
      parts.loads().leave(own, outcomes);
      parts.recorder().tell(); // a listener on this thread may read what was just loaded
    }
  }

  /** What is denied or missing is not brought back by loads of others. */
  private void outdateOthers(Map<String, SecretOutcome> outcomes) {
    Map<String, SecretOutcome> beside = new LinkedHashMap<>(outcomes);
    own.keySet().forEach(ref -> beside.remove(ref.name()));
    parts.recorder().outdateOthers(question.vault(), beside);
  }

  /** Ends the loads without an answer: those who wait for them begin again. */
  void abandon() {
    BackendCall call = question.call();
    if (!call.giveUp() && !call.isCompletedExceptionally()) { // the answer is there
      Outcomes.discardAll(call.join());
    }
    parts.loads().abandon(own);
  }

  private Map<String, SecretOutcome> answer() {
    SecretManagerException failure;
    try {
      return question.call().join();
    } catch (CancellationException e) {
      SecretManagerException why = givenUp;
      failure = why != null ? why : Failures.notMade(e);
    } catch (CompletionException e) {
      failure = Failures.notMade(e.getCause() == null ? e : e.getCause());
    }
    return Outcomes.failed(question.names(), failure);
  }
}
