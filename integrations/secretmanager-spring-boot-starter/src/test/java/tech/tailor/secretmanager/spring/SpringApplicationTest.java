package tech.tailor.secretmanager.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/** Whole applications, over the encrypted file store. */
@ExtendWith(OutputCaptureExtension.class)
class SpringApplicationTest {

  private static final String ODD =
      "a\\${b} ${c:d} #{1+41} \"e\"\n'f'\\\\ ${secret@default/greeting}";

  @TempDir
  private Path directory;

  private Path store;
  private Path key;

  @BeforeEach
  void makeStore() {
    store = directory.resolve("store");
    key = directory.resolve("master.key");
    try (FileSecretStore secrets = FileSecretStore.create(store, MasterKey.createFile(key))) {
      secrets.createVault("default");
      put(secrets, "greeting", "hello-canary");
      put(secrets, "odd", ODD);
      put(secrets, "number", "no-number-canary");
      put(secrets, "short", "order");
    }
  }

  private static void put(FileSecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put("default", name, value);
    }
  }

  @Test
  void references_areResolvedInAnyProperty() {
    try (ConfigurableApplicationContext context = run(
        WithValue.class,
        "--app.greeting=${secret@default/greeting}",
        "--app.nested=Bearer ${app.greeting}!",
        "--app.odd=${secret@default/odd}")) {
      Settings settings = context.getBean(Settings.class);

      assertThat(settings.greeting()).isEqualTo("hello-canary");
      assertThat(settings.nested()).isEqualTo("Bearer hello-canary!");
      assertThat(settings.odd()).as("as it is, whatever it looks like").isEqualTo(ODD);
      assertThat(context.getEnvironment().getProperty("app.odd")).isEqualTo(ODD);
      assertThat(context.getEnvironment().resolvePlaceholders("<${app.odd}>"))
          .isEqualTo("<" + ODD + ">");
      assertThat(context.getBean(WithValue.class).injected).isEqualTo("hello-canary");
    }
  }

  @Test
  void manager_isABean_andClosedWithTheApplication() {
    SecretManager manager;
    try (ConfigurableApplicationContext context =
        run(Plain.class, "--spring.main.lazy-initialization=true")) {
      manager = context.getBean(SecretManager.class);
      assertThat(manager.withSecret("default", "greeting", SecretValue::revealString))
          .isEqualTo("hello-canary");
      assertThat(SecretPropertySource.of(context.getEnvironment()).getSource().manager())
          .as("the one that references are read by")
          .isSameAs(manager);
    }
    assertThat(manager).hasToString("SecretManager[closed]");
  }

  @Test
  void references_canBeBoundAsWhatTheyAre() {
    try (ConfigurableApplicationContext context =
        run(Plain.class, "--app.ref=default/greeting", "--app.handle=default/greeting")) {
      Settings settings = context.getBean(Settings.class);

      assertThat(settings.ref()).isEqualTo(SecretRef.of("default", "greeting"));
      try (SecretValue value = settings.handle().read()) {
        assertThat(value.revealString()).isEqualTo("hello-canary");
      }
      assertThat(settings.toString()).doesNotContain("canary");
    }
  }

  @Test
  void settings_reachTheManager() {
    try (ConfigurableApplicationContext context =
        run(Plain.class, "--secretmanager.time-to-live=7s", "--secretmanager.max-stale=0s")) {
      SecretManagerProperties properties = context.getBean(SecretManagerProperties.class);
      assertThat(properties.timeToLive()).isEqualTo(Duration.ofSeconds(7));
      assertThat(properties.maxStale()).isZero();
    }
    assertThat(failure(Plain.class, "--secretmanager.time-to-live=-1s"))
        .hasStackTraceContaining("timeToLive must be between");
  }

  @Test
  void secretThatIsMissing_failsTheStart_andSaysWhatToDo(CapturedOutput output) {
    for (String reference : List.of(
        "${secret@default/nowhere}",
        "${secret@nowhere/greeting}",
        "x ${secret@default/nowhere} y")) {
      assertThat(failure(Plain.class, "--app.greeting=" + reference)).isNotNull();
    }

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("The property app.greeting can't be set. There is no secret default/nowhere:")
        .contains("the vault \"nowhere\" does not exist; create it, or correct the reference")
        .doesNotContain("canary");
  }

  @Test
  void referenceThatIsWrong_failsTheStart(CapturedOutput output) {
    for (String reference : List.of("${secret@}", "${secret@default}", "${secret@Default/x y}")) {
      assertThat(failure(Plain.class, "--app.greeting=" + reference)).isNotNull();
    }
    assertThat(output)
        .contains("The property app.greeting can't be set. A reference to a secret must be"
            + " ${secret@vault/name}");
  }

  @Test
  void defaultOfAReference_isRefused_orForASecretThatIsMissingAlone(CapturedOutput output) {
    String[] references = {
      "--app.greeting=${secret@default/nowhere:fallback}",
      "--app.nested=${secret@default/greeting:fallback}",
    };
    assertThat(failure(Plain.class, references)).isNotNull();
    assertThat(output).contains("or set secretmanager.allow-defaults=true");

    List<String> allowed = new ArrayList<>(List.of(references));
    allowed.add("--secretmanager.allow-defaults=true");
    try (ConfigurableApplicationContext context =
        run(Plain.class, allowed.toArray(String[]::new))) {
      Settings settings = context.getBean(Settings.class);
      assertThat(settings.greeting()).isEqualTo("fallback");
      assertThat(settings.nested()).isEqualTo("hello-canary");
    }
    assertThat(failure(
            Plain.class,
            "--secretmanager.allow-defaults=true",
            "--app.greeting=${secret@default/nowhere:${app.nested}}"))
        .as("a default that Spring doesn't show")
        .isNotNull();
    allowed.add("--secretmanager.url=file:" + directory.resolve("no-store"));
    assertThat(failure(Plain.class, allowed.toArray(String[]::new)))
        .as("a store that can't be opened")
        .isNotNull();
  }

  @Test
  void storeThatIsNotNamed_orNotWell_failsTheStart_andNamesTheProperty(CapturedOutput output) {
    assertThat(failure(
            Plain.class, "--secretmanager.url=", "--app.greeting=${secret@default/greeting}"))
        .isNotNull();
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("There is no secret store: set secretmanager.url");

    assertThat(failure(Plain.class, "--secretmanager.url=elsewhere")).isNotNull();
    assertThat(output).contains("The store that secretmanager.url names can't be opened: ");
  }

  /** Spring asks for the secret without such a default. */
  @Test
  void defaultThatIsAPlaceholder_isNeverTaken_andASecretAsADefaultOnlyWhereItIsNeeded() {
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        "--app.greeting=${secret@default/greeting:${app.odd}}",
        "--app.nested=${app.nowhere:${secret@default/greeting}}",
        "--app.odd=${other:${secret@default/nowhere}}",
        "--other=plain")) {
      Settings settings = context.getBean(Settings.class);
      assertThat(settings.greeting()).isEqualTo("hello-canary");
      assertThat(settings.nested()).isEqualTo("hello-canary");
      assertThat(settings.odd()).isEqualTo("plain");
    }
    for (boolean allowed : new boolean[] {true, false}) {
      for (String reference : List.of(
          "${secret@default/nowhere:${secret@default/greeting}}",
          "${app.nowhere:${secret@default/nowhere}}")) {
        assertThat(failure(
                Plain.class,
                "--secretmanager.allow-defaults=" + allowed,
                "--app.greeting=" + reference))
            .as("%s, allowed: %s", reference, allowed)
            .hasStackTraceContaining("There is no secret default/nowhere");
      }
    }
  }

  @Test
  void expressionInAValue_isRunByValueAlone() {
    put("expression", "#{1+41}");
    try (ConfigurableApplicationContext context = run(
        WithValue.class,
        "--app.greeting=${secret@default/expression}",
        "--app.nested=Bearer ${app.greeting}",
        "--app.handle=default/expression")) {
      assertThat(context.getBean(WithValue.class).injected).isEqualTo("42");

      Settings settings = context.getBean(Settings.class);
      assertThat(settings.greeting()).isEqualTo("#{1+41}");
      assertThat(settings.nested()).isEqualTo("Bearer #{1+41}");
      assertThat(context.getEnvironment().getProperty("app.greeting")).isEqualTo("#{1+41}");
      try (SecretValue value = settings.handle().read()) {
        assertThat(value.revealString()).isEqualTo("#{1+41}");
      }
    }
  }

  @Test
  void valueThatIsNoExpression_failsTheStartByValue_andIsNotReported(CapturedOutput output) {
    put("expression", "broken#{canary");
    assertThat(failure(WithValue.class, "--app.greeting=${secret@default/expression}"))
        .isNotNull();
    assertThat(output).contains("is withheld").doesNotContain("canary");
  }

  private void put(String name, String text) {
    try (FileSecretStore secrets = FileSecretStore.open(store, MasterKey.fromFile(key))) {
      put(secrets, name, text);
    }
  }

  @Test
  void valuesAreMaskedInLogs_ifThatIsSwitchedOn(CapturedOutput output) {
    for (boolean masked : new boolean[] {true, false}) {
      try (ConfigurableApplicationContext context = run(
          Plain.class, "--app.handle=default/greeting", "--secretmanager.mask-logs=" + masked)) {
        try (SecretValue value = context.getBean(Settings.class).handle().read()) {
          Logger.getLogger("app").warning(masked + " read " + value.revealString());
        }
      }
    }
    assertThat(output)
        .contains("true read ***")
        .doesNotContain("true read hello")
        .as("the control")
        .contains("false read hello-canary");
  }

  @Test
  void failedStart_isReportedMasked(CapturedOutput output) {
    for (boolean masked : new boolean[] {true, false}) {
      assertThat(failure(
              NumberByValue.class,
              "--app.number=" + (masked ? "" : "shown-") + "${secret@default/number}",
              "--secretmanager.mask-logs=" + masked))
          .isNotNull();
    }
    assertThat(output)
        .contains("For input string: \"***\"")
        .doesNotContain("\"no-number-canary")
        .as("the control")
        .contains("For input string: \"shown-no-number-canary\"");
  }

  /** The report comes after the beans are gone, and with them the manager. */
  @Test
  void failedStart_isReportedMasked_whereABeanReadByItself(CapturedOutput output) {
    assertThat(failure(ReadByItself.class, "--secretmanager.mask-logs=true")).isNotNull();
    assertThat(output).contains("Application run failed").contains("not a number: ***");
    assertThat(output).doesNotContain("canary");
    assertThat(failure(ReadByItself.class, "--secretmanager.mask-logs=false")).isNotNull();
    assertThat(output).as("the control").contains("canary");
  }

  @Test
  void valueThatDoesntFit_isNotShown(CapturedOutput output) {
    Throwable failure = failure(Plain.class, "--app.number=${secret@default/number}");
    assertThat(failure).hasStackTraceContaining("NumberFormatException");

    assertThat(output)
        .contains("The property app.number can't be set.")
        .contains("Its message is withheld, since it holds the value of a secret.")
        .doesNotContain("canary");
  }

  @Test
  void failureWithoutASecret_isLeftToOthers(CapturedOutput output) {
    assertThat(
            failure(Plain.class, "--app.greeting=${secret@default/greeting}", "--app.number=many"))
        .isNotNull();
    assertThat(output).contains("many").doesNotContain("withheld").doesNotContain("canary");
  }

  @Test
  void secretsOfAVault_areFetchedByOneCall_whereverTheyAreReferredTo() {
    try (FileSecretStore secrets = FileSecretStore.open(store, MasterKey.fromFile(key));
        SecretValue value = SecretValue.of("elsewhere-canary")) {
      secrets.createVault("other");
      secrets.put("other", "greeting", value);
    }
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        "--app.greeting=${secret@default/greeting}",
        "--app.odd=${secret@default/odd}",
        "--app.nested=${secret@default/short} and ${secret@other/greeting}")) {
      assertThat(context.getBean(Settings.class).nested()).isEqualTo("order and elsewhere-canary");
      assertThat(context.getBean(SecretManager.class).cacheStats().loads()).isEqualTo(2);
    }
  }

  @Test
  void secretThatNoPropertyNeeds_isMissingWithoutHarm() {
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        "--app.greeting=${secret@default/greeting}",
        "--unused=${secret@default/nowhere}")) {
      assertThat(context.getBean(Settings.class).greeting()).isEqualTo("hello-canary");
    }
  }

  @Test
  void managerOfTheApplication_isNotMasked_andAWarningSaysSo(CapturedOutput output) {
    try (ConfigurableApplicationContext context = run(
        WithManager.class,
        "--secretmanager.mask-logs=true",
        "--spring.main.lazy-initialization=true")) {
      assertThat(output).contains("the application's own SecretManager bean reads is not masked");
      assertThat(context.getBeanFactory().containsSingleton("secretManager"))
          .as("made")
          .isFalse();
    }
  }

  @Test
  void managersOfTheStarter_areMasked_withoutAWarning(CapturedOutput output) {
    for (Class<?> application : List.of(Plain.class, WithBackend.class)) {
      run(application, "--secretmanager.mask-logs=true").close();
    }
    assertThat(output).doesNotContain("is not masked");
  }

  @Test
  void contextThatNoSpringApplicationMade_isMasked_whileItIsOpen() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    StreamHandler handler = new StreamHandler(written, new SimpleFormatter());
    Logger logger = Logger.getLogger("app");
    logger.addHandler(handler);
    try {
      for (boolean masked : new boolean[] {true, false}) {
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SecretManagerAutoConfiguration.class))
            .withPropertyValues(
                "secretmanager.url=file:" + store,
                "secretmanager.key-file=" + key,
                "secretmanager.mask-logs=" + masked)
            .run(context -> {
              SecretManager manager = context.getBean(SecretManager.class);
              String value = manager.withSecret("default", "greeting", SecretValue::revealString);
              logger.warning(masked + " read " + value);
            });
      }
    } finally {
      logger.removeHandler(handler);
    }
    handler.close();
    assertThat(written.toString(UTF_8)).contains("true read ***", "false read hello-canary");
  }

  @Test
  void startThatFails_closesTheManager() {
    List<SecretManager> managers = new ArrayList<>();
    SpringApplicationBuilder application = application(Plain.class)
        .initializers(context -> managers.add(
            SecretPropertySource.of(context.getEnvironment()).getSource().manager()));
    assertThat(catchThrowable(() -> application.run("--app.greeting=${secret@default/nowhere}")))
        .isNotNull();
    assertThat(managers).singleElement().hasToString("SecretManager[closed]");
  }

  @Test
  void managerThatReferencesAreReadBy_isClosed_alsoWhereTheBeanIsAnother() {
    SecretManager references;
    SecretManager bean;
    try (ConfigurableApplicationContext context =
        run(WithBackend.class, "--app.greeting=${secret@default/greeting}")) {
      assertThat(context.getEnvironment().getProperty("app.greeting")).isEqualTo("hello-canary");
      references = SecretPropertySource.of(context.getEnvironment()).getSource().manager();
      bean = context.getBean(SecretManager.class);
    }
    assertThat(references).isNotSameAs(bean).hasToString("SecretManager[closed]");
    assertThat(bean).hasToString("SecretManager[closed]");
  }

  @Test
  void childThatFails_leavesTheManagerOfItsParentOpen() {
    try (ConfigurableApplicationContext parent = run(Plain.class)) {
      assertThat(catchThrowable(
              () -> application(FailsWhenItRuns.class).parent(parent).run()))
          .isNotNull();
      assertThat(parent.getBean(SecretManager.class)).hasToString("SecretManager[open]");
    }
  }

  @Test
  void secretsThatAreNeededTooEarly_areRefused(CapturedOutput output) {
    assertThat(failure(Plain.class, "--spring.profiles.active=${secret@default/greeting}"))
        .hasStackTraceContaining("the settings of the secret manager are not known by then");
    System.setProperty("spring.aot.processing", "true");
    try {
      assertThat(failure(Plain.class, "--app.greeting=${secret@default/greeting}"))
          .hasStackTraceContaining("while the application is processed ahead of time");
    } finally {
      System.clearProperty("spring.aot.processing");
    }
    assertThat(output).doesNotContain("canary");
  }

  @Test
  void backendsOfWhichNoneIsTheFirst_areRefused() {
    assertThat(failure(WithTwoBackends.class)).hasStackTraceContaining("mark one as @Primary");
  }

  @Test
  void shortValue_hidesNothingElse(CapturedOutput output) {
    assertThat(
            failure(Plain.class, "--app.greeting=${secret@default/short}", "--app.number=orders"))
        .isNotNull();
    assertThat(output).contains("orders").doesNotContain("withheld");
  }

  @Test
  void settingsThatReferToASecret_areRefused(CapturedOutput output) {
    assertThat(failure(Plain.class, "--secretmanager.workspace-id=${secret@default/greeting}"))
        .isNotNull();
    assertThat(output).contains("the secret manager is opened by it, and so can't read it");
  }

  @Test
  void addressThatIsMissing_isNamed(CapturedOutput output) {
    assertThat(catchThrowable(() -> new SpringApplicationBuilder(Plain.class)
            .web(WebApplicationType.NONE)
            .run("--app.greeting=${secret@default/greeting}")))
        .isNotNull();
    assertThat(output).contains("TAILOR_SECRETMANAGER_URL");
  }

  @Test
  void previousKey_opensTheStore() {
    MasterKey.createFile(store.resolveSibling("next"));
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        "--secretmanager.key-file=" + store.resolveSibling("next"),
        "--secretmanager.previous-key-file=" + key,
        "--app.greeting=${secret@default/greeting}")) {
      assertThat(context.getBean(Settings.class).greeting()).isEqualTo("hello-canary");
    }
  }

  @Test
  void backendOfTheApplication_isReadByTheBean() {
    try (ConfigurableApplicationContext context =
        application(WithBackend.class).run("--secretmanager.url=", "--secretmanager.key-file=")) {
      SecretManager manager = context.getBean(SecretManager.class);
      assertThat(manager.withSecret("default", "greeting", SecretValue::revealString))
          .isEqualTo("from memory");
    }
  }

  @Test
  void metrics_areThere_whereTheApplicationHasTheirArtifact() {
    try (ConfigurableApplicationContext context = run(Plain.class)) {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      context.getBean(MeterBinder.class).bindTo(registry);
      context.getBean(SecretManager.class).requireSecret("default", "greeting").close();

      assertThat(registry.get("secretmanager.loads").tag("cache", "secrets").functionCounter())
          .extracting(FunctionCounter::count)
          .isEqualTo(1.0);
    }
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(SecretManagerMetricsAutoConfiguration.class))
        .withClassLoader(new FilteredClassLoader("io.micrometer"))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterBinder.class));
  }

  @Test
  void actuator_masksWhatAPropertyWasResolvedTo_alsoWhereItIsToShowValues() throws Exception {
    try (ConfigurableApplicationContext context = run(
        Plain.class,
        "--app.greeting=${secret@default/greeting}",
        "--app.nested=Bearer ${app.greeting}!",
        "--app.odd=plain text")) {
      try (FileSecretStore secrets = FileSecretStore.open(store, MasterKey.fromFile(key))) {
        put(secrets, "greeting", "rotated-canary");
      }
      context.getBean(SecretManager.class).refresh("default", "greeting");
      List<SanitizingFunction> functions =
          context.getBeanProvider(SanitizingFunction.class).orderedStream().toList();
      EnvironmentEndpoint endpoint =
          new EnvironmentEndpoint(context.getEnvironment(), functions, Show.ALWAYS);
      List<Object> shown = new ArrayList<>();
      for (String name : List.of("app.greeting", "app.nested", "app.odd")) {
        shown.add(endpoint.environmentEntry(name).getProperty().getValue());
      }

      assertThat(shown).containsExactly("******", "******", "plain text");
      assertThat(functions)
          .as("of a bean that has the old value")
          .singleElement()
          .satisfies(function -> assertThat(function
                  .apply(new SanitizableData(null, "app.greeting", "hello-canary"))
                  .getValue())
              .isEqualTo("******"));
    }
  }

  @Test
  void switchedOff_thereIsNothing() {
    try (ConfigurableApplicationContext context =
        run(Plain.class, "--secretmanager.enabled=off", "--app.greeting=${x:none}")) {
      assertThat(context.getBeanNamesForType(SecretManager.class)).isEmpty();
      assertThat(context.getBean(Settings.class).greeting()).isEqualTo("none");
    }
  }

  private Throwable failure(Class<?> application, String... arguments) {
    return catchThrowable(() -> run(application, arguments).close());
  }

  private ConfigurableApplicationContext run(Class<?> application, String... arguments) {
    return application(application).run(arguments);
  }

  private SpringApplicationBuilder application(Class<?> application) {
    return new SpringApplicationBuilder(application)
        .web(WebApplicationType.NONE)
        .properties("secretmanager.url=file:" + store, "secretmanager.key-file=" + key);
  }

  @ConfigurationProperties("app")
  record Settings(
      String greeting,
      String nested,
      String odd,
      Integer number,
      SecretRef ref,
      SecretHandle handle) {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class NumberByValue {

    @Value("${app.number}")
    private int number;

    @Override
    public String toString() {
      return "" + number;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class ReadByItself {

    ReadByItself(SecretManager secrets) {
      throw new IllegalStateException("not a number: "
          + secrets.<String, RuntimeException>withSecret(
              "default", "number", SecretValue::revealString));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(Settings.class)
  static class Plain {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(Settings.class)
  static class WithValue {

    @Value("${app.greeting}")
    private String injected;
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class FailsWhenItRuns {

    @Bean
    ApplicationRunner runner() {
      return arguments -> {
        throw new IllegalStateException("made up");
      };
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithTwoBackends {

    @Bean
    InMemorySecretStore one() {
      return InMemorySecretStore.create();
    }

    @Bean
    InMemorySecretStore two() {
      return InMemorySecretStore.create();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithManager {

    @Bean
    SecretManager secretManager() {
      return SecretManagers.open(InMemorySecretStore.create());
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithBackend {

    @Bean
    InMemorySecretStore store() {
      InMemorySecretStore store = InMemorySecretStore.create();
      store.createVault("default");
      store.put("default", "greeting", "from memory");
      return store;
    }
  }
}
