package app;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Has the secret as text, and shows it to JMX. */
@Component
public class CanaryByValue implements CanaryByValue.Shown {

  /** What JMX shows. */
  public interface Shown {
    String getValue();
  }

  private final String value;

  CanaryByValue(@Value("${app.by-value}") String value) throws JMException {
    this.value = value;
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(new StandardMBean(this, Shown.class), new ObjectName("app:type=Canary"));
  }

  @Override
  public String getValue() {
    return value;
  }
}
