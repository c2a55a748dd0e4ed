package tech.tailor.secretmanager.client.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A key manager whose key and certificates are replaced together. A handshake asks for an alias,
 * then for the key and the certificates of that alias; an alias names the generation, so that both
 * are of the same, and the last generation still answers. Thread-safe.
 */
final class RotatingKeyManager extends X509ExtendedKeyManager {

  private volatile @Nullable Generation current;
  private volatile @Nullable Generation previous;
  private long generations;

  /** The JDK's own key manager for one pair, which knows what fits to a handshake. */
  private static final class Generation {

    private final String prefix;
    private final X509ExtendedKeyManager keys;

    Generation(String prefix, X509ExtendedKeyManager keys) {
      this.prefix = prefix;
      this.keys = keys;
    }

    @Nullable
    String named(@Nullable String alias) {
      return alias == null ? null : prefix + alias;
    }

    String @Nullable [] named(String @Nullable [] aliases) {
      if (aliases == null) {
        return null;
      }
      String[] named = new String[aliases.length];
      for (int at = 0; at < aliases.length; at++) {
        named[at] = prefix + aliases[at];
      }
      return named;
    }
  }

  boolean isLoaded() {
    return current != null;
  }

  synchronized void use(PemPair pair) {
    Generation made = new Generation("generation-" + ++generations + ":", managerOf(pair));
    previous = current;
    current = made;
  }

  private static X509ExtendedKeyManager managerOf(PemPair pair) {
    try {
      char[] none = new char[0];
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("key", pair.key(), none, pair.certificates());
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, none);
      for (KeyManager manager : factory.getKeyManagers()) {
        if (manager instanceof X509ExtendedKeyManager extended) {
          return extended;
        }
      }
      throw new IllegalStateException("The JVM has no key manager for X.509");
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The JVM has no key manager for X.509", e);
    }
  }

  private Generation now() {
    Generation loaded = current;
    if (loaded == null) {
      throw new IllegalStateException("No TLS key is loaded");
    }
    return loaded;
  }

  /** Returns the one that gave an alias, or null. */
  private @Nullable Generation of(@Nullable String alias) {
    for (Generation each : new Generation[] {current, previous}) {
      if (each != null && alias != null && alias.startsWith(each.prefix)) {
        return each;
      }
    }
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    Generation now = now();
    return now.named(now.keys.getClientAliases(keyType, issuers));
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    Generation now = now();
    return now.named(now.keys.chooseClientAlias(keyType, issuers, socket));
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    Generation now = now();
    return now.named(now.keys.chooseEngineClientAlias(keyType, issuers, engine));
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    Generation now = now();
    return now.named(now.keys.getServerAliases(keyType, issuers));
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    Generation now = now();
    return now.named(now.keys.chooseServerAlias(keyType, issuers, socket));
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    Generation now = now();
    return now.named(now.keys.chooseEngineServerAlias(keyType, issuers, engine));
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    Generation generation = of(alias);
    return generation == null || alias == null
        ? null
        : generation.keys.getCertificateChain(alias.substring(generation.prefix.length()));
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    Generation generation = of(alias);
    return generation == null || alias == null
        ? null
        : generation.keys.getPrivateKey(alias.substring(generation.prefix.length()));
  }

  @Override
  public String toString() {
    return "RotatingKeyManager[redacted]";
  }
}
