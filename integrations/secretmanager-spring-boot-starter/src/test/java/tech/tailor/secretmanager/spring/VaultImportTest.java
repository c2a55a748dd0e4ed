package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class VaultImportTest {

  private static final String ODD = "a${b}c\\${d}";

  @TempDir
  private Path directory;

  @BeforeEach
  void makeStore() {
    try (FileSecretStore store = FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("key")))) {
      store.createVault("orders");
      store.createVault("mail");
      put(store, "orders", "api-key", "key-canary");
      put(store, "orders", "odd", ODD);
      put(store, "mail", "password", "mail-canary");
    }
  }

  private static void put(FileSecretStore store, String vault, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put(vault, name, value);
    }
  }

  @Test
  void secretsOfVaults_areProperties_andStayOneManagersAfterRefreshes() {
    try (ConfigurableApplicationContext context = run(
        "secretmanager:orders?prefix=app.,optional:secretmanager:mail?prefix=spring.mail.,"
            + "optional:secretmanager:nowhere",
        "--app.odd=from the command line",
        "--nested=<${app.api-key}>")) {
      ConfigurableEnvironment environment = context.getEnvironment();
      SecretManager manager = context.getBean(SecretManager.class);
      for (int refresh = 0; refresh <= 10; refresh++) {
        assertThat(environment.getProperty("app.api-key")).isEqualTo("key-canary");
        assertThat(environment.getProperty("nested")).isEqualTo("<key-canary>");
        assertThat(environment.getProperty("app.odd"))
            .as("of a higher rank")
            .isEqualTo("from the command line");
        assertThat(environment.getProperty("spring.mail.password")).isEqualTo("mail-canary");
        assertThat(environment.getProperty("app.nowhere")).isNull();
        assertThat(Binder.get(environment)
                .bind("spring.mail", Bindable.mapOf(String.class, String.class))
                .get())
            .isEqualTo(Map.of("password", "mail-canary"));
        assertThat(context.getBean(SecretManager.class)).isSameAs(manager);
        context.getBean(ContextRefresher.class).refresh();
      }
      assertThat(PropertyReferences.names(environment, SecretRef.of("orders", "api-key")))
          .containsExactlyInAnyOrder("app.api-key", "nested");
      assertThat(manager).hasToString("SecretManager[open]");
    }
  }

  @Test
  void value_isNotParsedAgain_andIsRankedAboveDefaults() {
    try (ConfigurableApplicationContext context = run("secretmanager:orders")) {
      assertThat(context.getEnvironment().getProperty("odd")).isEqualTo(ODD);
      assertThat(context.getEnvironment().getProperty("api-key")).isEqualTo("key-canary");
    }
  }

  @Test
  void secretThatCantBeRead_failsItsOwnUses_andNoRefresh() {
    try (ConfigurableApplicationContext context = run(
        "secretmanager:orders?prefix=app.",
        "--nested=<${app.api-key}>",
        "--management.endpoint.env.show-values=always")) {
      ConfigurableEnvironment environment = context.getEnvironment();
      try (FileSecretStore store = FileSecretStore.open(
          directory.resolve("store"), MasterKey.fromFile(directory.resolve("key")))) {
        store.deleteSecret("orders", "api-key");
        put(store, "orders", "odd", "changed");
      }
      context.getBean(SecretManager.class).invalidate("orders", "api-key");
      context.getBean(SecretManager.class).invalidate("orders", "odd");

      context.getBean(ContextRefresher.class).refresh();
      assertThat(environment.getProperty("app.odd")).isEqualTo("changed");
      List<ThrowableAssert.ThrowingCallable> uses = List.of(
          () -> environment.getProperty("app.api-key"),
          () -> environment.getProperty("app.api-key", "a default"),
          () -> String.valueOf(environment.getProperty("app.api-key", CharSequence.class)),
          () -> environment.getProperty("nested"),
          () -> environment.resolveRequiredPlaceholders("${app.api-key:a default}"),
          () -> Binder.get(environment).bind("app.api-key", String.class),
          () -> Binder.get(environment).bind("app", Bindable.mapOf(String.class, String.class)),
          () -> String.valueOf(Binder.get(environment)
              .bind("app", Bindable.mapOf(String.class, Object.class))
              .get()));
      for (int i = 0; i < uses.size(); i++) {
        assertThatThrownBy(uses.get(i))
            .as("use %s", i)
            .hasStackTraceContaining("There is no secret orders/api-key");
      }

      SanitizingFunction sanitizing =
          new SecretSanitizingAutoConfiguration().secretSanitizingFunction(environment);
      String shown = new EnvironmentEndpoint(environment, List.of(sanitizing), Show.ALWAYS)
          .environment("app").getPropertySources().stream()
              .flatMap(source -> source.getProperties().entrySet().stream())
              .map(each -> each.getKey() + "=" + each.getValue().getValue())
              .sorted()
              .toList()
              .toString();
      assertThat(shown)
          .contains("app.api-key=" + SanitizableData.SANITIZED_VALUE)
          .doesNotContain("changed");
    }
  }

  @Test
  void secretsOfAnImport_areInTheCache_beforeAnyoneReadsThem() throws InterruptedException {
    try (ConfigurableApplicationContext context =
        run("secretmanager:orders", "--secretmanager.reload=false")) {
      AskedSecrets asked = context.getBean(AskedSecrets.class);
      while (!asked.namesByVault().containsKey("orders")) {
        Thread.sleep(10);
      }
      assertThat(asked.namesByVault().get("orders")).containsExactlyInAnyOrder("api-key", "odd");
    }
  }

  @Test
  void importThatCantBe_failsTheStart() {
    for (List<String> wrong : List.of(
        List.of("secretmanager:nowhere", "create it, or import optional:secretmanager:nowhere"),
        List.of("secretmanager:", "must be secretmanager:VAULT"),
        List.of("secretmanager:orders?x=y", "there can be ?prefix=, and nothing else"),
        List.of("optional:secretmanager:Orders", "must match"))) {
      assertThat(catchThrowable(() -> run(wrong.get(0)).close()))
          .hasStackTraceContaining(wrong.get(1));
    }
  }

  @Test
  void switchedOff_nothingIsImported() {
    try (ConfigurableApplicationContext context =
        run("secretmanager:nowhere", "--secretmanager.enabled=false")) {
      assertThat(context.getBeanNamesForType(SecretManager.class)).isEmpty();
    }
  }

  private ConfigurableApplicationContext run(String imported, String... arguments) {
    return new SpringApplicationBuilder(Plain.class)
        .web(WebApplicationType.NONE)
        .properties(
            "api-key=a default",
            "secretmanager.url=file:" + directory.resolve("store"),
            "secretmanager.key-file=" + directory.resolve("key"),
            "spring.config.import=" + imported)
        .run(arguments);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Plain {}
}
