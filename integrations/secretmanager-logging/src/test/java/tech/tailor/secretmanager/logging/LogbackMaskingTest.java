package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class LogbackMaskingTest {

  private static final String VALUE = "canary \"of\" \\24/ö&\ncharacters";

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger logger = context.getLogger("app");
  private final SecretMask mask = SecretMask.create();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  LogbackMaskingTest() {
    context.reset();
    context.putObject(Environment.class.getName(), new StandardEnvironment());
    logger.setLevel(Level.INFO);
    try (SecretValue value = SecretValue.of(VALUE)) {
      mask.add(SecretRef.of("default", "canary"), value);
    }
  }

  @AfterEach
  void reset() {
    context.reset();
  }

  private OutputStreamAppender<ILoggingEvent> appender(Encoder<ILoggingEvent> encoder) {
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(output);
    appender.start();
    return appender;
  }

  private static PatternLayoutEncoder pattern(Charset charset) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern("%level %mdc %kvp %msg%n%ex");
    encoder.setCharset(charset);
    return encoder;
  }

  private void logEverywhere() {
    RuntimeException failure = new IllegalStateException(
        "failed with " + VALUE, new IllegalArgumentException("caused by " + VALUE));
    failure.addSuppressed(new RuntimeException("suppressed " + VALUE));
    MDC.put("user", VALUE);
    logger.info("message " + VALUE);
    logger.warn("parameters {} and {}", VALUE, "visible");
    logger.atInfo().addKeyValue("key", VALUE).log("key and value");
    logger.error("exception", failure);
    MDC.remove("user");
    logger.info("last");
  }

  private void assertMasked(Charset charset) {
    assertThat(output.toString(charset))
        .contains("message ***", "parameters *** and visible", "failed with ***", "caused by ***")
        .contains("suppressed ***", "user", "last")
        .doesNotContain("canary", "characters", "24/", "24\\/");
  }

  @Test
  void plainText_isMasked_whateverItsCharset() {
    for (Charset charset : new Charset[] {UTF_8, ISO_8859_1, null}) {
      output.reset();
      logger.addAppender(appender(pattern(charset)));
      mask.installInLogback();
      logEverywhere();
      assertMasked(charset == null ? Charset.defaultCharset() : charset);
      logger.detachAndStopAllAppenders();
    }
  }

  @Test
  void json_isMasked() {
    StructuredLogEncoder encoder = new StructuredLogEncoder();
    encoder.setFormat("ecs");
    logger.addAppender(appender(encoder));
    mask.installInLogback();
    logEverywhere();

    assertMasked(UTF_8);
    assertThat(output.toString(UTF_8)).contains("\"ecs\"", "\"user\":\"***\"", "\"key\":\"***\"");
    assertThat(output.toString(UTF_8).lines()).hasSize(5).allMatch(line -> line.endsWith("}"));
  }

  @Test
  void control_withoutAMask_everythingIsShown() {
    logger.addAppender(appender(pattern(UTF_8)));
    logEverywhere();
    assertThat(output.toString(UTF_8).split("characters", -1)).hasSizeGreaterThan(8);
  }

  @Test
  void installedTwice_isOneMask_andAClosedOneIsTakenAway() {
    OutputStreamAppender<ILoggingEvent> appender = appender(pattern(UTF_8));
    Encoder<ILoggingEvent> plain = appender.getEncoder();
    logger.addAppender(appender);
    mask.installInLogback();
    Encoder<ILoggingEvent> masking = appender.getEncoder();
    mask.installInLogback();
    assertThat(appender.getEncoder()).isSameAs(masking).isNotSameAs(plain);

    try (SecretMask second = SecretMask.create()) {
      second.installInLogback();
      logger.info(VALUE);
      assertThat(output.toString(UTF_8)).as("both").contains("***").doesNotContain("canary");
    }
    mask.close();
    try (SecretMask third = SecretMask.create()) {
      third.installInLogback();
      mask.installInLogback();
      assertThat(appender.getEncoder()).as("never one around another").isSameAs(masking);
    }
  }

  @Test
  void appenderBehindAnother_isMasked_andOneWithoutAnEncoderIsNamed() {
    AsyncAppender async = new AsyncAppender();
    async.setContext(context);
    async.addAppender(appender(pattern(UTF_8)));
    async.start();
    ListAppender<ILoggingEvent> list = new ListAppender<>();
    list.setName("list");
    logger.addAppender(async);
    logger.addAppender(list);
    try (JulRecords records = JulRecords.of(SecretMask.class)) {
      mask.installInLogback();
      assertThat(records.messages())
          .containsExactly("Secrets are not masked in what these write: [list"
              + " (ch.qos.logback.core.read.ListAppender)]");
    }
    logEverywhere();
    async.stop(); // waits for what is queued
    assertMasked(UTF_8);
  }
}
