package tech.tailor.secretmanager.integration.memory;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/**
 * TLS in front of a server on this machine that speaks plain HTTP: it decrypts what comes in and
 * forwards it as HTTP/2 or HTTP/1.1. Its certificate is generated for it; a client trusts it by
 * reading its file.
 */
final class TlsFront implements AutoCloseable {

  static final char[] TRUST_STORE_PASSWORD = "public".toCharArray();

  private final HeldCertificate certificate =
      new HeldCertificate.Builder().addSubjectAlternativeName("127.0.0.1").build();
  private final SSLServerSocket listener;
  private final int plainPort;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * Begins to listen.
   *
   * @param protocols that the server behind it speaks, by their names in ALPN
   */
  TlsFront(URI plain, String... protocols) throws IOException {
    this.plainPort = plain.getPort();
    HandshakeCertificates shown =
        new HandshakeCertificates.Builder().heldCertificate(certificate).build();
    this.listener = (SSLServerSocket) shown
        .sslContext()
        .getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    SSLParameters parameters = listener.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    listener.setSSLParameters(parameters);
    inBackground(this::accept);
  }

  URI endpoint() {
    return URI.create("https://127.0.0.1:" + listener.getLocalPort());
  }

  /** Writes a key store that trusts its certificate alone. */
  void writeTrustStore(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("server", certificate.certificate());
      store.store(out, TRUST_STORE_PASSWORD);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket outside = listener.accept();
      Socket inside = new Socket(InetAddress.getLoopbackAddress(), plainPort);
      for (Socket socket : Set.of(outside, inside)) {
        socket.setTcpNoDelay(true);
        open.add(socket);
      }
      inBackground(() -> handOn(outside, inside));
      inBackground(() -> handOn(inside, outside));
    }
  }

  private void handOn(Socket from, Socket to) throws IOException {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void inBackground(Task task) {
    Thread thread = new Thread(
        () -> {
          try {
            task.run();
          } catch (IOException e) {
            // A side closed, which ends it.
          }
        },
        "tls-front");
    thread.setDaemon(true);
    thread.start();
  }
}
