package tech.tailor.secretmanager.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.MemoryHandler;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import java.util.logging.XMLFormatter;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class JulMaskingTest {

  private static final String VALUE = "canary of 24\ncharacters";

  private final Logger logger = Logger.getLogger("app.jul");

  @Test
  void whatHandlersFormat_isMasked_onlyWhileAMaskIsOpen() throws Exception {
    for (Formatter formatter : new Formatter[] {new SimpleFormatter(), new XMLFormatter()}) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      StreamHandler handler = new StreamHandler(output, formatter);
      handler.setEncoding("UTF-8");
      logger.setUseParentHandlers(false);
      logger.addHandler(handler);
      SecretMask mask = SecretMask.create();
      try (mask;
          SecretMask second = SecretMask.create();
          SecretValue value = SecretValue.of(VALUE)) {
        mask.add(SecretRef.of("default", "canary"), value);
        mask.installInJul();
        Formatter installed = handler.getFormatter();
        mask.installInJul();
        assertThat(handler.getFormatter()).isSameAs(installed);
        second.installInJul();
        mask.installInJul();
        assertThat(handler.getFormatter()).as("both masks in one").isSameAs(installed);

        Throwable failure = new IllegalStateException(VALUE, new RuntimeException(VALUE));
        failure.addSuppressed(new RuntimeException(VALUE));
        logger.info("message " + VALUE);
        logger.log(Level.WARNING, "parameter {0} and {1}", new Object[] {VALUE, "visible"});
        logger.log(Level.SEVERE, "exception", failure);
        handler.flush();
        assertThat(output.toString(UTF_8))
            .contains("message ***", "parameter *** and visible", "IllegalStateException")
            .doesNotContain("canary", "characters");
      }
      logger.info("control " + VALUE);
      handler.flush();
      assertThat(output.toString(UTF_8)).contains("control canary of 24");
      logger.removeHandler(handler);
      handler.close();
    }
  }

  /** It hands records to another handler, whose formatter nobody can see. */
  @Test
  void bufferInFrontOfAHandler_isNamedAsUnmasked() {
    StreamHandler target = new StreamHandler(new ByteArrayOutputStream(), new SimpleFormatter());
    MemoryHandler buffer = new MemoryHandler(target, 10, Level.SEVERE);
    logger.addHandler(buffer);
    try (SecretMask mask = SecretMask.create();
        JulRecords records = JulRecords.of(SecretMask.class)) {
      mask.installInJul();
      assertThat(records.messages())
          .anyMatch(message ->
              message.contains("not masked") && message.contains(MemoryHandler.class.getName()));
    } finally {
      logger.removeHandler(buffer);
      buffer.close();
    }
  }
}
