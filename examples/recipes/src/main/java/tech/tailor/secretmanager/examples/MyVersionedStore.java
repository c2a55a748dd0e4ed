package tech.tailor.secretmanager.examples;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * How do I write a store that keeps versions? {@link StoreEditor} knows the rules and the messages.
 * A store brings its records, as {@link Content}, and says how it reads and commits. In this one a
 * commit changes a copy of everything, encrypted, and swaps it in; a read takes no lock.
 * {@code MyVersionedStoreContractTest} shows how it is tested.
 */
public final class MyVersionedStore extends AbstractVersionedSecretStore {

  private static final int VERSIONS_KEPT = 10;

  private final ReentrantLock commits = new ReentrantLock();
  private volatile Content committed; // which is never changed
  private volatile boolean closed;

  public MyVersionedStore() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    this.committed = new Content(new SecretKeySpec(key, "AES"), new TreeMap<>());
  }

  @Override
  protected <T> T read(Function<? super VersionedSecretStore, T> question) {
    requireOpen();
    return question.apply(new StoreEditor<>(committed, VERSIONS_KEPT));
  }

  @Override
  protected <T> T change(Function<? super VersionedSecretStore, T> changes) {
    if (commits.isHeldByCurrentThread()) {
      throw new IllegalStateException("In a commit, use the store that was passed to the changes");
    }
    commits.lock();
    try {
      requireOpen();
      Content draft = committed.copy();
      StoreEditor<Ciphertext> editor = new StoreEditor<>(draft, VERSIONS_KEPT);
      try {
        T result = changes.apply(editor);
        committed = draft; // the commit; if the changes throw, the draft is forgotten
        return result;
      } finally {
        editor.end();
      }
    } finally {
      commits.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("MyVersionedStore is closed");
    }
  }

  /** What the store holds of a value. */
  record Ciphertext(OpaqueBytes iv, OpaqueBytes bytes) {}

  /** What one read sees, or one commit changes: looks up and puts, and decides nothing. */
  static final class Content implements StoreContent<Ciphertext> {

    record Held(Vault vault, SortedMap<String, Secret<Ciphertext>> secrets) {}

    private final SecretKey key;
    private SortedMap<String, Held> vaults;

    Content(SecretKey key, SortedMap<String, Held> vaults) {
      this.key = key;
      this.vaults = vaults;
    }

    Content copy() {
      SortedMap<String, Held> copy = new TreeMap<>();
      vaults.forEach(
          (name, held) -> copy.put(name, new Held(held.vault, new TreeMap<>(held.secrets))));
      return new Content(key, copy);
    }

    @Override
    public Runnable savepoint() {
      Content before = copy();
      return () -> vaults = before.vaults;
    }

    @Override
    public String describe() {
      return "example store";
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public Vault vault(String name) {
      return vaults.containsKey(name) ? vaults.get(name).vault : null;
    }

    @Override
    public List<Vault> vaults() {
      return vaults.values().stream().map(Held::vault).toList();
    }

    @Override
    public int vaultCount() {
      return vaults.size();
    }

    @Override
    public void putVault(Vault vault) {
      boolean isNew = !vaults.containsKey(vault.name());
      vaults.put(vault.name(), new Held(vault, isNew ? new TreeMap<>() : secretsOf(vault.name())));
    }

    @Override
    public void removeVault(String name) {
      vaults.remove(name);
    }

    @Override
    public Secret<Ciphertext> secret(String vault, String name) {
      return vaults.containsKey(vault) ? secretsOf(vault).get(name) : null;
    }

    @Override
    public List<Secret<Ciphertext>> secrets(String vault) {
      return List.copyOf(secretsOf(vault).values());
    }

    @Override
    public int secretCount(String vault) {
      return secretsOf(vault).size();
    }

    @Override
    public void putSecret(String vault, Secret<Ciphertext> secret) {
      secretsOf(vault).put(secret.name(), secret);
    }

    @Override
    public void removeSecret(String vault, String name) {
      secretsOf(vault).remove(name);
    }

    private SortedMap<String, Secret<Ciphertext>> secretsOf(String vault) {
      return vaults.get(vault).secrets;
    }

    @Override
    public Ciphertext seal(Vault vault, SecretId secret, long version, SecretValue value) {
      OpaqueBytes iv = OpaqueBytes.random(12);
      try {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, iv, vault, secret, version);
        byte[] ciphertext = value.withBytes(bytes -> cipher.doFinal(bytes));
        return new Ciphertext(iv, OpaqueBytes.adopt(ciphertext));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Every JDK has AES-GCM", e);
      }
    }

    @Override
    public SecretValue open(Vault vault, SecretId secret, Version<Ciphertext> version) {
      Ciphertext sealed = version.value();
      long number = version.number();
      try {
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, sealed.iv, vault, secret, number);
        byte[] plaintext = cipher.doFinal(sealed.bytes.toArray());
        return SecretSupport.adopt(plaintext, SecretMetadata.of(number, version.createTime()));
      } catch (AEADBadTagException e) {
        return null; // the editor throws a SecretIntegrityException
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Every JDK has AES-GCM", e);
      }
    }

    /** Bound to a place: what was sealed for one version can't be opened as another. */
    private Cipher cipher(int mode, OpaqueBytes iv, Vault vault, SecretId secret, long version)
        throws GeneralSecurityException {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(128, iv.toArray()));
      cipher.updateAAD(vault.id().toArray());
      cipher.updateAAD(secret.id().toArray());
      cipher.updateAAD(ByteBuffer.allocate(Long.BYTES).putLong(0, version));
      return cipher;
    }
  }

  public static void main(String[] args) {
    try (VersionedSecretStore store = new MyVersionedStore();
        SecretValue first = SecretValue.of("made-up-token-1");
        SecretValue second = SecretValue.of("made-up-token-2")) {
      store.createVault("default");
      store.createSecret("default", "api-token", first);
      long version = store.updateSecret("default", "api-token", second, 1).version();
      System.out.println("updated to version " + version);
      try {
        store.updateSecret("default", "api-token", first, 1); // by a writer who read version 1
      } catch (SecretConflictException e) {
        System.out.println(e.getMessage());
      }
      try {
        store.inOneCommit(changes -> {
          changes.deleteSecret("default", "api-token");
          changes.deleteVault("other"); // which does not exist
        });
      } catch (SecretNotFoundException e) {
        System.out.println(e.getMessage()); // and nothing was deleted
      }
      int versions = store.listVersions("default", "api-token").size();
      System.out.println("versions: " + versions);
    }
  }
}
