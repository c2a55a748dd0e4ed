package tech.tailor.secretmanager.smallrye;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/** Whole configurations that discover the handler as an application's does, over the file store. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TailorSecretKeysTest {

  private static final String ODD = "a${b}c $${d} \\ ${tailor::default/greeting} \"e\"\n";

  @TempDir
  private Path directory;

  private FileSecretStore store;

  @BeforeEach
  void makeStore() {
    store = FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("key")));
    store.createVault("default");
    put("greeting", "first-canary");
    put("odd", ODD);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void put(String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put("default", name, value);
    }
  }

  @Test
  void secret_isTheValueOfAProperty_asItIs() {
    SmallRyeConfig config = config(Map.of(
        "app.greeting", "${tailor::default/greeting}",
        "app.nested", "Bearer ${app.greeting}!",
        "app.odd", "${tailor::default/odd}"));

    assertThat(config.getValue("app.greeting", String.class)).isEqualTo("first-canary");
    assertThat(config.getValue("app.nested", String.class)).isEqualTo("Bearer first-canary!");
    assertThat(config.getValue("app.odd", String.class)).isEqualTo(ODD);
    Set<String> names = new TreeSet<>();
    config.getPropertyNames().forEach(names::add); // its iterator serves once
    assertThat(names)
        .as("names of properties alone, and of no secret")
        .contains("app.greeting", "app.odd")
        .filteredOn(name -> !name.startsWith("app."))
        .noneMatch(name -> name.contains("greeting") || name.contains("odd"));
  }

  /**
   * As an application has it: SmallRye and its parts are found, and its file is on the class path.
   */
  @Test
  void secret_isAValueOfTheConfigurationThatSmallRyeMakesItself() throws IOException {
    Path file = directory.resolve("META-INF/microprofile-config.properties");
    Files.createDirectories(file.getParent());
    Files.writeString(file, """
        secretmanager.url=file:%s
        secretmanager.key-file=%s
        app.authorization=Bearer ${tailor::default/greeting}
        app.missing=${tailor::default/nowhere}
        """.formatted(directory.resolve("store"), directory.resolve("key")));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader application =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(application);
      Config config = ConfigProvider.getConfig();
      try {
        assertThat(config.getValue("app.authorization", String.class))
            .isEqualTo("Bearer first-canary");
        assertThatThrownBy(() -> config.getOptionalValue("app.missing", String.class))
            .isInstanceOf(SecretNotFoundException.class);
      } finally {
        ConfigProviderResolver.instance().releaseConfig(config);
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void rotation_needsNoRestart() throws InterruptedException {
    SmallRyeConfig config = config(Map.of("app.greeting", "${tailor::default/greeting}"));
    assertThat(config.getValue("app.greeting", String.class)).isEqualTo("first-canary");

    put("greeting", "second-canary");
    while (!config.getValue("app.greeting", String.class).equals("second-canary")) {
      Thread.sleep(10);
    }
  }

  @Test
  void previousKey_opensTheStore() {
    MasterKey.createFile(directory.resolve("next"));
    SmallRyeConfig config = configOf(Map.of(
        "secretmanager.url",
        "file:" + directory.resolve("store"),
        "secretmanager.key-file",
        directory.resolve("next").toString(),
        "secretmanager.previous-key-file",
        directory.resolve("key").toString(),
        "app.greeting",
        "${tailor::default/greeting}"));
    assertThat(config.getValue("app.greeting", String.class)).isEqualTo("first-canary");
  }

  @Test
  void secretThatIsMissing_throws() {
    SmallRyeConfig config = config(Map.of(
        "app.missing", "${tailor::default/nowhere}",
        "app.wrong", "${tailor::Default}"));

    assertThatThrownBy(() -> config.getValue("app.missing", String.class))
        .isInstanceOf(SecretNotFoundException.class)
        .hasMessageContaining("default/nowhere");
    assertThatThrownBy(() -> config.getOptionalValue("app.missing", String.class))
        .isInstanceOf(SecretNotFoundException.class);
    assertThatThrownBy(() -> config.getValue("app.wrong", String.class))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void configurationWithoutSecrets_opensNothing() {
    Map<String, String> properties = new HashMap<>();
    properties.put("secretmanager.url", "file:" + directory.resolve("nowhere"));
    properties.put("app.plain", "text");
    assertThat(configOf(properties).getValue("app.plain", String.class)).isEqualTo("text");
  }

  private SmallRyeConfig config(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.put("secretmanager.url", "file:" + directory.resolve("store"));
    all.put("secretmanager.key-file", directory.resolve("key").toString());
    return configOf(all);
  }

  private static SmallRyeConfig configOf(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .addDiscoveredSecretKeysHandlers()
        .withSources(new PropertiesConfigSource(properties, "test", 500))
        .build();
  }
}
