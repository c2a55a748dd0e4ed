package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.TestCertificate;

/** Applications whose TLS bundles are made of secrets. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SslBundlesTest {

  @TempDir
  private Path directory;

  @BeforeEach
  void makeStore() {
    try (FileSecretStore store = FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("key")))) {
      store.createVault("web");
    }
  }

  private void put(String text) {
    try (FileSecretStore store = FileSecretStore.open(
            directory.resolve("store"), MasterKey.fromFile(directory.resolve("key")));
        SecretValue value = SecretValue.of(text)) {
      store.put("web", "tls", value);
    }
  }

  @Test
  void bundle_followsItsSecret_andSurvivesABrokenOne(CapturedOutput output) throws Exception {
    TestCertificate first = TestCertificate.make(directory, "EC", "first");
    TestCertificate second = TestCertificate.make(directory, "RSA", "second");
    TestCertificate third = TestCertificate.make(directory, "Ed25519", "third");
    put(first.pem());
    SecretChanges changes;
    try (ConfigurableApplicationContext context =
        run("--secretmanager.ssl.bundle.web=${secret@web/tls}")) {
      changes = context.getBean(SecretChanges.class);
      SslBundles bundles = context.getBean(SslBundles.class);
      BlockingQueue<SslBundle> updates = new LinkedBlockingQueue<>();
      bundles.addBundleUpdateHandler("web", updates::add);
      assertThat(subject(bundles.getBundle("web"))).isEqualTo("CN=first");

      put(second.pem());
      assertThat(subject(updates.take())).isEqualTo("CN=second");
      assertThat(subject(bundles.getBundle("web"))).isEqualTo("CN=second");

      put(third.keyPem() + first.certificatePem());
      while (!output.getOut().contains("could not be replaced")
          && !output.getErr().contains("could not be replaced")) {
        Thread.sleep(10);
      }
      assertThat(subject(bundles.getBundle("web"))).isEqualTo("CN=second");

      put(third.pem());
      assertThat(subject(updates.take())).isEqualTo("CN=third");
    }
    assertThat(changes).hasToString("SecretChanges[0 subscribers]");
    assertThat(output)
        .contains("The TLS bundle web could not be replaced, and the one before stays in use: ")
        .doesNotContain("-----BEGIN");
  }

  @Test
  void userOfABundleThatFails_isNotTakenForABrokenSecret(CapturedOutput output) throws Exception {
    put(TestCertificate.make(directory, "EC", "first").pem());
    try (ConfigurableApplicationContext context =
        run("--secretmanager.ssl.bundle.web=${secret@web/tls}")) {
      SslBundles bundles = context.getBean(SslBundles.class);
      bundles.addBundleUpdateHandler("web", bundle -> {
        throw new IllegalStateException("no port is free");
      });

      put(TestCertificate.make(directory, "EC", "second").pem());
      while (!(output.getOut() + output.getErr()).contains("no port is free")) {
        Thread.sleep(10);
      }
      assertThat(subject(bundles.getBundle("web"))).isEqualTo("CN=second");
    }
    assertThat(output)
        .contains("The TLS bundle web is replaced, as its secret web/tls, but what uses it failed")
        .doesNotContain("could not be replaced");
  }

  @Test
  void secretThatIsNoKey_failsTheStart_andIsNotShown(CapturedOutput output) {
    put("canary");
    assertThat(
            catchThrowable(() -> run("--secretmanager.ssl.bundle.web=web/tls").close()))
        .hasStackTraceContaining("The TLS bundle web can't be made of the secret web/tls: ");
    assertThat(catchThrowable(
            () -> run("--secretmanager.ssl.bundle.web=web/nowhere").close()))
        .hasStackTraceContaining("There is no secret web/nowhere");
    assertThat(catchThrowable(() -> run("--secretmanager.ssl.bundle.web=canary").close()))
        .hasStackTraceContaining("secretmanager.ssl.bundle.web must name a secret, as vault/name");
    assertThat(output).doesNotContain("canary");
  }

  @Test
  void withoutTheProperty_nothingIsMade() {
    try (ConfigurableApplicationContext context = run()) {
      assertThat(context.getBean(SslBundles.class).getBundleNames()).isEmpty();
      assertThat(context.getBeanNamesForType(SecretBundles.class)).isEmpty();
    }
  }

  private ConfigurableApplicationContext run(String... arguments) {
    return new SpringApplicationBuilder(Plain.class)
        .web(WebApplicationType.NONE)
        .properties(
            "secretmanager.url=file:" + directory.resolve("store"),
            "secretmanager.key-file=" + directory.resolve("key"))
        .run(arguments);
  }

  /** Of the certificate that a server with the bundle shows. */
  private static String subject(SslBundle bundle) throws Exception {
    try (SSLServerSocket server = (SSLServerSocket) bundle
            .createSslContext()
            .getServerSocketFactory()
            .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket client = (SSLSocket) trusting()
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
      Thread serving = new Thread(() -> {
        try (SSLSocket accepted = (SSLSocket) server.accept()) {
          accepted.startHandshake();
        } catch (java.io.IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      serving.start();
      client.startHandshake();
      String subject = client.getSession().getPeerPrincipal().getName();
      serving.join();
      return subject;
    }
  }

  private static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
    return context;
  }

  private static final class TrustsAnybody implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Plain {}
}
