package tech.tailor.secretmanager.examples;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/** How does a property of MicroProfile Config get the value of a secret? By {@code tailor::}. */
public final class ReadByConfig {

  private ReadByConfig() {}

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("secrets");
    Path key = directory.resolve("master.key");
    try (FileSecretStore store =
            FileSecretStore.create(directory.resolve("store"), MasterKey.createFile(key));
        SecretValue value = SecretValue.of("made-up")) {
      store.createVault("default");
      store.put("default", "api-key", value);
    }

    SmallRyeConfig config = new SmallRyeConfigBuilder() // in Quarkus, ConfigProvider.getConfig()
        .addDefaultInterceptors()
        .addDiscoveredSecretKeysHandlers()
        .withSources(new PropertiesConfigSource(
            Map.of(
                "secretmanager.url",
                "file:" + directory.resolve("store"),
                "secretmanager.key-file",
                key.toString(),
                "app.authorization",
                "Bearer ${tailor::default/api-key}"),
            "application.properties",
            100))
        .build();
    System.out.println(config.getValue("app.authorization", String.class));
  }
}
