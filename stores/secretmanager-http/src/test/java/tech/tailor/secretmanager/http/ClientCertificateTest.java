package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyStore;
import java.security.cert.Certificate;
import mockwebserver3.MockWebServer;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManagerException;

/** TLS with an authority of one's own, on both sides. */
class ClientCertificateTest {

  @Test
  void certificate_isShownToAServerThatAsks() throws Exception {
    HeldCertificate mine = new HeldCertificate.Builder().commonName("my-app").build();
    HeldCertificate theirs =
        new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(new HandshakeCertificates.Builder()
          .heldCertificate(theirs)
          .addTrustedCertificate(mine.certificate())
          .build()
          .sslSocketFactory());
      server.requireClientAuth();
      server.enqueue(MockPlatform.ok("{\"vault\":" + MockPlatform.named("default") + "}"));
      server.start();
      HttpSecretStore.Builder builder = HttpSecretStore.builder()
          .endpoint("https://127.0.0.1:" + server.getPort())
          .workspaceId(MockPlatform.WORKSPACE)
          .accessToken(AccessTokenSource.of("token"))
          .trustStore(store("theirs", theirs.certificate()));

      try (HttpSecretStore nameless = builder.build()) {
        assertThatThrownBy(() -> nameless.describeVault("default"))
            .isInstanceOf(SecretManagerException.class);
      }
      char[] password = "password".toCharArray();
      KeyStore keys = store("theirs", theirs.certificate());
      keys.setKeyEntry(
          "mine", mine.keyPair().getPrivate(), password, new Certificate[] {mine.certificate()});
      try (HttpSecretStore known = builder.keyStore(keys, password).build()) {
        assertThat(known.describeVault("default")).isPresent();
      }
      assertThat(server.takeRequest().getVersion()).isEqualTo("HTTP/2");
    }
  }

  private static KeyStore store(String name, Certificate trusted) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry(name, trusted);
    return store;
  }
}
