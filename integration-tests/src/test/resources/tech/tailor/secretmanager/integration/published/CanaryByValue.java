package app;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Has secrets as text, and shows one to JMX. */
@RestController
@EnableConfigurationProperties(CanaryByValue.Text.class)
public class CanaryByValue {

  @ConfigurationProperties("text")
  public record Text(String value) {}

  /** What JMX shows. */
  public interface Shown {
    String getValue();
  }

  private final Shown shown;
  private final Text text;

  CanaryByValue(@Value("${app.by-value}") String value, Text text) throws JMException {
    this.shown = () -> value;
    this.text = text;
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(new StandardMBean(shown, Shown.class), new ObjectName("app:type=Canary"));
  }

  /** The other one, as it was bound. */
  @GetMapping(path = "/text", produces = "text/plain;charset=UTF-8")
  String text() {
    return text.value();
  }
}
