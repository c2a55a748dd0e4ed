package app;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** A web application that uses a secret, and shows what others may see of it. */
@SpringBootApplication
@EnableConfigurationProperties(CanaryApp.Settings.class)
@RestController
public class CanaryApp {

  private static final Logger LOGGER = LoggerFactory.getLogger(CanaryApp.class);

  private final Settings settings;
  private final SecretManager secrets;
  private final Environment environment;

  CanaryApp(Settings settings, SecretManager secrets, Environment environment) {
    this.settings = settings;
    this.secrets = secrets;
    this.environment = environment;
  }

  public static void main(String[] args) {
    SpringApplication.run(CanaryApp.class, args);
  }

  @ConfigurationProperties("app")
  public record Settings(SecretRef ref, SecretHandle handle) {}

  @EventListener(ApplicationReadyEvent.class)
  public void ready() {
    System.out.println("LISTENS ON " + environment.getProperty("local.server.port"));
  }

  /** Reads the secret by both, without making text of it, and returns its length. */
  @GetMapping("/use")
  String use() {
    try (SecretValue value = settings.handle().read()) {
      int byHandle = value.<Integer, RuntimeException>withBytes(bytes -> bytes.length);
      int byRef = secrets.<Integer, RuntimeException>withSecret(
          settings.ref(), lent -> lent.<Integer, RuntimeException>withBytes(bytes -> bytes.length));
      return byHandle + " " + byRef;
    }
  }

  /** Logs the secret, as no application should, and returns by what. */
  @GetMapping("/log")
  String log() {
    String text = secrets.withSecret(settings.ref(), SecretValue::revealString);
    LOGGER.info("message {}", text);
    LOGGER.error("exception", new IllegalStateException("failed with " + text));
    return LOGGER.getClass().getName();
  }

  /** Writes a heap dump with all that is not collected yet. */
  @GetMapping("/dump")
  String dump(@RequestParam("file") String file) throws IOException {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file, false);
    return "dumped";
  }

  /** Returns every attribute of every MBean. */
  @GetMapping("/jmx")
  String jmx() throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    StringBuilder text = new StringBuilder();
    for (ObjectName name : Set.copyOf(server.queryNames(null, null))) {
      for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
        text.append(name).append(' ').append(attribute.getName()).append('=');
        try {
          text.append(shown(server.getAttribute(name, attribute.getName())));
        } catch (JMException | JMRuntimeException e) {
          text.append(e); // it has none to show
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String shown(Object value) {
    if (value == null || !value.getClass().isArray()) {
      return String.valueOf(value);
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < Array.getLength(value); i++) {
      all.add(shown(Array.get(value, i)));
    }
    return all.toString();
  }
}
