package tech.tailor.secretmanager.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.SecretVerificationException;

class FakeSecretManagerTest {

  private static final SecretRef GREETING = SecretRef.of("default", "greeting");

  private final FakeSecretManager fake = FakeSecretManager.with("default", "greeting", "hello");

  @AfterEach
  void close() {
    fake.close();
  }

  @Test
  void create_hasNoSecrets() {
    try (FakeSecretManager empty = FakeSecretManager.create()) {
      assertThat(empty.getSecret(GREETING)).isEmpty();
    }
  }

  @Test
  void put_createsVaultAndSecret_andIsFluent() {
    assertThat(fake.put("default", "farewell", "bye").put("other-vault", "greeting", "hi"))
        .isSameAs(fake);
    assertThat(
            List.of(text("default", "farewell"), text("other-vault", "greeting"), text(GREETING)))
        .containsExactly("bye", "hi", "hello");
  }

  @Test
  void put_isReadWhenTheOldValueHasExpired() {
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.put("default", "greeting", "changed");
    assertThat(text(GREETING)).as("cached, as in production").isEqualTo("hello");
    fake.advance(Duration.ofMinutes(10));
    try (SecretValue value = fake.requireSecret(GREETING)) {
      assertThat(value.revealString()).isEqualTo("changed");
      assertThat(value.version()).isEqualTo(2);
    }
  }

  @Test
  void put_isReadAtOnce_whereNothingWasReadBefore() {
    fake.put("default", "greeting", "changed");
    assertThat(text(GREETING)).isEqualTo("changed");
  }

