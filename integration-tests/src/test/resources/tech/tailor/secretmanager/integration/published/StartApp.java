package app;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that binds three properties, and prints what its start took. */
@SpringBootApplication
@EnableConfigurationProperties(StartApp.Settings.class)
public class StartApp {

  public static void main(String[] args) {
    try (ConfigurableApplicationContext context = SpringApplication.run(StartApp.class, args)) {
      Settings settings = context.getBean(Settings.class);
      int length = (settings.one() + settings.two() + settings.three()).length();
      long wall = ManagementFactory.getRuntimeMXBean().getUptime();
      long cpu = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
          .getProcessCpuTime();
      System.out.println("STARTED " + length + " " + wall + " " + cpu / 1_000_000);
    }
  }

  @ConfigurationProperties("app")
  public record Settings(String one, String two, String three) {}
}
