package app;

import java.util.Map;
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
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spring.SecretHeadersRequestFactory;

/** A web application with Actuator and Spring Cloud that shows what its beans have. */
@SpringBootApplication
@EnableConfigurationProperties({ActuatorApp.Settings.class, ActuatorApp.References.class})
@RestController
public class ActuatorApp {

  private final Settings settings;
  private final Scoped scoped;
  private final References references;
  private final Environment environment;

  ActuatorApp(Settings settings, Scoped scoped, References references, Environment environment) {
    this.settings = settings;
    this.scoped = scoped;
    this.references = references;
    this.environment = environment;
  }

  public static void main(String[] args) {
    SpringApplication.run(ActuatorApp.class, args);
  }

  @GetMapping("/lengths")
  String lengths() {
    return settings.getGreeting().length() + " " + scoped.text().length() + " " + references.ref();
  }

  /** Calls this application with a secret in a header, of which the first value is refused. */
  @GetMapping("/call")
  String call() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("keys");
    store.put("keys", "token", "first");
    String origin = "http://127.0.0.1:" + environment.getProperty("local.server.port");
    try (SecretManager secrets = SecretManagers.open(store)) {
      secrets.requireSecret("keys", "token").close();
      store.put("keys", "token", "second");
      return RestClient.builder()
          .requestFactory(SecretHeadersRequestFactory.of(
              secrets, origin, Map.of("X-Api-Key", "${secret@keys/token}")))
          .requestInterceptor((request, body, execution) -> {
            request.getHeaders().add("X-Interceptor", "called");
            return execution.execute(request, body);
          })
          .build()
          .post()
          .uri(origin + "/called")
          .body("a body")
          .retrieve()
          .body(String.class);
    }
  }

  @PostMapping("/called")
  ResponseEntity<String> called(
      @RequestHeader("X-Api-Key") String key,
      @RequestHeader("X-Interceptor") String interceptor,
      @RequestBody String body) {
    return key.equals("first")
        ? ResponseEntity.status(401).build()
        : ResponseEntity.ok(key + " " + interceptor + " " + body);
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
