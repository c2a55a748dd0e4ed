package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Answers every question about a document. */
class DocumentView {

  /** For messages. */
  private final Path file;

  /** Whose keys open the values. */
  private final SealedDocument content;

  DocumentView(Path file, SealedDocument content) {
    this.file = file;
    this.content = content;
  }

  /** What the answers are taken from. */
  StoredDocument document() {
    return content.document();
  }

  final SealedDocument content() {
    return content;
  }

  final Path file() {
    return file;
  }

  public final Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    List<SecretRef> refs = new ArrayList<>(requireNonNull(names, "names").size());
    for (String name : names) {
      refs.add(SecretRef.of(vault, name)); // all are looked at before one is read
    }
    StoredVault stored = document().vaults().get(vault);
    Map<String, SecretOutcome> outcomes = new HashMap<>();
    for (SecretRef ref : refs) {
      outcomes.put(ref.name(), outcome(stored, ref));
    }
    return outcomes;
  }

  public final List<VaultInfo> listVaults() {
    return document().vaults().values().stream().map(StoredVault::info).toList();
  }

  public final Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    return Optional.ofNullable(document().vaults().get(vault)).map(StoredVault::info);
  }

  public final List<SecretInfo> listSecrets(String vault) {
    return requireVault(vault).secrets().values().stream()
        .map(StoredSecret::info)
        .toList();
  }

  public final Optional<SecretInfo> describeSecret(String vault, String name) {
    SecretRef.of(vault, name);
    return Optional.ofNullable(document().vaults().get(vault))
        .map(stored -> stored.secrets().get(name))
        .map(StoredSecret::info);
  }

  public final Map<String, String> labels(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).labels();
  }

  public final Map<String, String> vaultLabels(String vault) {
    return requireVault(vault).labels();
  }

  public final String description(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).description();
  }

  public final List<SecretVersionInfo> listVersions(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name)).versions().stream()
        .map(StoredSecret.StoredVersion::info)
        .toList();
  }

  public final SecretValue readVersion(String vault, String name, long version) {
    SecretRef ref = SecretRef.of(vault, name);
    VersionedSecretStore.requireVersion(version);
    StoredSecret secret = requireSecret(ref);
    return read(ref, requireVault(ref), secret, requireVersion(secret, ref, version));
  }

  /** The value of a version; the exception says why there is none. */
  final SecretValue read(
      SecretRef ref, StoredVault vault, StoredSecret secret, StoredSecret.StoredVersion version) {
    if (version.state() != State.ENABLED) {
      throw notReadable(secret, ref, version);
    }
    SecretValue value = ValueCipher.decrypt(content, vault, secret, version);
    if (value == null) {
      throw damaged(ref, version);
    }
    return value;
  }

  final SecretIntegrityException damaged(SecretRef ref, StoredSecret.StoredVersion version) {
    return new SecretIntegrityException("What stands in the store \"" + file + "\" as version "
        + version.version() + " of the secret " + ref
        + " was not written for that place, or was damaged; write the secret again, or restore"
        + " the store from a backup");
  }

  final StoredVault requireVault(String vault) {
    SecretRef.requireVaultName(vault);
    StoredVault stored = document().vaults().get(vault);
    if (stored == null) {
      throw SecretNotFoundException.vault(vault);
    }
    return stored;
  }

  final StoredVault requireVault(SecretRef ref) {
    StoredVault stored = document().vaults().get(ref.vault());
    if (stored == null) {
      throw SecretNotFoundException.of(ref, Missing.VAULT);
    }
    return stored;
  }

  final StoredSecret requireSecret(SecretRef ref) {
    StoredSecret stored = requireVault(ref).secrets().get(ref.name());
    if (stored == null) {
      throw SecretNotFoundException.of(ref, Missing.SECRET);
    }
    return stored;
  }

  static StoredSecret.StoredVersion requireVersion(
      StoredSecret secret, SecretRef ref, long number) {
    StoredSecret.StoredVersion version = secret.version(number);
    if (version == null) {
      throw SecretNotFoundException.version(ref, number);
    }
    return version;
  }

  private SecretOutcome outcome(@Nullable StoredVault vault, SecretRef ref) {
    if (vault == null) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    StoredSecret secret = vault.secrets().get(ref.name());
    if (secret == null) {
      return new SecretOutcome.Missing(Missing.SECRET);
    }
    try {
      return new SecretOutcome.Found(read(ref, vault, secret, secret.current()));
    } catch (SecretManagerException e) {
      return new SecretOutcome.Failed(e);
    }
  }

  private static SecretPreconditionException notReadable(
      StoredSecret secret, SecretRef ref, StoredSecret.StoredVersion version) {
    boolean current = version.version() == secret.current().version();
    return new SecretPreconditionException("The " + (current ? "current " : "") + "version "
        + version.version() + " of the secret " + ref + " is "
        + (version.state() == State.DISABLED
            ? "disabled; enable it" + (current ? ", or write a new version" : "")
            : "destroyed; " + (current ? "write a new version" : "choose another one"))
        + (current ? ", for example by rolling back to an earlier one" : ""));
  }
}
