package tech.tailor.secretmanager.testing.junit5;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import org.opentest4j.AssertionFailedError;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * Each kind of leak is caught, and nothing else is; what is said of it is said here to the letter.
 */
class FailOnLeakTest {

  private static final String KEY = "made-up key+/42";
  private static final String CERTIFICATE = "-----BEGIN MADE UP-----\nabcdefgh\n-----END-----";
  private static final String HEAD = "The test lets secrets out (values are not shown):\n  - ";

  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final List<Handler> handlers = List.of(Logger.getLogger("").getHandlers());

  @AfterEach
  void streamsAndLoggers_areAsBefore() {
    assertThat(System.out).isSameAs(out);
    assertThat(System.err).isSameAs(err);
    assertThat(Logger.getLogger("").getHandlers()).containsExactlyElementsOf(handlers);
  }

  @Test
  void everyKindOfLeak_isCaught() {
    Map<String, String> expected = new TreeMap<>();
    expected.put("printed", HEAD + "default/api-key in standard output, line 2 of the test's");
    expected.put(
        "printedToError", HEAD + "default/api-key in standard error, line 1 of the test's");
    expected.put(
        "printedInPieces", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedInBase64", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put("printedInHex", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedInAUrl", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedAsAnArray", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedAcrossLines", HEAD + "default/certificate in standard output, across lines");
    expected.put(
        "printedByAThread", HEAD + "default/api-key in standard error, line 1 of the test's");
    expected.put(
        "printedByAPool", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedByWrite", HEAD + "default/api-key in standard output, line 1 of the test's");
    expected.put(
        "printedMuch", HEAD + "default/api-key in standard output, line 40001 of the test's");
    expected.put("putLater", HEAD + "default/later in standard output, line 1 of the test's");
    expected.put(
        "logged", HEAD + "default/api-key in a record of the logger com.example.Mailer, at INFO");
    expected.put(
        "loggedAsParameter",
        HEAD + "default/api-key in a record of the logger com.example.Mailer, at WARNING");
    expected.put(
        "loggedInAnException",
        HEAD + "default/api-key in a record of the logger com.example.Mailer, at SEVERE");
    expected.put(
        "loggedBySystemLogger",
        HEAD + "default/api-key in a record of the logger com.example.System, at INFO");
    expected.put(
        "twoPlaces",
        HEAD + "default/api-key in standard output, line 1 of the test's\n"
            + "  - default/certificate in standard output, across lines");
    expected.put(
        "thrown",
        "The test threw java.lang.IllegalStateException, which lets a secret out:"
            + " java.lang.IllegalStateException shows default/api-key. It is withheld, since a"
            + " report would show it; its stack trace is this one's");
    expected.put(
        "thrownInACause",
        "The test threw java.lang.IllegalStateException, which lets a secret out: its cause"
            + " java.io.IOException shows default/api-key. It is withheld, since a report would"
            + " show it; its stack trace is this one's");
    expected.put(
        "thrownSuppressed",
        "The test threw java.lang.IllegalStateException, which lets a secret out: the suppressed"
            + " java.io.IOException shows default/api-key. It is withheld, since a report would"
            + " show it; its stack trace is this one's");
    expected.put(
        "compared",
        "The test threw org.opentest4j.AssertionFailedError, which lets a secret out:"
            + " org.opentest4j.AssertionFailedError shows default/api-key. It is withheld, since a"
            + " report would show it; its stack trace is this one's");
    for (String dynamic : List.of("thrownByADynamicTest", "thrownInADynamicContainer")) {
      expected.put(
          dynamic,
          "The test threw java.lang.IllegalStateException, which lets a secret out:"
              + " java.lang.IllegalStateException shows default/api-key. It is withheld, since a"
              + " report would show it; its stack trace is this one's");
    }
    expected.put(
        "leftOpen",
        HEAD + "default/api-key left open, read at " + Leaking.class.getName()
            + ".leftOpen(FailOnLeakTest.java:N); close it, or use withSecret");
    expected.put(
        "bundleLeftOpen",
        HEAD + "default/api-key left open, read at " + Leaking.class.getName()
            + ".bundleLeftOpen(FailOnLeakTest.java:N); close it, or use withSecret");
    expected.put(
        "printedOfARegisteredFake",
        HEAD + "other-vault/own-key in standard output, line 1 of the test's");
    expected.put(
        "leftOpenOfARegisteredFake",
        HEAD + "other-vault/own-key left open, read at " + Leaking.class.getName()
            + ".leftOpenOfARegisteredFake(FailOnLeakTest.java:N); close it, or use withSecret");
    expected.put(
        "thrownOfARegisteredFake",
        "The test threw java.lang.IllegalStateException, which lets a secret out:"
            + " java.lang.IllegalStateException shows other-vault/own-key. It is withheld, since a"
            + " report would show it; its stack trace is this one's");
    expected.put(
        "registeredThoughItIsTheTests",
        HEAD + "default/api-key left open, read at " + Leaking.class.getName()
            + ".registeredThoughItIsTheTests(FailOnLeakTest.java:N); close it, or use withSecret");
    expected.put(
        "writtenAsBytes", HEAD + "default/binary in standard output, line 1 of the test's");
    Map.of(
            "extracted", AssertionFailedError.class,
            "extractedInHex", AssertionFailedError.class,
            "comparedFieldByField", AssertionError.class,
            "comparedWithin", AssertionError.class)
        .forEach((byAssertJ, error) -> expected.put(
            byAssertJ,
            "The test threw " + error.getName() + ", which lets a secret out: " + error.getName()
                + " shows default/api-key. It is withheld, since a report would show it; its stack"
                + " trace is this one's"));

    Map<String, String> messages = failures(run(Leaking.class));

    assertThat(messages).containsExactlyEntriesOf(expected);
    assertThat(messages.values()).noneMatch(message -> message.contains(KEY));
    System.out.println("Leaks of " + messages.size() + " kinds caught");
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "api-key", value = KEY)
  @WithSecret(vault = "default", name = "certificate", value = CERTIFICATE)
  static class Leaking {
    @Test
    void printed(SecretManager secretManager) {
      System.out.println("the key is");
      System.out.println(reveal(secretManager));
    }

    @Test
    void printedToError() {
      System.err.printf("%s%n", KEY);
    }

    @Test
    void printedInPieces() {
      System.out.print(KEY.substring(0, 5));
      System.out.println(KEY.substring(5).toCharArray());
    }

    @Test
    void printedInBase64() {
      System.out.println(
          "Basic " + Base64.getEncoder().encodeToString(("me:" + KEY).getBytes(UTF_8)));
    }

    @Test
    void printedInHex() {
      System.out.println(HexFormat.of().withUpperCase().formatHex(KEY.getBytes(UTF_8)));
    }

    @Test
    void printedInAUrl() {
      System.out.println("https://example.com/?key=" + URLEncoder.encode(KEY, UTF_8));
    }

    @Test
    void printedAsAnArray() {
      System.out.println(Arrays.toString(KEY.getBytes(UTF_8)));
    }

    @Test
    void printedAcrossLines() {
      System.out.println(CERTIFICATE);
    }

    @Test
    void printedByAThread() throws InterruptedException {
      Thread thread = new Thread(() -> System.err.println(KEY));
      thread.start();
      thread.join();
    }

    @Test
    void printedByAPool() throws Exception {
      POOL.submit(() -> System.out.println(KEY)).get();
    }

    @Test
    void printedByWrite() throws IOException {
      System.out.write(KEY.getBytes(UTF_8));
      System.out.write('\n');
    }

    @Test
    void printedMuch() {
      PrintStream real = System.out;
      for (int i = 0; i < 40_000; i++) {
        real.write(LINE_OF_BLANKS, 0, LINE_OF_BLANKS.length);
      }
      System.out.println(KEY);
    }

    @Test
    void putLater(FakeSecretManager fake) {
      fake.put("default", "later", "made up later");
      System.out.println("made up later");
    }

    @Test
    void logged() {
      Logger.getLogger("com.example.Mailer").info("sent with " + KEY);
    }

    @Test
    void loggedAsParameter() {
      Logger.getLogger("com.example.Mailer").log(Level.WARNING, "sent with {0}", KEY);
    }

    @Test
    void loggedInAnException() {
      Logger.getLogger("com.example.Mailer")
          .log(Level.SEVERE, "not sent", new IllegalStateException(new IOException(KEY)));
    }

    @Test
    void loggedBySystemLogger() {
      System.getLogger("com.example.System").log(System.Logger.Level.INFO, "sent with " + KEY);
    }

    @Test
    void twoPlaces() {
      System.out.println(KEY);
      System.out.println(KEY);
      System.out.println(CERTIFICATE);
    }

    @Test
    void thrown() {
      throw new IllegalStateException("no login with " + KEY);
    }

    @Test
    void thrownInACause() {
      throw new IllegalStateException("no login", new IOException(KEY));
    }

    @Test
    void thrownSuppressed() {
      IllegalStateException e = new IllegalStateException("no login");
      e.addSuppressed(new IOException(KEY));
      throw e;
    }

    @TestFactory
    List<DynamicNode> dynamic() {
      return List.of(
          dynamicTest("thrownByADynamicTest", this::thrown),
          dynamicContainer(
              "container", List.of(dynamicTest("thrownInADynamicContainer", this::thrown))));
    }

    @Test
    void compared(SecretManager secretManager) {
      Assertions.assertEquals("another", reveal(secretManager));
    }

    @Test
    void leftOpen(SecretManager secretManager) {
      SecretValue value = secretManager.requireSecret("default", "api-key");
      assertThat(value.version()).isEqualTo(1);
    }

    @Test
    void bundleLeftOpen(SecretManager secretManager) {
      SecretBundle bundle = secretManager.getSecrets("default", List.of("api-key", "not-there"));
      assertThat(bundle.names()).hasSize(1);
    }

    @Test
    void printedOfARegisteredFake() {
      try (FakeSecretManager own = registered()) {
        System.out.println(own.withSecret("other-vault", "own-key", SecretValue::revealString));
      }
    }

    @Test
    void leftOpenOfARegisteredFake() {
      try (FakeSecretManager own = registered()) {
        assertThat(own.requireSecret("other-vault", "own-key").version()).isEqualTo(1);
      }
    }

    @Test
    void thrownOfARegisteredFake() {
      registered().close();
      throw new IllegalStateException("made up by hand");
    }

    @Test
    void registeredThoughItIsTheTests(FakeSecretManager fake) {
      SecretManagerExtension.register(fake);
      assertThat(fake.requireSecret("default", "api-key").version()).isEqualTo(1);
    }

    private static FakeSecretManager registered() {
      return SecretManagerExtension.register(
          FakeSecretManager.with("other-vault", "own-key", "made up by hand"));
    }

    @Test
    @WithSecret(vault = "default", name = "binary", value = "AP/+gIGCg4SFhoeI", base64 = true)
    void writtenAsBytes() throws IOException {
      System.out.write(Base64.getDecoder().decode("AP/+gIGCg4SFhoeI"));
      System.out.println();
    }

    @Test
    void extracted(SecretManager secretManager) {
      try (SecretValue value = secretManager.requireSecret("default", "api-key")) {
        assertThat(value).extracting("bytes").isEqualTo("another");
      }
    }

    @Test
    void extractedInHex(SecretManager secretManager) {
      try (SecretValue value = secretManager.requireSecret("default", "api-key")) {
        assertThat(value)
            .extracting("bytes", InstanceOfAssertFactories.BYTE_ARRAY)
            .inHexadecimal()
            .containsExactly(1, 2);
      }
    }

    @Test
    void comparedFieldByField(SecretManager secretManager) {
      try (SecretValue value = secretManager.requireSecret("default", "api-key");
          SecretValue another = SecretValue.of("another of another length")) {
        assertThat(value).usingRecursiveComparison().isEqualTo(another);
      }
    }

    @Test
    void comparedWithin(SecretManager secretManager) {
      try (SecretValue value = secretManager.requireSecret("default", "api-key");
          SecretValue another = SecretValue.of("another of another length")) {
        assertThat(Map.of("one", value))
            .usingRecursiveComparison()
            .isEqualTo(Map.of("one", another));
      }
    }
  }

  private static final byte[] LINE_OF_BLANKS = (" ".repeat(149) + "\n").getBytes(UTF_8);

  /** Its thread is there before any test, and so is no test's. */
  private static final ExecutorService POOL = startedPool();

  private static ExecutorService startedPool() {
    ExecutorService pool = Executors.newSingleThreadExecutor(task -> {
      Thread thread = new Thread(task, "no test's");
      thread.setDaemon(true);
      return thread;
    });
    pool.submit(() -> {});
    return pool;
  }

  @Test
  void whatIsNoLeak_isNotCaught() {
    run(Careful.class).assertStatistics(stats -> stats.started(8).succeeded(8));
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "api-key", value = KEY)
  @WithSecret(vault = "default", name = "short", value = "1234567")
  static class Careful {
    @Test
    void namesAreNoSecrets(SecretManager secretManager) {
      System.out.println("read default/api-key: " + secretManager.handle("default", "api-key"));
    }

    @Test
    void partsAreNotTheWhole() {
      System.out.println(KEY.substring(1));
      System.err.println(KEY.substring(0, KEY.length() - 1));
    }

    @Test
    void outAndErrAreTwo() {
      System.out.print(KEY.substring(0, 5));
      System.err.println(KEY.substring(5));
      System.out.println();
    }

    @Test
    void shortValuesAreChance() {
      System.out.println("1234567");
    }

    @Test
    void whatIsClosedIsClosed(SecretManager secretManager) {
      secretManager.requireSecret("default", "api-key").close();
      secretManager.getSecrets("default", List.of("api-key")).close();
      assertThat(reveal(secretManager)).isNotEmpty();
    }

    @Test
    void fakesThatAreNotRegistered() {
      FakeSecretManager own = FakeSecretManager.with("default", "own-key", "made up by hand");
      System.out.println(own.withSecret("default", "own-key", SecretValue::revealString));
    }

    @Test
    void whatIsNotLogged() {
      Logger.getLogger("com.example.Mailer").fine(KEY);
    }

    @Test
    void whatATestCapturesItself() {
      PrintStream before = System.out;
      System.setOut(new PrintStream(new ByteArrayOutputStream(), true, UTF_8));
      System.out.println(KEY);
      System.setOut(before);
    }
  }

  @Test
  void fakeThatIsRegisteredWhereNoTestRuns_isRefused_withWhereToDoIt() {
    String rule = "No test with @FailOnLeak runs on this thread; register a fake in the test or in"
        + " @BeforeEach, on the thread that JUnit calls it on";
    assertThat(failures(run(RegisteringTooEarly.class)))
        .containsExactly(Map.entry("unreachable", rule));
    assertThat(failures(run(RegisteringUnwatched.class)))
        .containsExactly(Map.entry("unwatched", rule));
    assertThat(failures(run(RegisteringBefore.class)))
        .containsExactly(
            Map.entry("leaks", HEAD + "default/api-key in standard output, line 1 of the test's"));
  }

  @FailOnLeak
  static class RegisteringTooEarly {
    private final FakeSecretManager own =
        SecretManagerExtension.register(FakeSecretManager.create());

    @Test
    void unreachable() {
      own.close();
    }
  }

  static class RegisteringUnwatched {
    @Test
    @WithSecret(vault = "default", name = "api-key", value = KEY)
    void unwatched(FakeSecretManager fake) {
      SecretManagerExtension.register(fake);
    }
  }

  @FailOnLeak
  static class RegisteringBefore {
    private final FakeSecretManager own = FakeSecretManager.with("default", "api-key", KEY);

    @BeforeEach
    void register() {
      SecretManagerExtension.register(own);
    }

    @Test
    void leaks() {
      System.out.println(KEY);
    }

    @Test
    void leaksNothing() {}
  }

  @Test
  void fakeOfSeveralTests_blamesEachForWhatItLeftOpenItself() {
    try (FakeSecretManager shared = FakeSecretManager.with("default", "api-key", KEY)) {
      Sharing.fake = shared;
      Map<String, String> blamed = failures(run(Sharing.class));

      assertThat(blamed).containsOnlyKeys("first", "third");
      blamed.forEach((test, message) -> assertThat(message)
          .isEqualTo(HEAD + "default/api-key left open, read at " + Sharing.class.getName() + "."
              + test + "(FailOnLeakTest.java:N); close it, or use withSecret"));
    }
  }

  @FailOnLeak
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class Sharing {
    private static FakeSecretManager fake;

    @BeforeEach
    void register() {
      SecretManagerExtension.register(fake);
    }

    @Test
    void first() {
      assertThat(fake.requireSecret("default", "api-key").version()).isEqualTo(1);
    }

    @Test
    void second() {
      assertThat(fake.exists("default", "api-key")).isTrue();
    }

    @Test
    void third() {
      assertThat(fake.requireSecret("default", "api-key").version()).isEqualTo(1);
    }
  }

  @Test
  void threadThatJUnitMakesForATimeout_isTheTests() {
    Map<String, String> blamed = failures(run(TimedOnAnotherThread.class));

    assertThat(blamed).containsOnlyKeys("prints");
    assertThat(blamed.get("prints"))
        .isEqualTo(HEAD + "default/api-key in standard output, line 1 of the test's");
  }

  @FailOnLeak
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  static class TimedOnAnotherThread {
    private final FakeSecretManager own = FakeSecretManager.with("default", "api-key", KEY);

    @BeforeEach
    void register() {
      SecretManagerExtension.register(own);
    }

    @Test
    void prints() {
      SecretManagerExtension.register(own);
      System.out.println(KEY);
    }

    @ParameterizedTest
    @ValueSource(ints = 1)
    void isSilent(int number) {
      SecretManagerExtension.register(own);
      assertThat(number).isEqualTo(1);
    }
  }

  @Test
  void withoutTheAnnotation_nothingIsCaught() {
    run(Unwatched.class).assertStatistics(stats -> stats.started(1).succeeded(1));
  }

  @WithSecret(vault = "default", name = "api-key", value = KEY)
  static class Unwatched {
    @Test
    void leaks(SecretManager secretManager) {
      System.out.println(reveal(secretManager));
      secretManager.requireSecret("default", "api-key");
    }
  }

  @Test
  void otherFailures_areLeftAsTheyAre() {
    assertThat(failures(run(Failing.class))).containsExactly(Map.entry("fails", "on purpose"));
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "api-key", value = KEY)
  static class Failing {
    @Test
    void fails() {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void beforeAndAfterEach_areOfTheTest() {
    assertThat(failures(run(AroundTests.class)))
        .containsExactly(
            Map.entry(
                "ofNested", HEAD + "default/api-key in standard output, line 1 of the test's"),
            Map.entry(
                "ofOuter", HEAD + "default/api-key in standard output, line 1 of the test's"));
    assertThat(failures(run(ThrowingAround.class)).get("test"))
        .startsWith("The test threw java.lang.IllegalArgumentException, which lets a secret out");
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "api-key", value = KEY)
  static class AroundTests {
    @BeforeEach
    void before() {
      System.out.print(KEY.substring(0, 4));
    }

    @Test
    void ofOuter() {}

    @AfterEach
    void after() {
      System.out.println(KEY.substring(4));
    }

    @Nested
    class Inner {
      @Test
      void ofNested() {}
    }
  }

  static class ThrowingAround {
    @RegisterExtension
    final SecretManagerExtension secrets = SecretManagerExtension.builder()
        .secret("default", "api-key", KEY)
        .failOnLeak()
        .build();

    @Test
    void test() {}

    @AfterEach
    void after() {
      throw new IllegalArgumentException(KEY);
    }
  }

  @Test
  void testThatRunsWithinAnother_onItsThread_leavesItTheThread() {
    assertThat(failures(run(Outer.class)))
        .containsExactly(
            Map.entry("outer", HEAD + "default/api-key in standard output, line 1 of the test's"));
    assertThat(Outer.failedInside).isEmpty();
  }

  static class Outer {
    private static Map<String, String> failedInside;

    @Test
    @FailOnLeak
    @WithSecret(vault = "default", name = "api-key", value = KEY)
    void outer() {
      failedInside = failures(run(Inside.class));
      System.out.println(KEY);
    }
  }

  static class Inside {
    @Test
    @FailOnLeak
    @WithSecret(vault = "default", name = "api-key", value = KEY)
    void inside(SecretManager secretManager) {
      assertThat(reveal(secretManager)).isNotEmpty();
    }
  }

  @Test
  void fakeWhoseSettingsLogAndWrite_isMadeOnce_howeverMuchIsTakenDown() {
    Map<Handler, Level> levels = new HashMap<>();
    handlers.forEach(handler -> levels.put(handler, handler.getLevel()));
    handlers.forEach(handler -> handler.setLevel(Level.OFF));
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8));
    LoggingSettings.made.set(0);
    try {
      assertThat(failures(run(LoggingSettings.class)))
          .containsExactly(
              Map.entry(
                  "logsMuch",
                  HEAD + "default/api-key in a record of the logger com.example.Many, at INFO"),
              Map.entry(
                  "writesMuch", HEAD + "default/api-key in standard output, line 2 of the test's"));
    } finally {
      System.setOut(out);
      levels.forEach(Handler::setLevel);
    }
    assertThat(LoggingSettings.made).hasValue(2);
  }

  static class LoggingSettings {
    private static final AtomicInteger made = new AtomicInteger();

    @RegisterExtension
    final SecretManagerExtension secrets = SecretManagerExtension.builder()
        .secret("default", "api-key", KEY)
        .settings(client -> {
          made.incrementAndGet();
          Logger.getLogger("com.example.Settings").info("settings are made");
          System.out.println("settings are made");
        })
        .failOnLeak()
        .build();

    @BeforeEach
    void much() {
      for (int i = 0; i < 1_100; i++) {
        Logger.getLogger("com.example.Many").info("one of many");
      }
    }

    @Test
    void logsMuch() {
      Logger.getLogger("com.example.Many").info(KEY);
      much();
    }

    @Test
    void writesMuch() {
      PrintStream real = System.out;
      real.println("the key is " + KEY);
      for (int i = 0; i < 40_000; i++) {
        real.write(LINE_OF_BLANKS, 0, LINE_OF_BLANKS.length);
      }
    }
  }

  /** As a reset of the logging configuration takes it away. */
  @Test
  void testThatBegins_hearsTheLoggers_thoughAnotherTookTheHandlersAway() {
    try {
      run(TakingHandlersAway.class).assertStatistics(stats -> stats.succeeded(1));
    } finally {
      handlers.forEach(Logger.getLogger("")::addHandler);
    }
    assertThat(TakingHandlersAway.failedInside)
        .containsExactly(Map.entry(
            "logs",
            HEAD + "default/api-key in a record of the logger com.example.Mailer, at INFO"));
  }

  static class TakingHandlersAway {
    private static Map<String, String> failedInside;

    @Test
    @FailOnLeak
    void takesAway() {
      Logger root = Logger.getLogger("");
      for (Handler handler : root.getHandlers()) {
        root.removeHandler(handler);
      }
      failedInside = failures(run(LoggingInside.class));
    }
  }

  static class LoggingInside {
    @Test
    @FailOnLeak
    @WithSecret(vault = "default", name = "api-key", value = KEY)
    void logs() {
      Logger.getLogger("com.example.Mailer").info(KEY);
    }
  }

  /** A thread that a test started may live for as long as the process. */
  @Test
  void watchOfATestThatEnded_isLetGo_byTheThreadsItStarted() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    WeakReference<LeakWatch> watch = watchThatStarts(() -> {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    for (int i = 0; i < 1_000 && watch.get() != null; i++) {
      System.gc();
      Thread.onSpinWait();
    }
    assertThat(watch.get()).isNull();
    end.countDown();
  }

  private static WeakReference<LeakWatch> watchThatStarts(Runnable task) {
    FakeSecretManager fake = FakeSecretManager.create();
    LeakWatch watch = new LeakWatch(() -> fake);
    LeakWatches.OF_THE_PROCESS.begin(watch);
    Thread thread = new Thread(task, "outlives its test");
    thread.setDaemon(true);
    thread.start();
    LeakWatches.OF_THE_PROCESS.end(watch);
    assertThat(watch.end()).isNull();
    fake.close();
    return new WeakReference<>(watch);
  }

  @Test
  void streamThatATestLeavesBehind_isLeftThere() {
    run(LeavingAStream.class).assertStatistics(stats -> stats.succeeded(1));
    assertThat(System.out).isSameAs(LeavingAStream.LEFT);
    System.setOut(out);
  }

  static class LeavingAStream {
    private static final PrintStream LEFT =
        new PrintStream(new ByteArrayOutputStream(), true, UTF_8);

    @Test
    @FailOnLeak
    void leaves() {
      System.setOut(LEFT);
    }
  }

  @Test
  void ourStreamThatSomebodySetsAgain_passesOn_andIsTakenAwayByTheNextTest() {
    run(KeepingOurStream.class);
    assertThat(System.out).isSameAs(out);
    System.setOut(KeepingOurStream.kept);
    System.out.println("is passed on");
    run(KeepingOurStream.class).assertStatistics(stats -> stats.succeeded(1));
  }

  static class KeepingOurStream {
    private static PrintStream kept;

    @Test
    @FailOnLeak
    void keeps() {
      kept = System.out;
    }
  }

  private static Events run(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .testEvents();
  }

  /** The message by the test's method, without numbers of lines of this file. */
  private static Map<String, String> failures(Events tests) {
    Map<String, String> messages = new TreeMap<>();
    for (Event event : tests.failed().list()) {
      String message = event
          .getRequiredPayload(TestExecutionResult.class)
          .getThrowable()
          .orElseThrow()
          .getMessage();
      messages.put(
          event.getTestDescriptor().getDisplayName().replaceFirst("\\(.*", ""),
          message.replaceAll("Test\\.java:\\d+", "Test.java:N"));
    }
    return messages;
  }

  private static String reveal(SecretManager secretManager) {
    return secretManager.withSecret("default", "api-key", SecretValue::revealString);
  }
}
