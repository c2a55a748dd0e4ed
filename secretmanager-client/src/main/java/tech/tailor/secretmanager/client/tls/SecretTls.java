package tech.tailor.secretmanager.client.tls;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;
import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * A private key and its certificates for TLS, of a server or of a client, from a secret in PEM. It
 * follows the secret's rotation, if the manager has its listener:
 *
 * <pre>{@code
 * SecretTls tls = SecretTls.of(SecretRef.of("web", "tls"));
 * SecretManager secrets = SecretManagers.builder(store)
 *     .keepWarm(tls.refs())
 *     .listener(tls.listener())
 *     .build();
 * tls.load(secrets);
 * SSLContext context = tls.sslContext();
 * }</pre>
 *
 * <p><b>The secret</b> holds an unencrypted or encrypted key in PKCS#8 ({@code BEGIN PRIVATE KEY},
 * {@code BEGIN ENCRYPTED PRIVATE KEY}) and its certificates, the key's own first, then those that
 * issued it. RSA, EC and Ed25519 keys work. Key and certificates may be two secrets of one vault,
 * which are read together.
 *
 * <p><b>Rotation:</b> a handshake that begins after the change was noticed uses the new key and
 * certificates, both of one version of the secret. Connections that are open live on. A secret that
 * can't be read then, or holds no valid pair, changes nothing: the pair before stays in use, and a
 * warning that names the secret and the reason is logged. A client that resumes a TLS session is
 * not shown a certificate again. If a key was compromised, make a new context, so that no old
 * session can be resumed.
 *
 * <p><b>Memory:</b> Java's TLS needs the key as an object on the heap, which stays there until it
 * is collected. The text of the secret is wiped.
 *
 * <p>Thread-safe.
 */
public final class SecretTls {

  private static final System.Logger LOGGER = System.getLogger(SecretTls.class.getName());

  private final SecretRef certificates;
  private final SecretRef key;
  private final @Nullable SecretRef password;
  private final RotatingKeyManager keyManager = new RotatingKeyManager();
  private volatile @Nullable SecretManager manager;

  private SecretTls(SecretRef certificates, SecretRef key, @Nullable SecretRef password) {
    this.certificates = certificates;
    this.key = key;
    this.password = password;
    for (SecretRef ref : refs()) {
      if (!ref.vault().equals(key.vault())) {
        throw new IllegalArgumentException("The secrets must be in one vault, so that they can be"
            + " read together, got " + List.of(refs()));
      }
    }
  }

  /**
   * Creates one whose key and certificates are in one secret. Nothing is read yet.
   *
   * @param pem holds the key and the certificates
   */
  public static SecretTls of(SecretRef pem) {
    requireNonNull(pem, "pem");
    return new SecretTls(pem, pem, null);
  }

  /**
   * Creates one whose key and certificates are in two secrets. Nothing is read yet.
   *
   * @throws IllegalArgumentException if they are in different vaults
   */
  public static SecretTls of(SecretRef certificates, SecretRef key) {
    return new SecretTls(
        requireNonNull(certificates, "certificates"), requireNonNull(key, "key"), null);
  }

  /**
   * Returns one like this, whose key is encrypted. Nothing is read yet.
   *
   * @param password the secret with the password, which may not end with a line feed
   * @throws IllegalArgumentException if it is in another vault than the others
   */
  public SecretTls keyPassword(SecretRef password) {
    return new SecretTls(certificates, key, requireNonNull(password, "password"));
  }

  /** Returns the secrets to keep warm, so that a change is noticed though nobody reads them. */
  public SecretRef[] refs() {
    Set<SecretRef> refs = new LinkedHashSet<>(List.of(certificates, key));
    if (password != null) {
      refs.add(password);
    }
    return refs.toArray(SecretRef[]::new);
  }

  /**
   * Reads the secrets, and reads them from the same manager after each change. On failure, what was
   * loaded before stays in use.
   *
   * @param manager which has this one's listener
   * @throws SecretEncodingException if the secrets hold no valid key and its certificates
   * @throws SecretManagerException if they can't be read
   */
  public void load(SecretManager manager) {
    this.manager = requireNonNull(manager, "manager"); // first: no change must be missed
    read(manager);
  }

  /**
   * Returns the listener by which this hears of a change. It loads the new pair, and logs whether
   * there is one.
   */
  public SecretListener listener() {
    return new SecretListener() {
      @Override
      public void onChanged(SecretRef ref) {
        changed(ref);
      }
    };
  }

  private void changed(SecretRef ref) {
    SecretManager loaded = manager;
    if (loaded == null || !List.of(refs()).contains(ref)) {
      return;
    }
    try {
      read(loaded);
      LOGGER.log(
          INFO, () -> "The TLS key and certificates of " + List.of(refs()) + " are replaced");
    } catch (SecretManagerException | IllegalStateException e) { // or the manager is closed
      LOGGER.log(
          WARNING,
          () -> "The TLS key and certificates of " + List.of(refs())
              + " could not be replaced, and those before stay in use: " + e.getMessage());
    }
  }

  /** One at a time, so that what was read first is not used last. */
  private synchronized void read(SecretManager source) {
    Set<String> names = new LinkedHashSet<>();
    for (SecretRef ref : refs()) {
      names.add(ref.name());
    }
    try (SecretBundle bundle = source.getSecretsTogether(key.vault(), names)) {
      SecretValue secretPassword = password == null ? null : bundle.require(password.name());
      keyManager.use(PemPair.of(
          List.of(refs()),
          bundle.require(certificates.name()),
          bundle.require(key.name()),
          secretPassword));
    }
  }

  /**
   * Returns a context with this key manager.
   *
   * @param trustManagers say whom to trust; none for the JDK's own, which trust the public
   *     authorities
   * @throws IllegalStateException if nothing is loaded yet, or the JVM has no TLS
   */
  public SSLContext sslContext(TrustManager... trustManagers) {
    requireNonNull(trustManagers, "trustManagers");
    KeyManager[] keyManagers = {keyManager()};
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers, trustManagers.length == 0 ? null : trustManagers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("A TLS context can't be made: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the key manager, for contexts of the caller's own. It follows the rotation, too.
   *
   * @throws IllegalStateException if nothing is loaded yet
   */
  public X509ExtendedKeyManager keyManager() {
    if (!keyManager.isLoaded()) {
      throw new IllegalStateException("The TLS key and certificates of " + List.of(refs())
          + " are not loaded; call load first");
    }
    return keyManager;
  }

  /** Returns the addresses of the secrets. */
  @Override
  public String toString() {
    return "SecretTls" + List.of(refs());
  }
}