  @Test
  void put_refusesBadNamesAndNull() {
    assertThatThrownBy(() -> fake.put("default", "Bad_Name", "value"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(SecretRef.NAME_GRAMMAR)
        .hasMessageContaining("Bad_Name");
    assertThatThrownBy(() -> fake.put("default", "greeting", (String) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("value");
    assertThatThrownBy(() -> fake.put("default", "greeting", (byte[]) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("value");
    assertThatThrownBy(
            () -> fake.put("default", "greeting", new byte[SecretValue.MAX_SIZE_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fake.put(null, "greeting", "value"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("vault");
  }

  @Test
  void put_takesBytesThatAreNoText_andLeavesThemTheCallers() {
    byte[] key = {0, -1, -2, 5, (byte) 0x80, 77, -61, 40, 9};
    SecretRef ref = SecretRef.of("default", "signing-key");
    try (FakeSecretManager built =
        FakeSecretManager.builder().secret("default", "signing-key", key).build()) {
      for (FakeSecretManager each : List.of(built, fake.put("default", "signing-key", key))) {
        try (SecretValue value = each.requireSecret(ref)) {
          assertThat(value.matches(key)).isTrue();
        }
        assertThat(each.exposedIn("key " + Base64.getEncoder().encodeToString(key)))
            .containsExactly(ref);
      }
    }
    Arrays.fill(key, (byte) 7);
    try (SecretValue value = fake.requireSecret(ref)) {
      assertThat(value.matches(key)).isFalse();
    }
  }

  @Test
  void put_byManyThreads_createsTheVaultOnce() {
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String name = "secret-" + i;
      puts.add(CompletableFuture.runAsync(() -> fake.put("contended", name, name)));
    }
    assertThatCode(() ->
            CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new)).join())
        .doesNotThrowAnyException();
    assertThat(text("contended", "secret-49")).isEqualTo("secret-49");
  }

  @Test
  void advance_endsTimeToLive_andThenStaleness() {
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.backend().failWithUnavailable();
    assertThat(freshness()).isEqualTo(Freshness.fresh());
    fake.advance(Duration.ofMinutes(10));
    assertThat(freshness())
        .isInstanceOfSatisfying(
            Freshness.Stale.class,
            stale -> assertThat(stale.age()).isEqualTo(Duration.ofMinutes(10)));
    fake.advance(Duration.ofHours(2));
    assertThatThrownBy(() -> fake.getSecret(GREETING))
        .isInstanceOf(SecretUnavailableException.class);
  }

  @Test
  void advance_refusesToGoBack() {
    assertThatThrownBy(() -> fake.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT-0.000000001S");
    assertThatThrownBy(() -> fake.advance(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("duration");
  }

  @Test
  void time_standsStill() {
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.advance(Duration.ofMinutes(5).minusNanos(1));
    assertThat(text(GREETING)).isEqualTo("hello");
    assertThat(fake.backend().fetches()).hasSize(1);
  }

  @Test
  void asynchronousMethods_areDoneWhenTheyReturn() {
    List<CompletableFuture<?>> futures = List.of(
        fake.getSecretAsync("default", "not-there"),
        fake.requireSecretAsync(GREETING),
        fake.getSecretsAsync("default", List.of("greeting", "other-name")),
        fake.withSecretAsync(GREETING, SecretValue::revealString));
    assertThat(futures).allMatch(CompletableFuture::isDone);
    assertThat(futures.get(3).join()).isEqualTo("hello");
  }

  @Test
  void getSecrets_asksTheBackendOnce() {
    try (SecretBundle bundle = fake.getSecrets("default", List.of("greeting", "not-there"))) {
      assertThat(bundle.revealAll()).containsOnlyKeys("greeting");
    }
    assertThat(fake.backend().fetches())
        .containsExactly(new FakeBackend.FetchRecord("default", Set.of("greeting", "not-there")));
  }

  @Test
  void remove_deletesWhatIsThere_andIsReadWhenTheOldValueHasExpired() {
    assertThat(text(GREETING)).isEqualTo("hello");
    assertThat(fake.remove("default", "greeting").remove("no-vault", "greeting"))
        .isSameAs(fake);
    assertThat(text(GREETING)).as("cached, as in production").isEqualTo("hello");
    fake.advance(Duration.ofMinutes(10));
    assertThat(fake.getSecret(GREETING)).isEmpty();
  }

  @Test
  void backend_isCalledOnTheReadingThread() {
    Set<Thread> threads = new HashSet<>();
    fake.backend().duringNext(() -> threads.add(Thread.currentThread()));
    assertThat(text(GREETING)).isEqualTo("hello");
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void slowness_passesByTheClock_andIsATimeoutPastFetchTimeout() {
    fake.backend().slow(Duration.ofSeconds(10));
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.advance(Duration.ofMinutes(5).minusSeconds(10));
    assertThat(freshness())
        .as("the 10 seconds count: the value is as old as the question, and is asked for again")
        .isEqualTo(Freshness.fresh());
    assertThat(fake.backend().fetches()).hasSize(2);
    fake.backend().slow(Duration.ofSeconds(10).plusNanos(1));
    assertThatThrownBy(() -> fake.requireSecret("default", "another-name"))
        .isInstanceOf(SecretTimeoutException.class);
    fake.backend().recover();
    fake.advance(Duration.ofSeconds(5));
    assertThat(fake.getSecret("default", "another-name")).isEmpty();
  }

  @Test
  void rotationInTheMiddleOfACall_isMissedByThatCall_andSeenByTheNext() {
    fake.backend().duringNext(() -> fake.put("default", "greeting", "rotated"));
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.invalidate(GREETING);
    assertThat(text(GREETING)).isEqualTo("rotated");
  }

  @Test
  void whatTheBackendTells_isForgotten() {
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.put("default", "greeting", "changed");
    assertThat(text(GREETING)).isEqualTo("hello");
    fake.backend().tellChanged("default", "greeting");
    assertThat(text(GREETING)).isEqualTo("changed");
  }

  @Test
  void fetchAtTheGate_isSharedByAllWhoRead() {
    int readers = 4;
    List<CompletableFuture<String>> reads = new ArrayList<>();
    try (FakeBackend.Gate gate = fake.backend().hold()) {
      for (int i = 0; i < readers; i++) {
        reads.add(CompletableFuture.supplyAsync(
            () -> text(GREETING), thread -> new Thread(thread).start()));
      }
      gate.awaitFetches(1);
    }
    assertThat(reads).allSatisfy(read -> assertThat(read.join()).isEqualTo("hello"));
    assertThat(fake.backend().fetches()).hasSize(1);
  }

  @Test
  void settings_areThoseOfTheClient_butTimeStaysTheFakes() {
    try (FakeSecretManager brief = FakeSecretManager.builder()
        .secret("default", "greeting", "hello")
        .settings(client -> client.timeToLive(Duration.ofSeconds(10)).maxStale(Duration.ZERO))
        .settings(client -> client.ticker(() -> 0))
        .build()) {
      brief.requireSecret(GREETING).close();
      brief.backend().failWithUnavailable();
      brief.advance(Duration.ofSeconds(9));
      brief.requireSecret(GREETING).close();
      brief.advance(Duration.ofSeconds(1));
      assertThatThrownBy(() -> brief.requireSecret(GREETING))
          .isInstanceOf(SecretUnavailableException.class);
    }
  }

  @Test
  void declaredSecrets_areVerifiedAgainstWhatWasGiven() {
    SecretDefinition declared = SecretDefinition.defineSecret("default")
        .secret("greeting", "said first")
        .build();
    FakeSecretManager.Builder without =
        FakeSecretManager.builder().settings(client -> client.declaredOnly(declared));
    assertThatThrownBy(without::build).isInstanceOf(SecretVerificationException.class);
    try (FakeSecretManager with = without.secret("default", "greeting", "hello").build()) {
      with.requireSecret(GREETING).close();
      assertThatThrownBy(() -> with.getSecret("default", "undeclared"))
          .isInstanceOf(SecretAccessDeniedException.class);
    }
  }

  @Test
  void refreshAhead_happensOnTheReadingThread_withoutWaiting() {
    try (FakeSecretManager refreshing = FakeSecretManager.builder()
        .secret("default", "greeting", "hello")
        .settings(client -> client.refreshAhead(Duration.ofMinutes(1)))
        .build()) {
      refreshing.requireSecret(GREETING).close();
      refreshing.put("default", "greeting", "changed");
      refreshing.advance(Duration.ofMinutes(4).plusSeconds(30));
      refreshing.requireSecret(GREETING).close(); // is answered from the cache, and refreshes
      String text = refreshing.withSecret(GREETING, SecretValue::revealString);
      assertThat(text).isEqualTo("changed");
      assertThat(refreshing.backend().fetches()).hasSize(2);
    }
  }

  @Test
  void executor_makesReadsAsynchronous() {
    List<Runnable> queued = new ArrayList<>();
    try (FakeSecretManager later = FakeSecretManager.builder()
        .secret("default", "greeting", "hello")
        .executor(queued::add)
        .build()) {
      CompletableFuture<SecretValue> read = later.requireSecretAsync(GREETING);
      assertThat(read).isNotDone();
      queued.remove(0).run();
      assertThat(later.openValues())
          .extracting(FakeSecretManager.OpenValue::ref)
          .containsExactly(GREETING);
      read.join().close();
      assertThat(later.openValues()).isEmpty();
    }
  }

  @Test
  void reads_areRecorded_cachedOrNot() {
    text(GREETING);
    text(GREETING);
    fake.getSecrets("default", List.of("greeting", "not-there")).close();
    fake.handle("default", "greeting").read().close();
    assertThatThrownBy(() -> fake.getSecret("default", "Bad_Name"))
        .isInstanceOf(IllegalArgumentException.class);
    SecretRef missing = SecretRef.of("default", "not-there");
    assertThat(fake.reads()).containsExactly(GREETING, GREETING, GREETING, missing, GREETING);
    fake.clearReads();
    assertThat(fake.reads()).isEmpty();
  }

  @Test
  void reads_areTheLastTenThousand() {
    text("default", "greeting");
    fake.put("default", "another", "value");
    for (int i = 0; i < 10_000; i++) {
      text("default", "another");
    }
    assertThat(fake.reads()).hasSize(10_000).doesNotContain(GREETING);
  }

  @Test
  void openValues_areThoseThatNobodyClosed_andSayWhereTheyWereRead() {
    fake.put("default", "farewell", "bye");
    SecretValue open = fake.requireSecret(GREETING);
    fake.getSecret(GREETING).orElseThrow().close();
    fake.withSecret(GREETING, value -> null);
    SecretBundle bundle = fake.getSecrets("default", List.of("farewell", "not-there"));
    assertThat(fake.openValues()).hasSize(2).first().satisfies(value -> {
      assertThat(value.ref()).isEqualTo(GREETING);
      assertThat(value.readAt()).contains("openValues_areThose", "FakeSecretManagerTest.java:");
    });
    open.close();
    bundle.close();
    assertThat(fake.openValues()).isEmpty();
  }

  @Test
  void closedValues_areNotKept() {
    SecretValue open = fake.requireSecret(GREETING);
    for (int i = 0; i < 5_000; i++) {
      fake.requireSecret(GREETING).close();
    }
    assertThat(fake.openValues()).hasSize(1);
    open.close();
  }

  @Test
  void exposedIn_findsEveryValueThatWasEverGiven_andShowsNone() {
    fake.put("default", "api-key", "first-made-up-key")
        .put("default", "api-key", "next-made-up-key");
    SecretRef apiKey = SecretRef.of("default", "api-key");
    assertThat(fake.exposedIn("Authorization: first-made-up-key")).containsExactly(apiKey);
    assertThat(fake.exposedIn("xnext-made-up-keyx")).containsExactly(apiKey);
    assertThat(fake.exposedIn("hello, made-up key"))
        .as("too short, and another")
        .isEmpty();
  }

  @Test
  void close_closesTheLot() {
    fake.close();
    List<ThrowingCallable> calls = List.of(
        () -> fake.getSecret(GREETING),
        () -> fake.put("default", "greeting", "value"),
        () -> fake.backend().fetch("default", Set.of("greeting")));
    assertThat(calls)
        .allSatisfy(call -> assertThatThrownBy(call).isInstanceOf(IllegalStateException.class));
    assertThatCode(fake::close).doesNotThrowAnyException();
  }

  @Test
  void everyAbstractMethod_isDelegated() {
    List<String> undelegated = Arrays.stream(SecretManager.class.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
        .filter(method -> declared(method).getDeclaringClass() != FakeSecretManager.class)
        .map(Method::toString)
        .toList();
    assertThat(undelegated).isEmpty();
  }

  /** Runs a user's code where nothing is but the kit, the client, its cache and the JDK. */
  @Test
  void fake_worksWithoutATestFramework() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (Class<?> type : List.of(
        WithoutTestFramework.class,
        FakeSecretManager.class,
        tech.tailor.secretmanager.client.SecretManagers.class,
        SecretManager.class,
        Class.forName("com.github.benmanes.caffeine.cache.Caffeine"))) {
      classPath.add(type.getProtectionDomain().getCodeSource().getLocation());
    }
    try (URLClassLoader alone =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      for (String absent : List.of(
          "org.junit.jupiter.api.Test",
          "org.assertj.core.api.Assertions",
          "com.google.protobuf.Message",
          "com.github.tomakehurst.wiremock.WireMockServer")) {
        assertThatThrownBy(() -> alone.loadClass(absent))
            .isInstanceOf(ClassNotFoundException.class);
      }
      Class<?> program = alone.loadClass(WithoutTestFramework.class.getName());
      assertThat(program).isNotSameAs(WithoutTestFramework.class);
      assertThat(program.getMethod("greetings").invoke(null))
          .isEqualTo(List.of("hello, world", "hello, world"));
    }
  }

  private static Method declared(Method method) {
    try {
      return FakeSecretManager.class.getMethod(method.getName(), method.getParameterTypes());
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private Freshness freshness() {
    try (SecretValue value = fake.requireSecret(GREETING)) {
      return value.freshness();
    }
  }

  private String text(SecretRef ref) {
    return fake.withSecret(ref, SecretValue::revealString);
  }

  private String text(String vault, String name) {
    return text(SecretRef.of(vault, name));
  }
}
