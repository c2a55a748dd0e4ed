package tech.tailor.secretmanager.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.ForwardingFiles;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * Reads any bytes as the file of a store, and accepts declared errors only. Each class in here is
 * run by Jazzer, which looks for bytes that lead to others.
 */
final class StoreFuzzer {

  private static final MasterKey KEY = TestStore.key(1);
  private static final Path DIRECTORY = Path.of("/fuzzed");

  private StoreFuzzer() {}

  /** The parser: what it takes is in the one form, and means what another reader makes of it. */
  public static final class OfDocuments {

    private OfDocuments() {}

    public static void fuzzerInitialize() {
      warmUp(OfDocuments::fuzzerTestOneInput);
    }

    public static void fuzzerTestOneInput(byte[] data) {
      DocumentReader.Parsed parsed = parse(data);
      LenientReader.Parsed other = LenientReader.strictly(data);
      require((parsed == null) == (other == null), "two readers disagree on what is a document");
      if (parsed == null || other == null) {
        return;
      }
      require(parsed.document().equals(other.document()), "two readers read different documents");
      require(parsed.seal().equals(other.seal()), "two readers read different seals");
      require(
          DocumentWriter.body(parsed.document()).sizeBytes() == parsed.bodyBytes(),
          "another length of what is sealed");
      require(
          Arrays.equals(DocumentWriter.file(parsed.document(), parsed.seal()), data),
          "another form was taken");
    }
  }

  /** The store: opened on the bytes, and on the same document under a proper seal. */
  public static final class OfStores {

    private OfStores() {}

    public static void fuzzerInitialize() {
      warmUp(OfStores::fuzzerTestOneInput);
    }

    public static void fuzzerTestOneInput(byte[] data) {
      try {
        open(data);
      } catch (SecretIntegrityException e) {
        require(e.getCause() == null, "a cause");
      }
      DocumentReader.Parsed parsed = parse(data);
      if (parsed != null) {
        open(sealed(parsed.document()));
      }
    }

    /** As somebody with the key would seal it, so that the values in it are tried. */
    private static byte[] sealed(StoredDocument document) {
      long last = document.keys().get(document.keys().size() - 1).id();
      Envelope envelope =
          EnvelopeFixtures.ofOneKey(SealedDocument.LABEL, document.storeId(), last, KEY);
      StoredDocument changed = new StoredDocument(
          document.storeId(),
          document.generation(),
          envelope.wrappedKeys(),
          withKey(document, last));
      return SealedDocument.seal(changed, envelope).file();
    }

    private static SortedMap<String, StoredVault> withKey(StoredDocument document, long key) {
      SortedMap<String, StoredVault> vaults = new TreeMap<>();
      for (StoredVault vault : document.vaults().values()) {
        StoredVault changed = vault;
        for (StoredSecret secret : vault.secrets().values()) {
          List<StoredSecret.StoredVersion> versions = secret.versions().stream()
              .map(version -> new StoredSecret.StoredVersion(
                  version.version(), version.createTime(), key, version.ciphertext()))
              .toList();
          changed = changed.with(
              new StoredSecret(secret.name(), secret.id(), secret.createTime(), versions));
        }
        vaults.put(vault.name(), changed);
      }
      return vaults;
    }

    private static void open(byte[] data) {
      try (FileSecretStore store = FileSecretStore.open(
          DIRECTORY, KEY, TestStore.CLOCK, new FuzzedFiles(data), TestStore.PATIENCE)) {
        for (VaultInfo vault : store.listVaults()) {
          store.listSecrets(vault.name()).forEach(secret -> {
            SecretOutcome outcome =
                store.fetch(vault.name(), Set.of(secret.name())).get(secret.name());
            if (outcome instanceof SecretOutcome.Found found) {
              found.value().close();
            } else {
              require(
                  outcome instanceof SecretOutcome.Failed failed
                      && failed.failure() instanceof SecretIntegrityException,
                  "another outcome");
            }
          });
        }
      }
    }
  }

  /** Loads what Jazzer has to instrument, which takes long, before an input's time is taken. */
  static void warmUp(Consumer<byte[]> target) {
    GoldenVector.all().forEach(vector -> target.accept(vector.store()));
  }

  private static DocumentReader.@Nullable Parsed parse(byte[] data) {
    try {
      return DocumentReader.read(data);
    } catch (CanonicalInput.MalformedException e) {
      require(e.getCause() == null, "a cause");
      return null;
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** One file, in memory. */
  private static final class FuzzedFiles extends ForwardingFiles {

    private final byte[] data;

    private FuzzedFiles(byte[] data) {
      this.data = data;
    }

    @Override
    public boolean exists(Path file) {
      return file.equals(TestStore.file(DIRECTORY));
    }

    @Override
    public FileIdentity identify(Path file) throws IOException {
      if (!exists(file)) {
        throw new NoSuchFileException(file.toString());
      }
      return new FileIdentity(1, data.length, FileTime.from(Instant.EPOCH));
    }

    @Override
    public ReadFile open(Path file) {
      return new ReadFile() {

        private int at;

        @Override
        public byte[] read(int limitBytes) {
          int from = at;
          at += Math.min(limitBytes, data.length - at);
          return Arrays.copyOfRange(data, from, at);
        }

        @Override
        public void skip(long sizeBytes) {
          at += (int) Math.min(sizeBytes, data.length - at);
        }

        @Override
        public void close() {}
      };
    }
  }
}
