package tech.tailor.secretmanager.integration.deployment;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** An application that a server deploys in a class loader of its own. */
public final class WebApplication {

  private static final SecretRef API_KEY = SecretRef.of("default", "api-key");

  private static @Nullable SecretManager open;

  private WebApplication() {}

  /** Deploys it, has it read, and ends it. */
  public static void run(String kind, String argument) {
    switch (kind) {
      case "memory" -> readAndClose(inMemory());
      case "file" -> {
        Path directory = Path.of(argument);
        Path store = directory.resolve("store");
        Path key = directory.resolve("key");
        FileSecretStore.create(store, MasterKey.createFile(key)).close();
        FileSecretStore file = FileSecretStore.open(store, MasterKey.fromFile(key));
        put(file, "from a file");
        readAndClose(file);
      }
      case "http" -> {
        String[] address = argument.split(" ", -1);
        readAndClose(HttpSecretStore.builder()
            .endpoint(address[0])
            .workspaceId(address[1])
            .accessToken(AccessTokenSource.of(address[2]))
            .build());
      }
      case "leaks" ->
        CompletableFuture.delayedExecutor(1, TimeUnit.HOURS).execute(WebApplication::end);
      default -> throw new IllegalArgumentException(kind);
    }
  }

  /** Reads with a manager that stays open until the {@linkplain #end end}. */
  public static String readsOn() {
    if (open == null) {
      open = manager(inMemory());
    }
    open.invalidateAll();
    return open.withSecret(API_KEY, SecretValue::revealString);
  }

  public static void end() {
    if (open != null) {
      open.close();
    }
  }

  private static SecretStore inMemory() {
    InMemorySecretStore store = InMemorySecretStore.create();
    put(store, "from memory");
    return store;
  }

  private static void put(SecretStore store, String text) {
    store.createVault("default");
    try (SecretValue value = SecretValue.of(text)) {
      store.createSecret("default", "api-key", value);
    }
  }

  private static SecretManager manager(SecretStore store) {
    return SecretManagers.builder(store)
        .keepWarm(API_KEY)
        .timeToLive(Duration.ofMinutes(5))
        .listener(new SecretListener() {
          @Override
          public void onLoaded(SecretRef ref, SecretMetadata current) {}
        })
        .build();
  }

  private static void readAndClose(SecretStore store) {
    try (SecretManager secrets = manager(store)) {
      secrets.requireSecret(API_KEY).close();
      secrets.requireSecretAsync(API_KEY).thenAccept(SecretValue::close).join();
    }
  }
}
