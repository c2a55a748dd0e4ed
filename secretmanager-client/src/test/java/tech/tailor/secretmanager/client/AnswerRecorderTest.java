package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.AnswerRecorder.Question;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What may be kept of answers that come in another order than the questions. */
class AnswerRecorderTest {

  private static final SecretRef API_KEY = SecretRef.of("default", "api-key");

  private final StubBackend backend = new StubBackend().with("api-key", "value-1");
  private final GuardedBackend guarded = new GuardedBackend(backend);
  private final CacheSettings settings = new CacheFixture().withTicker(() -> 0).settings();
  private final CacheCounters counters = new CacheCounters();
  private final Listeners listeners = new Listeners(List.of(), new ManagerExecutors(Runnable::run));
  private final InFlightLoads loads = new InFlightLoads(settings.fetchTimeout());
  private final CachedSecrets cached = new CachedSecrets(
      settings,
      counters,
      listeners,
      ref -> {
        throw new AssertionError("Nothing is lent here");
      },
      new QuickTable(),
      Runnable::run);
  private final AnswerRecorder recorder =
      new AnswerRecorder(guarded, cached, loads, counters, listeners, settings);
  private final BackendCalls calls =
      new DirectCalls(guarded, settings.fetchTimeout(), settings.ticker());

  @AfterEach
  void wipe() {
    cached.dropAll();
  }

  @Test
  void answer_isOvertaken_byTheAnswerToALaterQuestion() {
    Question first = ask();
    Question second = ask();
    assertThat(recorder.isOvertaken(API_KEY, first.answer().order())).isFalse();

    record(second);

    assertThat(recorder.isOvertaken(API_KEY, first.answer().order())).isTrue();
    assertThat(recorder.isOvertaken(API_KEY, second.answer().order())).isFalse();
  }

  @Test
  void answer_isOvertaken_whereALoadIsUnderWay() {
    Question question = ask();
    Load load = new Load();
    loads.enter(API_KEY, load);
    assertThat(recorder.isOvertaken(API_KEY, question.answer().order())).isTrue();
    assertThat(recorder.isOvertaken(
            SecretRef.of("default", "other"), question.answer().order()))
        .isFalse();

    loads.leave(API_KEY, load, new SecretOutcome.Missing(Missing.SECRET));
    assertThat(recorder.isOvertaken(API_KEY, question.answer().order())).isFalse();
  }

  @Test
  void nothingIsKept_thatWasAskedForBeforeAllWasForgotten() {
    Question before = ask();
    recorder.forget();
    Question after = ask();

    assertThat(recorder.isOvertaken(API_KEY, before.answer().order())).isTrue();
    assertThat(recorder.isOvertaken(API_KEY, after.answer().order())).isFalse();
  }

  /** What is found denied or missing beside other loads ends what they asked for before. */
  @Test
  void absence_dropsTheValue_andOutdatesTheLoadOfAnother() {
    record(ask());
    assertThat(cached.value(API_KEY)).isNotNull();
    Load load = new Load();
    loads.enter(API_KEY, load);

    recorder.outdateOthers("default", Map.of("api-key", new SecretOutcome.Missing(Missing.SECRET)));

    assertThat(cached.value(API_KEY)).isNull();
    assertThat(load.isOutdated()).isTrue();
  }

  /** The answers are the caller's before anything can go wrong on the way. */
  @Test
  void answers_areTheCallers_evenThoughRecordingFails() {
    Map<String, SecretOutcome> outcomes = new HashMap<>();
    Question question = ask();
    Map<String, SecretOutcome> fetched = question.call().join();
    SecretValue value = ((SecretOutcome.Found) fetched.get("api-key")).value();
    try {
      recorder.record(question, fetched, outcomes, (ref, order) -> {
        throw new StackOverflowError("made up");
      });
      throw new AssertionError("It did not fail");
    } catch (StackOverflowError e) {
      assertThat(outcomes).containsOnlyKeys("api-key");
    } finally {
      value.close();
    }
  }

  private Question ask() {
    return recorder.ask(calls, "default", Set.of("api-key"));
  }

  private void record(Question question) {
    Map<String, SecretOutcome> outcomes = new HashMap<>();
    recorder.record(question, question.call().join(), outcomes, (ref, order) -> false);
    Outcomes.discardAll(outcomes);
  }
}
