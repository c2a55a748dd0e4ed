package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.OutputStreamAppender;
import org.apache.logging.log4j.core.appender.RollingFileAppender;
import org.apache.logging.log4j.core.appender.rolling.DefaultRolloverStrategy;
import org.apache.logging.log4j.core.appender.rolling.SizeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.config.AppenderRef;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.ThresholdFilter;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class Log4jMaskingTest {

  private static final String VALUE = "canary \"of\" \\24/ö&\ncharacters";

  @TempDir
  private Path directory;

  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final SecretMask mask = SecretMask.create();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private Configuration configuration = new DefaultConfiguration();

  Log4jMaskingTest() {
    reset();
    try (SecretValue value = SecretValue.of(VALUE)) {
      mask.add(SecretRef.of("default", "canary"), value);
    }
  }

  @AfterEach
  void reset() {
    configuration = new DefaultConfiguration();
    List.copyOf(configuration.getRootLogger().getAppenders().keySet())
        .forEach(configuration.getRootLogger()::removeAppender);
    context.reconfigure(configuration);
    configuration.getRootLogger().setLevel(Level.INFO);
    context.updateLoggers();
  }

  private Logger logger() {
    return LogManager.getLogger("app");
  }

  private void attach(Appender appender) {
    appender.start();
    configuration.addAppender(appender);
    configuration.getRootLogger().addAppender(appender, null, null);
    context.updateLoggers();
  }

  private Appender stream(Layout<?> layout) {
    return OutputStreamAppender.newBuilder()
        .setName("stream")
        .setTarget(output)
        .setLayout(layout)
        .setConfiguration(configuration)
        .build();
  }

  private static Layout<?> pattern(Charset charset) {
    return PatternLayout.newBuilder()
        .setPattern("%level %X %msg%n%ex")
        .setCharset(charset)
        .build();
  }

  private void logEverywhere() {
    RuntimeException failure = new IllegalStateException(
        "failed with " + VALUE, new IllegalArgumentException("caused by " + VALUE));
    failure.addSuppressed(new RuntimeException("suppressed " + VALUE));
    ThreadContext.put("user", VALUE);
    logger().info("message " + VALUE);
    logger().warn("parameters {} and {}", VALUE, "visible");
    logger().error("exception", failure);
    ThreadContext.remove("user");
    logger().info("last");
  }

  private void assertMasked(Charset charset) {
    assertThat(output.toString(charset))
        .contains("message ***", "parameters *** and visible", "failed with ***", "caused by ***")
        .contains("suppressed ***", "user", "last")
        .doesNotContain("canary", "characters", "24/", "24\\/");
  }

  @Test
  void plainText_isMasked_whateverItsCharset() {
    for (Charset charset : List.of(UTF_8, ISO_8859_1)) {
      reset();
      output.reset();
      attach(stream(pattern(charset)));
      mask.installInLog4j();
      logEverywhere();
      assertMasked(charset);
    }
  }

  @Test
  void json_isMasked() {
    attach(stream(JsonTemplateLayout.newBuilder()
        .setConfiguration(configuration)
        .setEventTemplateUri("classpath:EcsLayout.json")
        .build()));
    mask.installInLog4j();
    logEverywhere();
    assertMasked(UTF_8);
    assertThat(output.toString(UTF_8)).contains("\"ecs.version\"", "\"user\":\"***\"");
    assertThat(output.toString(UTF_8).lines()).hasSize(4).allMatch(line -> line.endsWith("}"));
  }

  @Test
  void control_withoutAMask_everythingIsShown() {
    attach(stream(pattern(UTF_8)));
    logEverywhere();
    assertThat(output.toString(UTF_8).split("characters", -1)).hasSizeGreaterThan(7);
  }

  @Test
  void levelAndFilterOfAReference_stay_andASecondInstallChangesNothing() {
    Appender appender = stream(pattern(UTF_8));
    appender.start();
    ThresholdFilter filter = ThresholdFilter.createFilter(Level.ERROR, null, null);
    filter.start();
    AppenderRef ref = AppenderRef.createAppenderRef("stream", Level.WARN, filter);
    LoggerConfig own = LoggerConfig.newBuilder()
        .setLoggerName("app")
        .setLevel(Level.INFO)
        .setAdditivity(false)
        .setRefs(new AppenderRef[] {ref})
        .setConfig(configuration)
        .build();
    own.addAppender(appender, Level.WARN, filter);
    configuration.addLogger("app", own);
    context.updateLoggers();
    mask.installInLog4j();
    mask.installInLog4j();
    try (SecretMask second = SecretMask.create()) {
      second.installInLog4j();
      logger().warn("not shown");
      logger().error("shown once " + VALUE);
    }
    assertThat(output.toString(UTF_8))
        .isEqualTo("ERROR {} shown once ***" + System.lineSeparator());
    assertThat(filter.isStarted()).isTrue();
  }

  @Test
  void rollingFile_isMasked_andRollsOver() throws IOException {
    attach(RollingFileAppender.newBuilder()
        .setName("file")
        .setFileName(directory.resolve("app.log").toString())
        .setFilePattern(directory.resolve("app-%i.log").toString())
        .setPolicy(SizeBasedTriggeringPolicy.createPolicy("100"))
        .setStrategy(DefaultRolloverStrategy.newBuilder().setMax("3").build())
        .setLayout(pattern(UTF_8))
        .setConfiguration(configuration)
        .build());
    mask.installInLog4j();
    for (int i = 0; i < 8; i++) {
      logger().info("a line of a file that holds {}", VALUE);
    }
    context.reconfigure(new DefaultConfiguration()); // closes the file
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertThat(all).hasSizeGreaterThan(2);
      for (Path file : all) {
        assertThat(Files.readString(file)).doesNotContain("canary");
      }
    }
  }

  @Test
  void defaultConfiguration_isMasked_andAnAppenderWithoutAStreamIsNamed() {
    configuration = new DefaultConfiguration();
    context.reconfigure(configuration);
    Appender named = new NamedAppender();
    attach(named);
    try (JulRecords records = JulRecords.of(SecretMask.class)) {
      mask.installInLog4j();
      assertThat(records.messages())
          .containsExactly("Secrets are not masked in what these write: [named ("
              + NamedAppender.class.getName() + ")]");
    }
    assertThat(configuration.getRootLogger().getAppenders().values())
        .filteredOn(each -> each != named)
        .hasSize(1)
        .allMatch(MaskedAppender.class::isInstance);
  }

  /** A line that is logged while the appenders change places is written, if perhaps twice. */
  @Test
  void install_losesNoLineOfOtherThreads() throws Exception {
    for (int round = 0; round < 50; round++) {
      assertThat(linesLostDuring(logged -> mask.installInLog4j())).isEmpty();
    }
  }

  @Test
  void control_anAppenderThatIsTakenAwayFirst_losesLines() throws Exception {
    assertThat(linesLostDuring(logged -> {
          LoggerConfig root = configuration.getRootLogger();
          Appender appender = root.getAppenders().get("stream");
          root.removeAppender("stream");
          int before = logged.size();
          while (logged.size() < before + 10) {
            Thread.onSpinWait();
          }
          root.addAppender(appender, null, null);
        }))
        .isNotEmpty();
  }

  /** Runs an action while four threads log, and returns what they logged and was not written. */
  private Set<String> linesLostDuring(Consumer<Set<String>> action) throws Exception {
    int writers = 4;
    reset();
    output.reset();
    attach(stream(pattern(UTF_8)));
    Set<String> logged = ConcurrentHashMap.newKeySet();
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch running = new CountDownLatch(writers);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String prefix = "<" + writer + ".";
        ends.add(threads.submit(() -> {
          for (int line = 0; !over.get(); line++) {
            logger().info(prefix + line + ">");
            logged.add(prefix + line + ">");
            running.countDown();
          }
        }));
      }
      running.await();
      action.accept(logged);
      over.set(true);
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      over.set(true);
      threads.shutdown();
    }
    Pattern.compile("<[^>]*>")
        .matcher(output.toString(UTF_8))
        .results()
        .forEach(written -> logged.remove(written.group()));
    return logged;
  }
}
