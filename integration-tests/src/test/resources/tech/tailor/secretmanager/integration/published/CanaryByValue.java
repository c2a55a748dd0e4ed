package app;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Has the secret as text, and shows it to JMX. */
@Component
public class CanaryByValue {

  /** What JMX shows. */
  public interface Shown {
    String getValue();
  }

  private final Shown shown;

  CanaryByValue(@Value("${app.by-value}") String value) throws JMException {
    this.shown = () -> value;
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(new StandardMBean(shown, Shown.class), new ObjectName("app:type=Canary"));
  }
}
