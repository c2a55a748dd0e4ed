package tech.tailor.secretmanager.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.fixtures.TestCertificate;

/** Handshakes on this machine, with certificates that are made here. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SecretTlsTest {

  private static final SecretRef REF = SecretRef.of("web", "tls");

  @TempDir
  static Path directory;

  private static TestCertificate first;
  private static TestCertificate second;
  private static TestCertificate rsa;
  private static TestCertificate ed25519;

  private final InMemorySecretStore store = InMemorySecretStore.create();

  SecretTlsTest() {
    store.createVault("web");
  }

  @BeforeAll
  static void makeCertificates() throws Exception {
    first = TestCertificate.make(directory, "EC", "first");
    second = TestCertificate.make(directory, "EC", "second");
    rsa = TestCertificate.make(directory, "RSA", "rsa");
    ed25519 = TestCertificate.make(directory, "Ed25519", "ed25519");
  }

  private SecretManager managerFor(SecretTls tls) {
    return SecretManagers.builder(store)
        .keepWarm(tls.refs())
        .timeToLive(Duration.ofMillis(200))
        .listener(tls.listener())
        .keepBackendOpen()
        .build();
  }

  @Test
  void newConnectionsUseTheNewCertificate_andOpenOnesLiveOn() throws Exception {
    store.put("web", "tls", first.pem());
    SecretTls tls = SecretTls.of(REF);
    try (SecretManager manager = managerFor(tls)) {
      tls.load(manager);
      try (TlsServer server = new TlsServer(tls.sslContext(), false);
          SSLSocket open = server.connect(TlsServer.trusting())) {
        assertThat(server.subject()).isEqualTo("CN=first");

        for (TestCertificate next : List.of(second, rsa, ed25519, first)) {
          store.put("web", "tls", next.pem());
          String expected = next.certificate().getSubjectX500Principal().getName();
          while (!server.subject().equals(expected)) {
            Thread.sleep(10);
          }
          TlsServer.exchange(open);
        }
        assertThat(open.getSession().getPeerPrincipal().getName()).isEqualTo("CN=first");
      }
    }
  }

  @Test
  void brokenPem_keepsThePairBefore_andIsLoggedWithoutItsContent() throws Exception {
    store.put("web", "tls", first.pem());
    SecretTls tls = SecretTls.of(REF);
    List<String> messages = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger(SecretTls.class.getName());
    Handler handler = new Messages(messages);
    logger.addHandler(handler);
    try (SecretManager manager = SecretManagers.open(store)) {
      tls.load(manager);
      try (TlsServer server = new TlsServer(tls.sslContext(), false)) {
        for (String broken : List.of(
            "canary",
            first.keyPem() + second.certificatePem(),
            first.keyPem() + rsa.certificatePem(),
            first.keyPem(),
            first.certificatePem(),
            second.pem() + first.keyPem(),
            second.pem().replace("-----END PRIVATE KEY-----", ""),
            second.pem().substring(0, second.pem().length() - 40),
            second.pem().replaceFirst("PRIVATE KEY-----\n....", "PRIVATE KEY-----\ncana"),
            second.pem().replace("PRIVATE KEY", "EC PRIVATE KEY"),
            second.encryptedKeyPem("PBEWithHmacSHA256AndAES_256", "canary-password")
                + second.certificatePem(),
            TestCertificate.pem("PRIVATE KEY", new byte[] {1, 2, 3}) + second.certificatePem(),
            second.keyPem() + TestCertificate.pem("CERTIFICATE", new byte[] {1, 2, 3}))) {
          store.put("web", "tls", broken);
          manager.refresh(REF);
          tls.listener().onChanged(REF);
          assertThat(server.subject()).isEqualTo("CN=first");
          assertThatThrownBy(() -> tls.load(manager))
              .isInstanceOf(SecretEncodingException.class)
              .hasMessageStartingWith("The secrets [web/tls] hold no TLS key and certificates: ")
              .hasNoCause();
          assertThat(server.subject()).isEqualTo("CN=first");
        }
        store.deleteSecret("web", "tls");
        manager.invalidate(REF);
        tls.listener().onChanged(REF);
        assertThat(server.subject()).isEqualTo("CN=first");
        assertThatThrownBy(() -> tls.load(manager)).isInstanceOf(SecretNotFoundException.class);
      }
    } finally {
      logger.removeHandler(handler);
    }
    tls.listener().onChanged(REF); // of a closed manager
    assertThat(messages)
        .hasSizeGreaterThanOrEqualTo(13)
        .allMatch(
            message -> message.startsWith("The TLS key and certificates of [web/tls] could not"
                + " be replaced, and those before stay in use: "))
        .noneMatch(message -> message.contains("canary") || message.contains("MI"));
  }

  private static final class Messages extends Handler {

    private final List<String> messages;

    Messages(List<String> messages) {
      this.messages = messages;
    }

    @Override
    public void publish(LogRecord record) {
      messages.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void encryptedKey_isReadWithThePasswordOfAnotherSecret() throws Exception {
    SecretTls tls = SecretTls.of(SecretRef.of("web", "certificates"), SecretRef.of("web", "key"))
        .keyPassword(SecretRef.of("web", "password"));
    assertThat(tls.refs()).hasSize(3);
    assertThat(tls).hasToString("SecretTls[web/certificates, web/key, web/password]");
    try (SecretManager manager = SecretManagers.open(store)) {
      for (TestCertificate each : List.of(first, rsa, ed25519)) {
        for (String algorithm :
            List.of("PBEWithHmacSHA256AndAES_256", "PBEWithHmacSHA1AndAES_128")) {
          store.put("web", "certificates", each.certificatePem());
          store.put("web", "key", each.encryptedKeyPem(algorithm, "password"));
          store.put("web", "password", "password");
          for (SecretRef ref : tls.refs()) {
            manager.refresh(ref);
          }
          tls.load(manager);
          try (TlsServer server = new TlsServer(tls.sslContext(), false)) {
            assertThat(server.subject())
                .isEqualTo(each.certificate().getSubjectX500Principal().getName());
          }
        }
      }
      store.put("web", "password", "another");
      manager.refresh("web", "password");
      assertThatThrownBy(() -> tls.load(manager))
          .hasMessageContaining("the key can't be decrypted: its password is another");
    }
  }

  /** In either order; a handshake with a key and certificates of two rotations would fail. */
  @Test
  void keyAndCertificates_thatAreRotatedOneAfterTheOther_areUsedOnceBothAreNew() throws Exception {
    Map<String, String> rotated =
        Map.of("certificates", second.certificatePem(), "key", second.keyPem());
    Logger logger = Logger.getLogger(SecretTls.class.getName());
    for (List<String> order :
        List.of(List.of("certificates", "key"), List.of("key", "certificates"))) {
      store.put("web", "certificates", first.certificatePem());
      store.put("web", "key", first.keyPem());
      SecretTls tls = SecretTls.of(SecretRef.of("web", "certificates"), SecretRef.of("web", "key"));
      List<String> messages = new CopyOnWriteArrayList<>();
      Handler handler = new Messages(messages);
      logger.addHandler(handler);
      try (SecretManager manager = managerFor(tls)) {
        tls.load(manager);
        try (TlsServer server = new TlsServer(tls.sslContext(), false)) {
          store.put("web", order.get(0), rotated.get(order.get(0)));
          while (messages.stream()
              .noneMatch(each -> each.contains("the first certificate is not the key's"))) {
            assertThat(server.subject()).isEqualTo("CN=first");
          }
          assertThatThrownBy(() -> tls.load(manager)).isInstanceOf(SecretEncodingException.class);
          assertThat(server.subject()).isEqualTo("CN=first");

          store.put("web", order.get(1), rotated.get(order.get(1)));
          String subject = server.subject();
          while (!subject.equals("CN=second")) {
            assertThat(subject).isEqualTo("CN=first");
            subject = server.subject();
          }
        }
      } finally {
        logger.removeHandler(handler);
      }
    }
  }

  @Test
  void client_showsItsCertificate() throws Exception {
    store.put("web", "tls", first.pem());
    SecretTls tls = SecretTls.of(REF);
    try (SecretManager manager = managerFor(tls)) {
      tls.load(manager);
      SSLContext context = tls.sslContext(new TlsServer.TrustsAnybody());
      try (TlsServer server = new TlsServer(context, true)) {
        server.connect(context).close();
        store.put("web", "tls", second.pem());
        while (!server.clients().contains("CN=second")) {
          server.connect(tls.sslContext(new TlsServer.TrustsAnybody())).close();
        }
        assertThat(server.clients().get(0)).isEqualTo("CN=first");
      }
    }
  }

  @Test
  void handshakeThatHasBegun_getsKeyAndCertificateOfOneGeneration() throws Exception {
    store.put("web", "tls", first.pem());
    SecretTls tls = SecretTls.of(REF);
    try (SecretManager manager = SecretManagers.open(store)) {
      tls.load(manager);
      X509ExtendedKeyManager keys = tls.keyManager();
      String alias = keys.chooseEngineServerAlias("EC", null, null);
      store.put("web", "tls", second.pem());
      manager.refresh(REF);
      tls.load(manager);

      assertThat(keys.getCertificateChain(alias)).containsExactly(first.certificate());
      assertThat(keys.getPrivateKey(alias)).isEqualTo(first.key());
      String current = keys.chooseEngineServerAlias("EC", null, null);
      assertThat(keys.getCertificateChain(current)).containsExactly(second.certificate());
      assertThat(keys.getPrivateKey(current)).isEqualTo(second.key());
      assertThat(keys.chooseEngineServerAlias("RSA", null, null)).isNull();
      assertThat(keys.getPrivateKey("unknown")).isNull();
      assertThat(keys.getServerAliases("EC", null)).containsExactly(current);
      assertThat(keys.getClientAliases("EC", null)).containsExactly(current);
    }
  }

  @Test
  void misuse_isRefused() {
    SecretTls tls = SecretTls.of(REF);
    assertThatThrownBy(tls::sslContext)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The TLS key and certificates of [web/tls] are not loaded; call load first");
    tls.listener().onChanged(REF); // before there is a manager
    assertThatThrownBy(() -> SecretTls.of(REF, SecretRef.of("other", "key")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be in one vault");
  }
}
