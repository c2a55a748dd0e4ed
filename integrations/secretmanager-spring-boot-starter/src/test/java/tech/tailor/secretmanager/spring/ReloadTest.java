package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.cloud.context.scope.refresh.RefreshScopeRefreshedEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/** Applications with Spring Cloud, whose secrets change while they run. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ReloadTest {

  @TempDir
  private Path directory;

  @BeforeEach
  void makeStore() {
    try (FileSecretStore store = FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("key")))) {
      store.createVault("default");
    }
    put("greeting", "first");
    put("other", "other");
  }

  private void put(String name, String text) {
    try (FileSecretStore store = FileSecretStore.open(
            directory.resolve("store"), MasterKey.fromFile(directory.resolve("key")));
        SecretValue value = SecretValue.of(text)) {
      store.put("default", name, value);
    }
  }

  @Test
  void changedSecret_reachesBeans_thoughNobodyReadsIt() throws InterruptedException {
    try (ConfigurableApplicationContext context = run()) {
      Settings settings = context.getBean(Settings.class);
      Scoped scoped = context.getBean(Scoped.class);
      assertThat(settings.getNested()).isEqualTo("Bearer first");
      assertThat(scoped.greeting()).isEqualTo("first");
      Changes changes = context.getBean(Changes.class);

      put("greeting", "second");
      assertThat(changes.keys.take()).containsExactlyInAnyOrder("app.greeting", "app.nested");
      changes.refreshed.take();

      assertThat(settings.getNested()).isEqualTo("Bearer second");
      assertThat(scoped.greeting()).isEqualTo("second");
    }
  }

  @Test
  void secretThatNoPropertyRefersTo_changesNothing() throws InterruptedException {
    try (ConfigurableApplicationContext context = run()) {
      context.getBean(SecretManager.class).requireSecret("default", "other").close();
      Changes changes = context.getBean(Changes.class);
      put("other", "changed");
      put("greeting", "second");

      assertThat(changes.keys.take()).contains("app.greeting");
      context.getBean(SecretManager.class).refresh("default", "other");
      assertThat(changes.keys).allMatch(keys -> keys.contains("app.greeting"));
    }
  }

  @Test
  void changeInTheCourseOfTheStart_reachesBeans() throws InterruptedException {
    try (ConfigurableApplicationContext context =
        run(List.of(Plain.class, ChangesAtStart.class), "--test.directory=" + directory)) {
      assertThat(context.getBean(ChangesAtStart.class).boundBefore).isEqualTo("Bearer first");
      assertThat(context.getBean(Changes.class).keys.take()).contains("app.greeting");
      assertThat(context.getBean(Settings.class).getNested()).isEqualTo("Bearer second");
    }
  }

  @Test
  void closedContext_isToldOfNothing() {
    SecretChanges changes;
    try (ConfigurableApplicationContext context = run()) {
      changes = context.getBean(SecretChanges.class);
      assertThat(changes).hasToString("SecretChanges[1 subscribers]");
    }
    assertThat(changes).hasToString("SecretChanges[0 subscribers]");
  }

  @Test
  void switchedOff_nothingIsReloaded() {
    try (ConfigurableApplicationContext context = run("--secretmanager.reload=false")) {
      assertThat(context.containsBean("secretReload")).isFalse();
    }
  }

  @Test
  void tenRefreshes_leaveOneManager() {
    try (ConfigurableApplicationContext context = run()) {
      SecretManager manager = context.getBean(SecretManager.class);
      ContextRefresher refresher = context.getBean(ContextRefresher.class);
      List<SecretManager> managers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        refresher.refresh();
        managers.add(context.getBean(SecretManager.class));
        managers.add(
            SecretPropertySource.of(context.getEnvironment()).getSource().manager());
      }

      assertThat(managers).hasSize(20).allMatch(each -> each == manager);
      assertThat(manager).hasToString("SecretManager[open]");
      assertThat(context.getBean(Settings.class).getNested()).isEqualTo("Bearer first");
      assertThat(watchers()).as("stores that are watched").isEqualTo(1);
    }
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("secretmanager-file-watch"))
        .count();
  }

  private ConfigurableApplicationContext run(String... arguments) {
    return run(List.of(Plain.class), arguments);
  }

  private ConfigurableApplicationContext run(List<Class<?>> sources, String... arguments) {
    return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
        .web(WebApplicationType.NONE)
        .properties(
            "secretmanager.url=file:" + directory.resolve("store"),
            "secretmanager.key-file=" + directory.resolve("key"),
            "app.greeting=${secret@default/greeting}",
            "app.nested=Bearer ${app.greeting}")
        .run(arguments);
  }

  @ConfigurationProperties("app")
  static class Settings {

    private String nested = "";

    String getNested() {
      return nested;
    }

    public void setNested(String nested) {
      this.nested = nested;
    }
  }

  static class Scoped {

    private final String greeting;

    Scoped(String greeting) {
      this.greeting = greeting;
    }

    /** Only for the proxy. */
    protected Scoped() {
      this("");
    }

    String greeting() {
      return greeting;
    }
  }

  static class Changes {

    private final BlockingQueue<Set<String>> keys = new LinkedBlockingQueue<>();
    private final BlockingQueue<Object> refreshed = new LinkedBlockingQueue<>();

    @EventListener
    void changed(EnvironmentChangeEvent event) {
      keys.add(event.getKeys());
    }

    @EventListener
    void refreshed(RefreshScopeRefreshedEvent event) {
      refreshed.add(event);
    }
  }

  /** Changes the secret once a bean has its value, and before the start is over. */
  static class ChangesAtStart {

    private final String boundBefore;

    ChangesAtStart(Settings settings, SecretChanges changes, @Value("${test.directory}") Path path)
        throws InterruptedException {
      boundBefore = settings.getNested();
      CountDownLatch heard = new CountDownLatch(1);
      changes.subscribe(ref -> heard.countDown());
      try (FileSecretStore store =
              FileSecretStore.open(path.resolve("store"), MasterKey.fromFile(path.resolve("key")));
          SecretValue value = SecretValue.of("second")) {
        store.put("default", "greeting", value);
      }
      heard.await();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(Settings.class)
  static class Plain {

    @Bean
    Changes changes() {
      return new Changes();
    }

    @Bean
    @RefreshScope
    Scoped scoped(@Value("${app.greeting}") String greeting) {
      return new Scoped(greeting);
    }
  }
}
