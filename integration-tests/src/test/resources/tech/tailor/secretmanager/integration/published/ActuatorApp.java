package app;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretRef;

/** A web application with Actuator and Spring Cloud that shows what its beans have. */
@SpringBootApplication
@EnableConfigurationProperties({ActuatorApp.Settings.class, ActuatorApp.References.class})
@RestController
public class ActuatorApp {

  private final Settings settings;
  private final Scoped scoped;
  private final References references;

  ActuatorApp(Settings settings, Scoped scoped, References references) {
    this.settings = settings;
    this.scoped = scoped;
    this.references = references;
  }

  public static void main(String[] args) {
    SpringApplication.run(ActuatorApp.class, args);
  }

  @GetMapping("/lengths")
  String lengths() {
    return settings.getGreeting().length() + " " + scoped.text().length() + " " + references.ref();
  }

  @ConfigurationProperties("app")
  public static class Settings {
    private String greeting;

    public String getGreeting() {
      return greeting;
    }

    public void setGreeting(String greeting) {
      this.greeting = greeting;
    }
  }

  @ConfigurationProperties("references")
  public record References(SecretRef ref, SecretHandle handle, String plain) {}

  public static class Scoped {
    private final String text;

    public Scoped() {
      this("");
    }

    public Scoped(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  @Bean
  @RefreshScope
  Scoped scoped(@Value("${app.greeting}") String greeting) {
    return new Scoped(greeting);
  }

  @Bean
  Object announcement(Environment environment) {
    return new Object() {
      @EventListener(ApplicationReadyEvent.class)
      public void ready() {
        System.out.println("LISTENS ON " + environment.getProperty("local.server.port"));
      }
    };
  }
}
