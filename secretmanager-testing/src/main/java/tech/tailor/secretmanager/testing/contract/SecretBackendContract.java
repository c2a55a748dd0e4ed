package tech.tailor.secretmanager.testing.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * What every {@link SecretBackend} promises, as tests: those of {@link SecretBackend#fetch} itself,
 * and those of a {@link tech.tailor.secretmanager.SecretManager} that reads from the backend.
 * Extend it, say how a backend with given secrets is made, and the tests run:
 *
 * <pre>{@code
 * class MyBackendContractTest extends SecretBackendContract {
 *   @Override
 *   protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
 *     return MyBackend.of(secrets);
 *   }
 * }
 * }</pre>
 *
 * <p>A test that fails says the rule that was broken. A backend that can be written to extends
 * {@link SecretStoreContract} instead, which holds all of these tests and its own.
 */
public abstract class SecretBackendContract extends ManagerFailureRules {

  private static final Duration CLOCK_SKEW = Duration.ofDays(1);
  private static final int FETCHES_PER_THREAD = 10;

  /** For subclasses. */
  protected SecretBackendContract() {}

  /**
   * A new backend that holds exactly the given secrets: their vaults exist, and no others. It is
   * called at most once in a test; the test closes what it gets.
   *
   * @param secrets closed as soon as this returns, so that they must be copied
   */
  @Override
  protected abstract SecretBackend backendWith(Map<SecretRef, SecretValue> secrets)
      throws Exception;

  @Test
  void fetch_answersEachNameAsked_andNoOther() throws Exception {
    SecretBackend backend = backend();
    Set<String> names = Set.of(GREETING.name(), MISSING_SECRET.name());
    Map<String, SecretOutcome> outcomes = backend.fetch(VAULT, names);
    assertThat(outcomes)
        .as("fetch returns a map, whatever it found; null is never returned")
        .isNotNull();
    assertThat(outcomes.keySet())
        .as("fetch gives an outcome for each name it is asked, and for no other: a name that does"
            + " not exist is SecretOutcome.Missing, not left out, and a secret that nobody asked"
            + " for is not read")
        .containsExactlyInAnyOrderElementsOf(names);
    assertThat(outcomes.values())
        .as("an outcome is Found, Missing or Failed, never null")
        .doesNotContainNull();
    closeValues(outcomes);
  }

  @Test
  void fetch_findsTheValue() throws Exception {
    assertThat(textOf(backend(), GREETING))
        .as("the value of a secret that exists is given as it was stored")
        .isEqualTo(CANARY);
  }

  @Test
  void fetch_findsTheSecretOfTheVaultAsked() throws Exception {
    assertThat(textOf(backend(), GREETING_ELSEWHERE))
        .as("a secret of the same name in another vault is another secret")
        .isEqualTo("another greeting");
  }

  @Test
  void fetch_saysThatTheSecretIsMissing() throws Exception {
    SecretBackend backend = backend();
    assertMissing(backend, MISSING_SECRET, Missing.SECRET);
    assertMissing(backend, SecretRef.of(GREETING_ELSEWHERE.vault(), TOKEN.name()), Missing.SECRET);
  }

  @Test
  void fetch_saysThatTheVaultIsMissing() throws Exception {
    assertMissing(backend(), MISSING_VAULT, Missing.VAULT);
  }

  @Test
  void fetch_ofMissingVault_answersEachName() throws Exception {
    Set<String> names = Set.of("first-name", "second-name", "third-name");
    Map<String, SecretOutcome> outcomes = backend().fetch(MISSING_VAULT.vault(), names);
    assertThat(outcomes)
        .as("a missing vault is no failure of the fetch, but the outcome of every name in it")
        .hasSize(names.size())
        .allSatisfy((name, outcome) ->
            assertThat(outcome).as(name).isEqualTo(new SecretOutcome.Missing(Missing.VAULT)));
  }

  @Test
  void fetch_missingNameDoesNotSpoilOthers() throws Exception {
    Map<String, SecretOutcome> outcomes =
        backend().fetch(VAULT, Set.of(GREETING.name(), MISSING_SECRET.name(), TOKEN.name()));
    for (SecretRef ref : List.of(GREETING, TOKEN)) {
      assertThat(outcomes.get(ref.name()))
          .as("%s exists, and is found whatever is asked for beside it", ref)
          .isInstanceOf(SecretOutcome.Found.class);
    }
    closeValues(outcomes);
  }

