package tech.tailor.secretmanager.spring;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.X509ExtendedKeyManager;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslStoreBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.tls.SecretTls;

/**
 * TLS bundles from secrets, which are replaced when their secret changes. A secret that is not
 * usable then changes nothing.
 */
final class SecretBundles implements SslBundleRegistrar, DisposableBean {

  private static final System.Logger LOGGER = System.getLogger(SecretBundles.class.getName());

  /** Of key stores that are in memory alone, with the key in clear beside it. */
  private static final String STORE_PASSWORD = "in-memory";

  private final Map<String, SecretRef> secrets;
  private final ObjectProvider<SecretManager> manager;
  private final SecretChanges changes;
  private final List<SecretChanges.Subscription> subscriptions = new CopyOnWriteArrayList<>();

  SecretBundles(
      Map<String, SecretRef> secrets,
      ObjectProvider<SecretManager> manager,
      SecretChanges changes) {
    this.secrets = secrets;
    this.manager = manager;
    this.changes = changes;
  }

  @Override
  public void registerBundles(SslBundleRegistry registry) {
    secrets.forEach((name, ref) -> register(registry, name, ref));
  }

  private void register(SslBundleRegistry registry, String name, SecretRef ref) {
    Registration registration = new Registration();
    subscriptions.add(changes.subscribe(changed -> {
      if (changed.equals(ref) && registration.isDone()) {
        update(registry, name, ref);
      }
    }));
    try {
      registry.registerBundle(name, bundle(ref));
    } catch (SecretManagerException e) {
      throw new SecretReferenceException(
          "The TLS bundle " + name + " can't be made of the secret " + ref + ": " + e.getMessage(),
          e);
    }
    if (registration.done()) {
      update(registry, name, ref);
    }
  }

  /** Whether a change came before the bundle was registered: it may have been made without it. */
  private static final class Registration {
    private boolean done;
    private boolean changedBefore;

    /** Notes a change; false if it is for later. */
    synchronized boolean isDone() {
      changedBefore |= !done;
      return done;
    }

    /** Ends the registration; true if something changed meanwhile. */
    synchronized boolean done() {
      done = true;
      return changedBefore;
    }
  }

  private void update(SslBundleRegistry registry, String name, SecretRef ref) {
    SslBundle bundle;
    try {
      bundle = bundle(ref);
    } catch (SecretManagerException | IllegalStateException e) { // or the manager is closed
      LOGGER.log(
          WARNING,
          () -> "The TLS bundle " + name + " could not be replaced, and the one before stays in"
              + " use: " + e.getMessage());
      return;
    }
    try {
      registry.updateBundle(name, bundle);
      LOGGER.log(INFO, () -> "The TLS bundle " + name + " is replaced, as its secret " + ref);
    } catch (RuntimeException e) { // of what uses the bundle, such as the web server
      LOGGER.log(
          WARNING,
          () -> "The TLS bundle " + name + " is replaced, as its secret " + ref
              + ", but what uses it failed to take it over, and may go on with the one before",
          e);
    }
  }

  private SslBundle bundle(SecretRef ref) {
    SecretTls tls = SecretTls.of(ref);
    tls.load(manager.getObject());
    return SslBundle.of(SslStoreBundle.of(keyStore(tls.keyManager()), STORE_PASSWORD, null));
  }

  private static KeyStore keyStore(X509ExtendedKeyManager keys) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (String kind : List.of("EC", "RSA", "EdDSA")) {
        String[] aliases = keys.getServerAliases(kind, null);
        if (aliases != null) {
          store.setKeyEntry(
              "key",
              keys.getPrivateKey(aliases[0]),
              STORE_PASSWORD.toCharArray(),
              keys.getCertificateChain(aliases[0]));
        }
      }
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The JVM can't make a key store", e);
    }
  }

  @Override
  public void destroy() {
    subscriptions.forEach(SecretChanges.Subscription::end);
  }
}
