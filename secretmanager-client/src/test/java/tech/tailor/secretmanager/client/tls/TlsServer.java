package tech.tailor.secretmanager.client.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A server on this machine that sends back each byte, and clients that trust any certificate. */
final class TlsServer implements AutoCloseable {

  private final SSLServerSocket server;
  private final List<String> clients = new CopyOnWriteArrayList<>();

  TlsServer(SSLContext context, boolean asksForClientCertificate) throws IOException {
    server = (SSLServerSocket) context
        .getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server.setNeedClientAuth(asksForClientCertificate);
    Thread accepting = new Thread(this::accept, "test-tls-server");
    accepting.setDaemon(true);
    accepting.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        SSLSocket socket = (SSLSocket) server.accept();
        Thread echoing = new Thread(() -> echo(socket), "test-tls-connection");
        echoing.setDaemon(true);
        echoing.start();
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void echo(SSLSocket socket) {
    try (socket) {
      for (int next = socket.getInputStream().read(); next >= 0; ) {
        if (socket.getNeedClientAuth()) {
          clients.add(socket.getSession().getPeerPrincipal().getName());
        }
        socket.getOutputStream().write(next);
        next = socket.getInputStream().read();
      }
    } catch (IOException e) {
      return; // the client's own to notice
    }
  }

  /** Whose certificates clients have shown, one entry for each byte. */
  List<String> clients() {
    return clients;
  }

  /** Opens a connection, and lets one byte through. */
  SSLSocket connect(SSLContext client) throws IOException {
    SSLSocket socket = (SSLSocket) client
        .getSocketFactory()
        .createSocket(InetAddress.getLoopbackAddress(), server.getLocalPort());
    exchange(socket);
    return socket;
  }

  static void exchange(SSLSocket socket) throws IOException {
    socket.getOutputStream().write('x');
    if (socket.getInputStream().read() != 'x') {
      throw new IOException("The connection is over");
    }
  }

  /** Returns whose certificate a new client is shown, which has no session to resume. */
  String subject() {
    try (SSLSocket socket = connect(trusting())) {
      return socket.getSession().getPeerPrincipal().getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** What is tested is which certificate is shown, and not whether to trust it. */
  static final class TrustsAnybody implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
