package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** An authority of the tests' own, and the certificates it issues, good and bad. */
final class Certificates {

  private static final HeldCertificate AUTHORITY = new HeldCertificate.Builder()
      .certificateAuthority(0)
      .commonName("test authority")
      .build();

  private static final HandshakeCertificates GOOD = server(issued()
      .addSubjectAlternativeName("localhost")
      .addSubjectAlternativeName("127.0.0.1")
      .build());

  private Certificates() {}

  static HandshakeCertificates good() {
    return GOOD;
  }

  static HandshakeCertificates expired() {
    long now = System.currentTimeMillis();
    return server(issued()
        .addSubjectAlternativeName("127.0.0.1")
        .validityInterval(now - TimeUnit.DAYS.toMillis(2), now - TimeUnit.DAYS.toMillis(1))
        .build());
  }

  static HandshakeCertificates ofAnotherHost() {
    return server(issued().addSubjectAlternativeName("other.example").build());
  }

  static HandshakeCertificates selfSigned() {
    return new HandshakeCertificates.Builder()
        .heldCertificate(
            new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build())
        .build();
  }

  /** Trusts the authority alone. */
  static KeyStore trustStore() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("authority", AUTHORITY.certificate());
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HeldCertificate.Builder issued() {
    return new HeldCertificate.Builder().signedBy(AUTHORITY);
  }

  private static HandshakeCertificates server(HeldCertificate certificate) {
    return new HandshakeCertificates.Builder().heldCertificate(certificate).build();
  }
}
