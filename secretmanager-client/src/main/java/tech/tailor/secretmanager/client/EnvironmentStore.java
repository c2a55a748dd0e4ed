package tech.tailor.secretmanager.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.client.file.FileSecretStore;
import tech.tailor.secretmanager.client.file.MasterKey;
import tech.tailor.secretmanager.client.http.HttpSecretStore;
import tech.tailor.secretmanager.client.http.HttpSecretStoreBuilder;
import tech.tailor.secretmanager.client.http.ReadRoad;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretStore;

/** Opens the store that environment variables name. */
final class EnvironmentStore {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String KEY_FILE = "TAILOR_SECRETMANAGER_KEY_FILE";
  private static final String FILE = "file:";
  private static final String READ = "?read=";
  private static final String[] TOKENS = {"TAILOR_PLATFORM_TOKEN", "TAILOR_TOKEN"};

  private EnvironmentStore() {}

  static SecretStore open(Map<String, String> environment) {
    String url = environment.get(URL);
    if (url == null || url.isEmpty()) {
      return HttpSecretStore.builder().environment(environment).build();
    }
    if (url.equals("memory:")) {
      return InMemorySecretStore.create();
    }
    if (url.startsWith(FILE)) {
      return file(url, environment.get(KEY_FILE));
    }
    if (url.startsWith("https://") || url.startsWith("http://")) {
      return http(url, environment);
    }
    throw new IllegalArgumentException(
        URL + " must be memory:, file: and a directory, or a URL that begins with https://");
  }

  private static SecretStore file(String url, @Nullable String keyFile) {
    if (keyFile == null || keyFile.isEmpty()) {
      throw new IllegalStateException(
          URL + " names a store in a file, and " + KEY_FILE + " must name the file of its key");
    }
    Path directory = url.startsWith("file:///")
        ? Path.of(URI.create(url))
        : Path.of(url.substring(FILE.length()));
    return FileSecretStore.open(directory, MasterKey.fromFile(Path.of(keyFile)));
  }

  private static SecretStore http(String url, Map<String, String> environment) {
    if (isEmpty(environment.get(TOKENS[0])) && isEmpty(environment.get(TOKENS[1]))) {
      // The login of Tailor's CLI is for the platform, and goes nowhere else.
      throw new IllegalStateException(
          URL + " names a server, and " + TOKENS[0] + " must hold the token for it");
    }
    int query = url.indexOf(READ);
    String endpoint = query < 0 ? url : url.substring(0, query);
    Map<String, String> others = new HashMap<>(environment);
    others.keySet().removeAll(Set.of("TAILOR_PLATFORM_URL", "PLATFORM_URL"));
    HttpSecretStoreBuilder builder =
        HttpSecretStore.builder().environment(others).endpoint(endpoint);
    if (query >= 0) {
      builder.readRoad(road(url.substring(query + READ.length())));
    }
    return builder.build();
  }

  private static ReadRoad road(String text) {
    return switch (text) {
      case "function-runtime" -> ReadRoad.FUNCTION_RUNTIME;
      case "runtime-service" -> ReadRoad.RUNTIME_SERVICE;
      default ->
        throw new IllegalArgumentException(
            URL + " may end in ?read=function-runtime or ?read=runtime-service, nothing else");
    };
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isEmpty();
  }
}