  @Test
  void fetch_orderOfNamesDoesNotMatter() throws Exception {
    SecretBackend backend = backend();
    List<String> names = List.of(TOKEN.name(), MISSING_SECRET.name(), GREETING.name());
    Set<String> forwards = new LinkedHashSet<>(names);
    Set<String> backwards = new LinkedHashSet<>();
    for (int i = names.size() - 1; i >= 0; i--) {
      backwards.add(names.get(i));
    }
    assertThat(describe(backend.fetch(VAULT, backwards)))
        .as("each name has the same outcome in whatever order the names are asked for")
        .isEqualTo(describe(backend.fetch(VAULT, forwards)));
  }

  @Test
  void fetch_leavesTheCallersNamesAlone() throws Exception {
    Set<String> names = new TreeSet<>(Set.of(GREETING.name(), MISSING_SECRET.name()));
    Map<String, SecretOutcome> outcomes = backend().fetch(VAULT, names);
    assertThat(names)
        .as("the set of names stays the caller's: a backend does not change it")
        .containsExactlyInAnyOrder(GREETING.name(), MISSING_SECRET.name());
    names.clear();
    assertThat(outcomes)
        .as("the set of names stays the caller's: an answer does not change with it")
        .containsOnlyKeys(GREETING.name(), MISSING_SECRET.name());
    closeValues(outcomes);
  }

  @Test
  void fetch_takesHundredNamesInOneCall() throws Exception {
    Map<SecretRef, byte[]> secrets = new LinkedHashMap<>();
    for (int i = 0; i < 100; i++) {
      secrets.put(SecretRef.of(VAULT, "secret-" + i), ("value-" + i).getBytes(UTF_8));
    }
    Set<String> names = new TreeSet<>();
    secrets.keySet().forEach(ref -> names.add(ref.name()));
    Map<String, SecretOutcome> outcomes = backendHolding(secrets).fetch(VAULT, names);
    assertThat(outcomes.keySet())
        .as("fetch takes a hundred names in one call and answers each; a backend whose server takes"
            + " fewer splits the call")
        .isEqualTo(names);
    secrets.forEach((ref, bytes) -> {
      try (SecretValue value = valueIn(outcomes.get(ref.name()), ref)) {
        assertThat(bytesOf(value)).as("each name gets its own value").isEqualTo(bytes);
      }
    });
  }

  @Test
  void fetch_givesNewValuesEachTime() throws Exception {
    SecretBackend backend = backend();
    try (SecretValue first = valueOf(backend, GREETING);
        SecretValue second = valueOf(backend, GREETING)) {
      assertThat(second)
          .as("each fetch gives new values: what is found belongs to the caller, who closes it")
          .isNotSameAs(first);
    }
  }

  @Test
  void fetch_isNotTouchedByClosingAnEarlierValue() throws Exception {
    SecretBackend backend = backend();
    valueOf(backend, GREETING).close();
    assertThat(textOf(backend, GREETING))
        .as("closing a value wipes the caller's copy, never what the backend holds")
        .isEqualTo(CANARY);
  }

  @Test
  void fetch_givesValuesThatOutliveTheBackend() throws Exception {
    SecretBackend backend = backend();
    try (SecretValue value = valueOf(backend, GREETING)) {
      close(backend);
      assertThat(new String(bytesOf(value), UTF_8))
          .as("what was found belongs to the caller, also when the backend is closed")
          .isEqualTo(CANARY);
    }
  }

  /**
   * Whether a value may be any bytes. Overridden with false for a backend whose values are UTF-8
   * text. Default: true.
   */
  protected boolean takesAnyBytes() {
    return true;
  }

  @Test
  void value_ofEveryByte_survives() throws Exception {
    byte[] everyByte = new byte[takesAnyBytes() ? 256 : 128];
    for (int i = 0; i < everyByte.length; i++) {
      everyByte[i] = (byte) i;
    }
    assertSurvives(
        everyByte,
        "a value is bytes, and comes back as the same bytes: it is not decoded"
            + " as text on the way");
  }

  @Test
  void value_ofNothing_survives() throws Exception {
    assertSurvives(new byte[0], "an empty value is a value: Found with no bytes, not Missing");
  }

  @Test
  void value_ofLargestSize_survives() throws Exception {
    byte[] largest = new byte[SecretValue.MAX_SIZE_BYTES];
    new Random(42).nextBytes(largest);
    if (!takesAnyBytes()) {
      for (int i = 0; i < largest.length; i++) {
        largest[i] &= 0x7f;
      }
    }
    assertSurvives(largest, "a value may have SecretValue.MAX_SIZE_BYTES bytes");
  }

