package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;

/** Who has not brought what the emulator needs is told what to bring. */
class WithoutServerTest {

  @Test
  void missingDependency_isNamed() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (Class<?> type :
        List.of(SecretManagerEmulator.class, SecretManagers.class, SecretManager.class)) {
      classPath.add(type.getProtectionDomain().getCodeSource().getLocation());
    }
    assertThat(messageWith(classPath)).contains("org.wiremock:wiremock-standalone");
    classPath.add(jarOf("com.github.tomakehurst.wiremock.WireMockServer"));
    assertThat(messageWith(classPath)).contains("com.google.protobuf:protobuf-java");
    classPath.add(jarOf("com.google.protobuf.DynamicMessage"));
    assertThat(messageWith(classPath)).contains("com.fasterxml.jackson.core:jackson-core");
  }

  private static URL jarOf(String type) throws ClassNotFoundException {
    return Class.forName(type).getProtectionDomain().getCodeSource().getLocation();
  }

  private static String messageWith(List<URL> classPath) throws Exception {
    try (URLClassLoader alone =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> emulator = alone.loadClass(SecretManagerEmulator.class.getName());
      List<String> messages = new ArrayList<>();
      assertThatThrownBy(() -> emulator.getMethod("start").invoke(null))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .satisfies(thrown -> messages.add(thrown.getMessage()));
      return messages.get(0);
    }
  }
}
