package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * What goes wrong around a store on disk: the wrong key, a damaged file, a file into which somebody
 * wrote the secret itself, or the key's own text.
 */
final class FileScenarios {

  private static final String VAULT = "default";
  private static final String NAME = "api-key";
  private static final String STORE_FILE = "secrets.json";
  private static final String KEY_LABEL = "tailor-secretmanager-key-1 ";

  private final String secret;
  private final String keyText;
  private final Path clean;
  private final Path spoilt;
  private final List<Scenarios.Scenario> scenarios = new ArrayList<>();
  private int stores;

  private FileScenarios(String secret, String keyText, Path clean, Path spoilt) {
    this.secret = secret;
    this.keyText = keyText;
    this.clean = clean;
    this.spoilt = spoilt;
  }

  /**
   * The scenarios around the given secret.
   *
   * @param keyText the base64 of a key of 32 bytes, which is to stay as secret
   * @param clean where stores lie into which nobody wrote a secret in clear
   * @param spoilt where keys lie, and what was written by force
   */
  static List<Scenarios.Scenario> around(String secret, String keyText, Path clean, Path spoilt) {
    FileScenarios scenarios = new FileScenarios(secret, keyText, clean, spoilt);
    scenarios.addUse();
    scenarios.addKeys();
    scenarios.addVersions();
    scenarios.addDamage();
    return scenarios.scenarios;
  }

  private void addUse() {
    add("a file store is used", () -> {
      try (FileSecretStore store = filled()) {
        List<Object> told = new ArrayList<>();
        told.add(store.fetch(VAULT, Set.of(NAME, "no-such-key")));
        told.add(store.listSecrets(VAULT));
        try (SecretValue next = SecretValue.of(secret + secret)) {
          told.add(store.updateSecret(VAULT, NAME, next));
        }
        told.add(store.fetch(VAULT, Set.of(NAME)));
        store.deleteSecret(VAULT, NAME);
        told.add(store.listVaults());
        return told;
      }
    });
    add("a file store is reopened", () -> {
      Path directory = filledDirectory();
      SecretManager manager = SecretManagers.open(FileSecretStore.open(directory, key()));
      return List.of(manager, manager.requireSecret(VAULT, NAME));
    });
    add("the secret is created twice in a file", () -> {
      try (FileSecretStore store = filled();
          SecretValue value = SecretValue.of(secret)) {
        return store.createSecret(VAULT, NAME, value);
      }
    });
    add(
        "a file store that is not there",
        () -> FileSecretStore.open(spoilt.resolve("none"), key()));
    add(
        "a file store where a file is",
        () -> FileSecretStore.create(Files.writeString(spoilt.resolve("a-file"), secret), key()));
  }

