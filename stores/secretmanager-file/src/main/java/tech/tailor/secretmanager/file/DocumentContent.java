package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent;

/**
 * A document, read or changed in memory: what one commit makes of it. A change gives another
 * document; values are encrypted and decrypted with the data keys that the document was opened
 * with.
 */
final class DocumentContent implements StoreContent<DocumentContent.Ciphertext> {

  private final Path file;
  private final SealedDocument opened;
  private final Clock clock;
  private StoredDocument document;

  DocumentContent(Path file, SealedDocument opened, Clock clock) {
    this.file = file;
    this.opened = opened;
    this.clock = clock;
    this.document = opened.document();
  }

  /**
   * A value as it stands in the file.
   *
   * @param key the id of the data key that it is encrypted with
   * @param bytes the ciphertext
   */
  record Ciphertext(long key, OpaqueBytes bytes) {}

  /** The document with what was changed so far. */
  StoredDocument document() {
    return document;
  }

  @Override
  public String describe() {
    return SealedDocument.describe(file);
  }

  @Override
  public @Nullable Vault vault(String name) {
    StoredVault stored = document.vaults().get(name);
    return stored == null ? null : vault(stored);
  }

  @Override
  public List<Vault> vaults() {
    return document.vaults().values().stream().map(DocumentContent::vault).toList();
  }

  @Override
  public int vaultCount() {
    return document.vaults().size();
  }

  @Override
  public void putVault(Vault vault) {
    StoredVault before = document.vaults().get(vault.name());
    document = document.with(new StoredVault(
        vault.name(),
        vault.id(),
        vault.createTime(),
        vault.updateTime(),
        new TreeMap<>(vault.labels()),
        before == null ? new TreeMap<>() : before.secrets()));
  }

  @Override
  public void removeVault(String name) {
    document = document.without(stored(name));
  }

  @Override
  public @Nullable Secret<Ciphertext> secret(String vault, String name) {
    StoredVault stored = document.vaults().get(vault);
    StoredSecret secret = stored == null ? null : stored.secrets().get(name);
    return secret == null ? null : secret(secret);
  }

  @Override
  public List<Secret<Ciphertext>> secrets(String vault) {
    return stored(vault).secrets().values().stream()
        .map(DocumentContent::secret)
        .toList();
  }

  @Override
  public int secretCount(String vault) {
    return stored(vault).secrets().size();
  }

  @Override
  public void putSecret(String vault, Secret<Ciphertext> secret) {
    List<StoredSecret.StoredVersion> versions =
        new ArrayList<>(secret.versions().size());
    for (Version<Ciphertext> version : secret.versions()) {
      Ciphertext value = version.value();
      versions.add(new StoredSecret.StoredVersion(
          version.number(),
          version.createTime(),
          version.state(),
          value == null ? 0 : value.key,
          value == null ? null : value.bytes));
    }
    SortedMap<String, String> labels = new TreeMap<>(secret.labels());
    document = document.with(stored(vault)
        .with(new StoredSecret(
            secret.name(),
            secret.id(),
            secret.createTime(),
            secret.description(),
            labels,
            versions)));
  }

  @Override
  public void removeSecret(String vault, String name) {
    StoredVault stored = stored(vault);
    document = document.with(stored.without(requireNonNull(stored.secrets().get(name))));
  }

  @Override
  public Ciphertext seal(Vault vault, SecretId secret, long version, SecretValue value) {
    Envelope envelope = opened.envelope();
    return new Ciphertext(
        envelope.sealingKey(), envelope.sealValue(place(vault, secret, version), value));
  }

  @Override
  public @Nullable SecretValue open(Vault vault, SecretId secret, Version<Ciphertext> version) {
    Ciphertext ciphertext = version.value();
    return ciphertext == null
        ? null
        : opened
            .envelope()
            .openValue(
                ciphertext.key,
                place(vault, secret, version.number()),
                ciphertext.bytes,
                SecretMetadata.of(version.number(), version.createTime()));
  }

  /** A document is never changed, so the one before the changes is still as it was. */
  @Override
  public Runnable savepoint() {
    StoredDocument before = document;
    return () -> document = before;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  private static Envelope.Place place(Vault vault, SecretId secret, long version) {
    return new Envelope.Place(vault.id(), secret.id(), version, secret.name());
  }

  private StoredVault stored(String vault) {
    return requireNonNull(document.vaults().get(vault), "vault");
  }

  private static Vault vault(StoredVault stored) {
    return new Vault(
        stored.name(), stored.id(), stored.createTime(), stored.updateTime(), stored.labels());
  }

  private static Secret<Ciphertext> secret(StoredSecret stored) {
    List<Version<Ciphertext>> versions = new ArrayList<>(stored.versions().size());
    for (StoredSecret.StoredVersion version : stored.versions()) {
      OpaqueBytes ciphertext = version.ciphertext();
      versions.add(new Version<>(
          version.version(),
          version.createTime(),
          version.state(),
          ciphertext == null ? null : new Ciphertext(version.key(), ciphertext)));
    }
    return new Secret<>(
        stored.name(),
        stored.id(),
        stored.createTime(),
        stored.description(),
        stored.labels(),
        versions);
  }
}
