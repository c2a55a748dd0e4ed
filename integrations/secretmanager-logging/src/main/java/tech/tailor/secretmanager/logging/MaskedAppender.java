package tech.tailor.secretmanager.logging;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.StringLayout;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.appender.AbstractOutputStreamAppender;
import org.apache.logging.log4j.core.appender.OutputStreamManager;
import org.apache.logging.log4j.core.appender.rolling.RollingFileManager;
import org.apache.logging.log4j.core.config.Property;

/** Writes what an appender of Log4j2's would, to the same place, and masked. */
final class MaskedAppender extends AbstractAppender {

  /** Its name must be another: both are there for a moment. */
  private static final String SUFFIX = " (masked)";

  private final AbstractOutputStreamAppender<?> appender;
  private final Masks masks;

  MaskedAppender(AbstractOutputStreamAppender<?> appender, SecretMask mask) {
    super(
        appender.getName() + SUFFIX,
        appender.getFilter(),
        appender.getLayout(),
        appender.ignoreExceptions(),
        Property.EMPTY_ARRAY);
    this.appender = appender;
    this.masks = new Masks(mask);
  }

  /** Masks by that one, too. */
  void add(SecretMask mask) {
    masks.add(mask);
  }

  @Override
  public void append(LogEvent event) {
    Layout<?> layout = appender.getLayout();
    Charset charset =
        layout instanceof StringLayout text ? text.getCharset() : StandardCharsets.UTF_8;
    byte[] text = layout.toByteArray(event);
    byte[] masked = masks.mask(text, charset);
    OutputStreamManager output = appender.getManager();
    if (output instanceof RollingFileManager file) {
      file.checkRollover(event);
    }
    output.writeBytes(masked, 0, masked.length);
    if (appender.getImmediateFlush() || event.isEndOfBatch()) {
      output.flush();
    }
  }
}
