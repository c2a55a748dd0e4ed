package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
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