  @Test
  void value_ofUnicode_survives() throws Exception {
    // One to four bytes a character, a combining accent, a byte order mark, NUL and line ends.
    String text = "\uFEFFaß€𝄞🔑 e\u0301 \u0000 \r\n\t 日本語 \u202Eabc";
    assertSurvives(
        text.getBytes(UTF_8),
        "text comes back as it was stored: nothing is normalised," + " trimmed or replaced");
  }

  @Test
  void value_withBlanksAround_survives() throws Exception {
    assertSurvives(" \n padded \n ".getBytes(UTF_8), "a value is not trimmed: blanks belong to it");
  }

  @Test
  void metadata_isSane() throws Exception {
    SecretBackend backend = backend();
    try (SecretValue first = valueOf(backend, GREETING);
        SecretValue second = valueOf(backend, GREETING)) {
      assertThat(second.version())
          .as("nothing was written between two fetches, so that they give the same version")
          .isEqualTo(first.version());
      assertThat(second.updateTime())
          .as("nothing was written between two fetches, so that they give the same update time")
          .isEqualTo(first.updateTime());
      assertThat(first.updateTime().orElse(Instant.now()))
          .as("the update time is when the value was written: it has passed")
          .isBetween(Instant.EPOCH, Instant.now().plus(CLOCK_SKEW));
      assertThat(first.freshness())
          .as("a backend gives current values only; whether one may be stale is the manager's to"
              + " decide and to say")
          .isEqualTo(Freshness.fresh());
    }
  }

  @Test
  void fetch_byManyThreads_answersEach() throws Exception {
    SecretBackend backend = backend();
    Set<String> names = Set.of(GREETING.name(), TOKEN.name(), MISSING_SECRET.name());
    Map<String, String> expected = describe(backend.fetch(VAULT, names));
    List<Boolean> allRight = inThreads(() -> {
      boolean right = true;
      for (int i = 0; i < FETCHES_PER_THREAD; i++) {
        right &= describe(backend.fetch(VAULT, names)).equals(expected);
      }
      return right;
    });
    assertThat(allRight)
        .as("fetch may be called by several threads at once; each gets its own, whole answer")
        .containsOnly(true);
  }

  @Test
  void fetch_afterClose_isRefused() throws Exception {
    SecretBackend backend = backend();
    close(backend);
    assertThatThrownBy(() -> backend.fetch(VAULT, Set.of(GREETING.name())))
        .as("a closed backend answers nothing: fetch throws IllegalStateException")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void close_twice_doesNothing() throws Exception {
    SecretBackend backend = backend();
    close(backend);
    assertThatCode(backend::close)
        .as("a second close does nothing, so that a caller in doubt may close")
        .doesNotThrowAnyException();
  }

  @Test
  void nothing_showsTheValue() throws Exception {
    SecretBackend backend = backend();
    assertThat(backend.toString())
        .as("toString of a backend shows no value")
        .doesNotContain(CANARY);
    Map<String, SecretOutcome> outcomes =
        backend.fetch(VAULT, Set.of(GREETING.name(), MISSING_SECRET.name()));
    assertThat(outcomes.toString())
        .as("toString of the answer shows no value")
        .doesNotContain(CANARY);
    closeValues(outcomes);
    close(backend);
    assertThat(backend.toString())
        .as("toString of a closed backend shows no value")
        .doesNotContain(CANARY);
    assertThat(String.valueOf(catchThrowable(() -> backend.fetch(VAULT, Set.of(GREETING.name())))))
        .as("the message of an exception shows no value")
        .doesNotContain(CANARY);
  }

  private void assertSurvives(byte[] bytes, String rule) throws Exception {
    assertThat(bytesOf(backendHolding(GREETING, bytes), GREETING)).as(rule).isEqualTo(bytes);
  }

  private static void assertMissing(SecretBackend backend, SecretRef ref, Missing missing) {
    assertThat(outcomeOf(backend, ref))
        .as(
            "%s does not exist, and the outcome says which of the two is missing: the %s",
            ref, missing)
        .isEqualTo(new SecretOutcome.Missing(missing));
  }

  /** Each name with its value as text, or with what else came out; closes the values. */
  private static Map<String, String> describe(Map<String, SecretOutcome> outcomes) {
    Map<String, String> described = new LinkedHashMap<>();
    outcomes.forEach((name, outcome) -> described.put(
        name,
        outcome instanceof SecretOutcome.Found found
            ? new String(bytesOf(found.value()), UTF_8)
            : String.valueOf(outcome)));
    closeValues(outcomes);
    return described;
  }

  private void close(SecretBackend backend) {
    closedByTest(backend);
    backend.close();
  }
}
