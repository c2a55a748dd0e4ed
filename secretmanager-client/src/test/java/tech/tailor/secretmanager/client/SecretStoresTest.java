package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/** Which store the environment names, where no other artifact is on the class path. */
class SecretStoresTest {

  @TempDir
  Path directory;

  @Test
  void memory_isEmpty() {
    try (SecretManager manager = SecretManagers.fromEnvironment(named("memory:"))) {
      assertThat(manager.getSecret("default", "api-key")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "file:/var/lib/canary, secretmanager-file",
    "https://canary.example.com, secretmanager-http",
    "HTTPS://canary.example.com, secretmanager-http",
    "tailor:, secretmanager-http",
  })
  void missingArtifact_isNamed_withTheDependencyToPaste(String address, String artifact) {
    assertThatThrownBy(() -> SecretStores.open(named(address)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("<artifactId>" + artifact + "</artifactId>")
        .hasMessageContaining("<groupId>tech.tailor.secretmanager</groupId>")
        .hasMessageContaining("ServicesResourceTransformer")
        .hasMessageNotContaining("canary");
  }

  @Test
  void withoutAddress_thePlatformIsMeant() {
    assertThatThrownBy(() -> SecretStores.open(Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("TAILOR_SECRETMANAGER_URL is not set, so secrets are at Tailor")
        .hasMessageContaining("secretmanager-http");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://canary", "canary", ":canary", "memory:canary", "memory"})
  void anythingElse_isRefused_withoutBeingShown(String address) {
    assertThatThrownBy(() -> SecretStores.open(named(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memory:")
        .hasMessageContaining("file:")
        .hasMessageNotContaining("canary");
  }

  @Test
  void provider_isFoundByTheContextLoader_andAskedInTheCallersThread() throws Exception {
    inContext(List.of(Planted.class.getName()), () -> {
      Planted.calls.clear();
      SecretStores.open(named("planted:somewhere")).close();
      SecretStores.create(named("planted:elsewhere")).close();
      assertThat(Planted.calls)
          .containsExactly(
              "open planted:somewhere in " + Thread.currentThread().getName(),
              "open planted:elsewhere in " + Thread.currentThread().getName());
    });
    assertThatThrownBy(() -> SecretStores.open(named("planted:somewhere")))
        .as("without that loader")
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void provider_ofTheLibrarysOwnLoader_comesFirst() throws Exception {
    inContext(List.of(Planted.class.getName()), () -> {
      Planted.calls.clear();
      try (SecretStore store = SecretStores.open(named("memory:"))) {
        assertThat(store).isInstanceOf(InMemorySecretStore.class);
      }
      assertThat(Planted.calls).isEmpty();
    });
  }

  @Test
  void brokenProvider_standsInNobodysWay_andIsNamedWhereItIsMissed() throws Exception {
    List<String> services = List.of("gone.Provider", Planted.class.getName());
    inContext(services, () -> {
      SecretStores.open(named("planted:somewhere")).close();
      assertThatThrownBy(() -> SecretStores.open(named("file:somewhere")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("gone.Provider");
    });
  }

  @Test
  void providerForANewerJava_standsInNobodysWay() throws Exception {
    byte[] newer;
    try (InputStream file = Planted.class.getResourceAsStream("SecretStoresTest$Planted.class")) {
      newer = file.readAllBytes();
    }
    newer[6] = 0x7f; // the first byte of the version of the class file
    Files.createDirectories(directory.resolve("gone"));
    Files.write(directory.resolve("gone/Newer.class"), newer);
    inContext(List.of("gone.Newer", Planted.class.getName()), () -> {
      SecretStores.open(named("planted:somewhere")).close();
      assertThatThrownBy(() -> SecretStores.open(named("file:somewhere")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("gone/Newer");
    });
  }

  @Test
  void classLoaderThatCanNotRead_isAskedABoundedNumberOfTimes() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(new ClassLoader(null) {
      @Override
      public Enumeration<URL> getResources(String name) throws IOException {
        throw new IOException("made-up");
      }
    });
    try {
      assertThatThrownBy(() -> SecretStores.open(named("file:somewhere")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("secretmanager-file");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void null_isRefused() {
    assertThatThrownBy(() -> SecretStores.open(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("environment");
  }

  /** A provider of somebody else's. */
  public static final class Planted implements SecretStoreProvider {

    private static final List<String> calls = new ArrayList<>();

    @Override
    public Set<String> schemes() {
      return Set.of("planted", "memory");
    }

    @Override
    public SecretStore open(String address, Map<String, String> environment) {
      calls.add("open " + address + " in " + Thread.currentThread().getName());
      return InMemorySecretStore.create();
    }
  }

  private static Map<String, String> named(String address) {
    return Map.of("TAILOR_SECRETMANAGER_URL", address);
  }

  private void inContext(List<String> services, Runnable test) throws IOException {
    Path file = directory.resolve("META-INF/services/" + SecretStoreProvider.class.getName());
    Files.createDirectories(file.getParent());
    Files.write(file, services);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(
        new URL[] {directory.toUri().toURL()}, SecretStoresTest.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      test.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
