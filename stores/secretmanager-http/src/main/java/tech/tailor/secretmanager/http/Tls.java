package tech.tailor.secretmanager.http;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.function.BiConsumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates are trusted, and which one is shown. There is always a check: certificates can
 * be added and exchanged, not waved through.
 */
final class Tls {

  private final @Nullable X509TrustManager trusted;
  private final KeyManager @Nullable [] shown;

  private Tls(@Nullable X509TrustManager trusted, KeyManager @Nullable [] shown) {
    this.trusted = trusted;
    this.shown = shown;
  }

  /** What the JDK trusts, and no certificate of one's own. */
  static Tls standard() {
    return new Tls(null, null);
  }

  /** Trusts the certificates of the given store, and no others. */
  Tls trusting(KeyStore store) {
    return new Tls(trustManager(store), shown);
  }

  /** Shows the certificate of the given store to a server that asks for one. */
  Tls showing(KeyStore store, char[] password) {
    try {
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      return new Tls(trusted, factory.getKeyManagers());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("The key store can't be used: a "
          + e.getClass().getSimpleName() + "; is it loaded, and the password right?");
    }
  }

  void applyTo(BiConsumer<SSLSocketFactory, X509TrustManager> client) {
    if (trusted == null && shown == null) {
      return;
    }
    X509TrustManager trust = trusted == null ? trustManager(null) : trusted;
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(shown, new TrustManager[] {trust}, null);
      client.accept(context.getSocketFactory(), trust);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JDK can't do TLS: a " + e.getClass().getSimpleName());
    }
  }

  private static X509TrustManager trustManager(@Nullable KeyStore store) {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509 && x509.getAcceptedIssuers().length > 0) {
          return x509;
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "The trust store can't be used: a " + e.getClass().getSimpleName() + "; is it loaded?");
    }
    throw new IllegalArgumentException(
        "The trust store holds no certificate to trust; is it loaded?");
  }
}
