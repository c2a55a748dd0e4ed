package tech.tailor.secretmanager.logging;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  private final AbstractOutputStreamAppender<?> appender;
  private final List<SecretMask> masks;

  private MaskedAppender(AbstractOutputStreamAppender<?> appender, List<SecretMask> masks) {
    super(
        appender.getName(),
        appender.getFilter(),
        appender.getLayout(),
        appender.ignoreExceptions(),
        Property.EMPTY_ARRAY);
    this.appender = appender;
    this.masks = masks;
  }

  static MaskedAppender of(AbstractOutputStreamAppender<?> appender, SecretMask mask) {
    return new MaskedAppender(appender, List.of(mask));
  }

  /** Returns one with a mask more, if it has not that one, and without those that are closed. */
  MaskedAppender and(SecretMask mask) {
    Set<SecretMask> all = new LinkedHashSet<>(masks);
    all.removeIf(SecretMask::isClosed);
    all.add(mask);
    return new MaskedAppender(appender, List.copyOf(all));
  }

  @Override
  public void append(LogEvent event) {
    Layout<?> layout = appender.getLayout();
    Charset charset =
        layout instanceof StringLayout text ? text.getCharset() : StandardCharsets.UTF_8;
    byte[] text = layout.toByteArray(event);
    for (SecretMask mask : masks) {
      text = MaskedText.mask(mask, text, charset);
    }
    OutputStreamManager output = appender.getManager();
    if (output instanceof RollingFileManager file) {
      file.checkRollover(event);
    }
    output.writeBytes(text, 0, text.length);
    if (appender.getImmediateFlush() || event.isEndOfBatch()) {
      output.flush();
    }
  }
}
