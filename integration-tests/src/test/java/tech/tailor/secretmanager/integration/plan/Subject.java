package tech.tailor.secretmanager.integration.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** A store that plans are applied to, and what a test wants to do with it besides. */
final class Subject implements AutoCloseable {

  /** The stores that there are. */
  enum Kind {
    MEMORY,
    /** In memory, without versions and commits, as a store that has neither. */
    PLAIN,
    FILE,
    HTTP
  }

  private final SecretStore store;
  private final Runnable after;

  private Subject(SecretStore store, Runnable after) {
    this.store = store;
    this.after = after;
  }

  /** An empty store; files go below the given directory. */
  static Subject of(Kind kind, Path directory) {
    return switch (kind) {
      case MEMORY -> new Subject(InMemorySecretStore.create(), () -> {});
      case PLAIN ->
        new Subject(
            Intercepted.plain(InMemorySecretStore.create(), Intercepted.Call::proceed), () -> {});
      case FILE -> {
        Path parent = newDirectory(directory);
        yield new Subject(
            FileSecretStore.create(
                parent.resolve("store"), MasterKey.createFile(parent.resolve("key"))),
            () -> {});
      }
      case HTTP -> {
        SecretManagerEmulator emulator =
            SecretManagerEmulator.builder().callsPerSecond(100_000).start();
        yield new Subject(
            HttpSecretStore.builder()
                .endpoint(emulator.endpoint())
                .workspaceId(emulator.workspaceId())
                .accessToken(AccessTokenSource.of(emulator.adminToken()))
                .readMode(ReadMode.RUNTIME_SERVICE)
                .build(),
            emulator::close);
      }
    };
  }

  SecretStore store() {
    return store;
  }

  void put(String vault, String name, String text) {
    if (store.describeVault(vault).isEmpty()) {
      store.createVault(vault);
    }
    try (SecretValue value = SecretValue.of(text)) {
      if (store.describeSecret(vault, name).isEmpty()) {
        store.createSecret(vault, name, value);
      } else {
        store.updateSecret(vault, name, value);
      }
    }
  }

  /** Gives a secret a new value at another moment than it had the one before. */
  void change(String vault, String name, String text) {
    SecretInfo before = store.describeSecret(vault, name).orElseThrow();
    SecretInfo after;
    do {
      put(vault, name, text);
      after = store.describeSecret(vault, name).orElseThrow();
    } while (before.updateTime().plusMillis(2).isAfter(after.updateTime()));
  }

  Optional<String> value(String vault, String name) {
    if (store.fetch(vault, Set.of(name)).get(name) instanceof SecretOutcome.Found found) {
      try (SecretValue value = found.value()) {
        return Optional.of(value.revealString());
      }
    }
    return Optional.empty();
  }

  /** Everything in the store: {@code vault/name}, its value, its labels and its version. */
  Map<String, String> content() {
    Map<String, String> content = new TreeMap<>();
    for (VaultInfo vault : store.listVaults()) {
      content.put(vault.name(), "" + store.vaultLabels(vault.name()));
      for (SecretInfo secret : store.listSecrets(vault.name())) {
        content.put(
            vault.name() + "/" + secret.name(),
            value(vault.name(), secret.name()).orElse("") + " "
                + store.labels(vault.name(), secret.name()) + " " + secret.updateTime());
      }
    }
    return content;
  }

  void clear() {
    for (VaultInfo vault : store.listVaults()) {
      for (SecretInfo secret : store.listSecrets(vault.name())) {
        store.deleteSecret(vault.name(), secret.name());
      }
      store.deleteVault(vault.name());
    }
  }

  @Override
  public void close() {
    store.close();
    after.run();
  }

  private static Path newDirectory(Path parent) {
    try {
      return Files.createTempDirectory(parent, "subject");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