  private void addKeys() {
    add(
        "a wrong key",
        () -> FileSecretStore.open(
            filledDirectory(), MasterKey.createFile(spoilt.resolve("another-key"))));
    add("no key", () -> MasterKey.fromFile(spoilt.resolve("no-key")));
    add("a key that others may read", () -> {
      Path file = keyFile("open-key", KEY_LABEL + keyText + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      return MasterKey.fromFile(file);
    });
    for (String content : List.of(
        secret,
        secret + "\n",
        KEY_LABEL + secret + "\n",
        KEY_LABEL + keyText,
        KEY_LABEL + keyText + "\n\n",
        KEY_LABEL + keyText.substring(1) + "\n",
        KEY_LABEL + "*" + keyText.substring(1) + "\n",
        KEY_LABEL + "*".repeat(4) + keyText.substring(4) + "\n",
        keyText + "\n")) {
      add(
          "an invalid key file, " + scenarios.size(),
          () -> MasterKey.fromFile(keyFile("bad-key-" + content.hashCode(), content)));
      add(
          "an invalid key in a stream, " + scenarios.size(),
          () -> MasterKey.fromStream(new ByteArrayInputStream(content.getBytes(UTF_8))));
      add("an invalid key in a variable, " + scenarios.size(), () -> opened(content));
    }
    add("a key in a variable", () -> {
      try (SecretStore store = opened(KEY_LABEL + keyText)) {
        return List.of(store, store.listVaults(), store.fetch(VAULT, Set.of(NAME)));
      }
    });
    add("a key in a variable, and a file of one", () -> {
      Map<String, String> both = new HashMap<>(environment(KEY_LABEL + keyText));
      both.put("TAILOR_SECRETMANAGER_KEY_FILE", keyFile("key-beside", secret).toString());
      return SecretStores.open(both);
    });
    add("a key where its file is expected", () -> {
      Map<String, String> misplaced = new HashMap<>(environment(""));
      misplaced.remove("TAILOR_SECRETMANAGER_KEY");
      misplaced.put("TAILOR_SECRETMANAGER_KEY_FILE", keyText);
      return SecretStores.open(misplaced);
    });
    add("a descriptor that isn't open", () -> MasterKey.fromFileDescriptor(9_876));
  }

  /** A store whose key is in the environment. */
  private SecretStore opened(String keyVariable) throws IOException {
    return SecretStores.open(environment(keyVariable));
  }

  private Map<String, String> environment(String keyVariable) throws IOException {
    return Map.of(
        "TAILOR_SECRETMANAGER_URL",
        "file:" + filledDirectory(),
        "TAILOR_SECRETMANAGER_KEY",
        keyVariable);
  }

  private void addVersions() {
    add("versions of a secret in a file", () -> {
      try (FileSecretStore store = filled()) {
        List<Object> told = new ArrayList<>();
        try (SecretValue next = SecretValue.of(secret + secret)) {
          told.add(store.updateSecret(VAULT, NAME, next, 1));
        }
        told.add(store.readVersion(VAULT, NAME, 1));
        told.add(store.rollBack(VAULT, NAME, 1));
        told.add(store.listVersions(VAULT, NAME));
        told.add(store.disableVersion(VAULT, NAME, 3));
        told.add(store.fetch(VAULT, Set.of(NAME)));
        told.add(store.destroyVersion(VAULT, NAME, 3));
        told.add(store.fetch(VAULT, Set.of(NAME)));
        store.addRecoveryKey(MasterKey.createRecoveryFile(spoilt.resolve("recovery-key")));
        store.rotateDataKey();
        store.rotateMasterKey(MasterKey.createFile(spoilt.resolve("next-key")));
        return told;
      }
    });
    add("an update of another version than expected", () -> {
      try (FileSecretStore store = filled();
          SecretValue next = SecretValue.of(secret)) {
        return store.updateSecret(VAULT, NAME, next, 7);
      }
    });
    add("a commit that fails", () -> {
      try (FileSecretStore store = filled();
          SecretValue next = SecretValue.of(secret)) {
        store.inOneCommit(changes -> {
          changes.updateSecret(VAULT, NAME, next);
          changes.createSecret(VAULT, NAME, next);
        });
        return store;
      }
    });
    add("a wrong passphrase", () -> {
      Path directory = clean.resolve("store-" + stores++);
      FileSecretStore.create(directory, MasterKey.fromPassphrase((secret + keyText).toCharArray()))
          .close();
      return FileSecretStore.open(
          directory, MasterKey.fromPassphrase((keyText + secret).toCharArray()));
    });
    add("a passphrase that is too short", () -> MasterKey.fromPassphrase(new char[] {'a', 'b'}));
    add(
        "a stream that holds no key",
        () -> MasterKey.fromStream(new ByteArrayInputStream((secret + keyText).getBytes(UTF_8))));
  }

  private void addDamage() {
    for (int step = 0; step < 60; step++) {
      int at = step;
      addDamaged("a flipped bit, " + step, bytes -> {
        bytes[(int) ((long) bytes.length * at / 60)] ^= (byte) (1 << (at % 8));
        return bytes;
      });
    }
    for (int step = 0; step < 20; step++) {
      int at = step;
      addDamaged("a truncation, " + step, bytes -> Arrays.copyOf(bytes, bytes.length * at / 20));
    }
    addDamaged("zeros", bytes -> new byte[bytes.length]);
    addDamaged("the secret alone", bytes -> secret.getBytes(UTF_8));
    addDamaged("the secret after the end", bytes -> (text(bytes) + secret).getBytes(UTF_8));
    addDamaged("the secret before the beginning", bytes -> (secret + text(bytes)).getBytes(UTF_8));
    for (int step = 0; step < 40; step++) {
      int at = step;
      addDamaged("the secret for a token, " + step, bytes -> instead(bytes, at, secret));
      addDamaged(
          "the secret for a token, quoted, " + step,
          bytes -> instead(bytes, at, "\"" + secret + "\""));
    }
  }

  /** Some change of a store's bytes. */
  private interface Damage {
    byte[] of(byte[] bytes);
  }

  /** The damaged file is opened, and it is put under a store that is open already. */
  private void addDamaged(String what, Damage damage) {
    add("a store file with " + what, () -> {
      Path directory = filledDirectory();
      spoil(directory, damage);
      try (FileSecretStore store = FileSecretStore.open(directory, key())) {
        return store.fetch(VAULT, Set.of(NAME));
      }
    });
    add("an open store file with " + what, () -> {
      Path directory = filledDirectory();
      try (FileSecretStore store = FileSecretStore.open(directory, key())) {
        spoil(directory, damage);
        return store.fetch(VAULT, Set.of(NAME));
      }
    });
  }

  /** Puts the text in the place of the so-and-so-many-th JSON string, number or literal. */
  private static byte[] instead(byte[] bytes, int index, String replacement) {
    Matcher token = Pattern.compile("\"[^\"]*\"|\\d+|true|false|null").matcher(text(bytes));
    int count = 0;
    while (token.find()) {
      if (count++ == index) {
        return (text(bytes).substring(0, token.start())
                + replacement
                + text(bytes).substring(token.end()))
            .getBytes(UTF_8);
      }
    }
    return new byte[0];
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static void spoil(Path directory, Damage damage) throws IOException {
    Path file = directory.resolve(STORE_FILE);
    byte[] damaged = damage.of(Files.readAllBytes(file));
    Path temporary = directory.resolve("spoilt");
    Files.write(temporary, damaged);
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
    Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private MasterKey key() throws IOException {
    return MasterKey.fromFile(keyFile("key", KEY_LABEL + keyText + "\n"));
  }

  private Path keyFile(String name, String content) throws IOException {
    Path file = Files.writeString(spoilt.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private FileSecretStore filled() throws IOException {
    return filled(clean.resolve("store-" + stores++));
  }

  private FileSecretStore filled(Path directory) throws IOException {
    FileSecretStore store = FileSecretStore.create(directory, key());
    store.createVault(VAULT);
    try (SecretValue value = SecretValue.of(secret)) {
      store.createSecret(VAULT, NAME, value);
    }
    return store;
  }

  /** A copy of one filled store, since making one takes several calls to the disk. */
  private Path filledDirectory() throws IOException {
    Path original = spoilt.resolve("original");
    if (Files.notExists(original)) {
      filled(original).close();
    }
    Path copy = Files.createDirectory(
        spoilt.resolve("copy-" + stores++),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.copy(
        original.resolve(STORE_FILE),
        copy.resolve(STORE_FILE),
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    return copy;
  }

  private void add(String name, Scenarios.Action action) {
    scenarios.add(new Scenarios.Scenario(name, action));
  }
}
