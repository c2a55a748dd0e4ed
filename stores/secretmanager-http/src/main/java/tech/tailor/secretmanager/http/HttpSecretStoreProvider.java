package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.SecretStoreProvider;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * Opens an {@link HttpSecretStore}: for {@code tailor:}, at Tailor Platform with the variables and
 * the configuration of Tailor's CLI; for {@code https://…}, at that server with the token in
 * {@code TAILOR_PLATFORM_TOKEN}. Found by the {@link java.util.ServiceLoader}; applications don't
 * call it.
 */
public final class HttpSecretStoreProvider implements SecretStoreProvider {

  private static final String URL = "TAILOR_SECRETMANAGER_URL";
  private static final String PLATFORM = "tailor:";
  private static final String READ = "?read=";
  private static final String[] TOKENS = {"TAILOR_PLATFORM_TOKEN", "TAILOR_TOKEN"};

  /** For the {@link java.util.ServiceLoader}. */
  public HttpSecretStoreProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("tailor", "https", "http");
  }

  @Override
  public SecretStore open(String address, Map<String, String> environment) {
    requireNonNull(address, "address");
    requireNonNull(environment, "environment");
    if (address.equals(PLATFORM)) {
      return HttpSecretStore.builder().environment(environment).build();
    }
    if (!address.startsWith("https://") && !address.startsWith("http://")) {
      throw new IllegalArgumentException(
          URL + " must be tailor:, or a URL that begins with https://");
    }
    if (isEmpty(environment.get(TOKENS[0])) && isEmpty(environment.get(TOKENS[1]))) {
      // The login of Tailor's CLI is for the platform, and goes nowhere else.
      throw new IllegalStateException(
          URL + " names a server, and " + TOKENS[0] + " must hold the token for it");
    }
    int query = address.indexOf(READ);
    String endpoint = query < 0 ? address : address.substring(0, query);
    Map<String, String> others = new HashMap<>(environment);
    others.keySet().removeAll(Set.of("TAILOR_PLATFORM_URL", "PLATFORM_URL"));
    HttpSecretStore.Builder builder =
        HttpSecretStore.builder().environment(others).endpoint(endpoint);
    if (query >= 0) {
      builder.readMode(readMode(address.substring(query + READ.length())));
    }
    return builder.build();
  }

  private static ReadMode readMode(String text) {
    return switch (text) {
      case "function-runtime" -> ReadMode.FUNCTION_RUNTIME;
      case "runtime-service" -> ReadMode.RUNTIME_SERVICE;
      default ->
        throw new IllegalArgumentException(
            URL + " may end in ?read=function-runtime or ?read=runtime-service, nothing else");
    };
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isEmpty();
  }
}
