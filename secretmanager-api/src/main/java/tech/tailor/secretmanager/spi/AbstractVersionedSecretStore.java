package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * The skeleton of a versioned store: every method is a question to, or a change by, a
 * {@link StoreEditor}, in {@link #read} or {@link #change}. A store implements these two, which
 * know how it locks and commits, and the {@link StoreContent} that they make an editor of.
 */
public abstract class AbstractVersionedSecretStore implements VersionedSecretStore {

  /** For stores. */
  protected AbstractVersionedSecretStore() {}

  /**
   * Answers a question from what the store holds now.
   *
   * @param question asked once, on the calling thread
   * @throws IllegalStateException if the store is closed
   */
  protected abstract <T> T read(Function<? super VersionedSecretStore, T> question);

  /**
   * Makes changes in one commit: if they throw, or the commit fails, nothing is changed.
   *
   * <p>The changes may call this store instead of the editor that they get. A store refuses that,
   * since such a call would wait for its own commit, or be overwritten by it.
   *
   * @param changes run once, on the calling thread, with an editor that {@linkplain StoreEditor#end
   *     ends} with them, whether they succeed or throw
   * @throws IllegalStateException if the store is closed, or if the calling thread is making
   *     changes already
   */
  protected abstract <T> T change(Function<? super VersionedSecretStore, T> changes);

  /**
   * Makes changes of one secret in one commit. A store over a network may read the secret and its
   * vault in the request that begins the commit. By default like {@link #change(Function)}.
   *
   * @param secret may not exist
   * @param changes as for {@link #change(Function)}; they ask for no other secret
   */
  protected <T> T change(SecretRef secret, Function<? super VersionedSecretStore, T> changes) {
    return change(changes);
  }

  private static Function<VersionedSecretStore, Boolean> asFunction(
      Consumer<? super VersionedSecretStore> changes) {
    return editor -> {
      changes.accept(editor);
      return true;
    };
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    return read(editor -> editor.fetch(vault, names));
  }

  @Override
  public VaultInfo createVault(String vault) {
    return change(editor -> editor.createVault(vault));
  }

  @Override
  public List<VaultInfo> listVaults() {
    return read(VersionedSecretStore::listVaults);
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    return read(editor -> editor.describeVault(vault));
  }

  @Override
  public void deleteVault(String vault) {
    change(asFunction(editor -> editor.deleteVault(vault)));
  }

  @Override
  public Map<String, String> vaultLabels(String vault) {
    return read(editor -> editor.vaultLabels(vault));
  }

  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    change(asFunction(editor -> editor.setVaultLabels(vault, labels)));
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    return change(SecretRef.of(vault, name), editor -> editor.createSecret(vault, name, value));
  }

  @Override
  public SecretInfo put(String vault, String name, SecretValue value) {
    return change(SecretRef.of(vault, name), editor -> editor.put(vault, name, value));
  }

  @Override
  public Map<String, SecretDetails> describeSecrets(String vault, Collection<String> names) {
    return read(editor -> editor.describeSecrets(vault, names));
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    return change(SecretRef.of(vault, name), editor -> editor.updateSecret(vault, name, value));
  }

  @Override
  public SecretInfo updateSecret(
      String vault, String name, SecretValue value, long expectedVersion) {
    return change(
        SecretRef.of(vault, name),
        editor -> editor.updateSecret(vault, name, value, expectedVersion));
  }

  @Override
  public SecretInfo rollBack(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), editor -> editor.rollBack(vault, name, version));
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    return read(editor -> editor.listSecrets(vault));
  }

  @Override
  public List<SecretInfo> listSecrets(String vault, String after, int limit) {
    return read(editor -> editor.listSecrets(vault, after, limit));
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    return read(editor -> editor.describeSecret(vault, name));
  }

  @Override
  public void deleteSecret(String vault, String name) {
    change(SecretRef.of(vault, name), asFunction(editor -> editor.deleteSecret(vault, name)));
  }

  @Override
  public Map<String, String> labels(String vault, String name) {
    return read(editor -> editor.labels(vault, name));
  }

  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    change(SecretRef.of(vault, name), asFunction(editor -> editor.setLabels(vault, name, labels)));
  }

  @Override
  public String description(String vault, String name) {
    return read(editor -> editor.description(vault, name));
  }

  @Override
  public void setDescription(String vault, String name, String description) {
    change(
        SecretRef.of(vault, name),
        asFunction(editor -> editor.setDescription(vault, name, description)));
  }

  @Override
  public int versionsKept() {
    return read(VersionedSecretStore::versionsKept);
  }

  @Override
  public List<SecretVersionInfo> listVersions(String vault, String name) {
    return read(editor -> editor.listVersions(vault, name));
  }

  @Override
  public SecretValue readVersion(String vault, String name, long version) {
    return read(editor -> editor.readVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo disableVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), editor -> editor.disableVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo enableVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), editor -> editor.enableVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo destroyVersion(String vault, String name, long version) {
    return change(SecretRef.of(vault, name), editor -> editor.destroyVersion(vault, name, version));
  }

  @Override
  public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireNonNull(changes, "changes");
    change(asFunction(changes));
  }
}
