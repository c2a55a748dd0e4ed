package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes bytes on between a client and a server on loopback, and can end every connection at once,
 * as a server that restarts does.
 */
final class Relay implements AutoCloseable {

  private final ServerSocket listening;
  private final int target;
  private final List<Socket> clients = new CopyOnWriteArrayList<>();
  private final List<Socket> servers = new CopyOnWriteArrayList<>();

  Relay(int target) {
    try {
      this.listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.target = target;
    daemon(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** How many connections were made since the last cut. */
  int connections() {
    return clients.size();
  }

  /** Ends the connections there are: with a reset, or in order. New ones are taken as before. */
  void cut(boolean reset) {
    for (Socket client : clients) {
      try {
        client.setSoLinger(reset, 0);
      } catch (IOException e) {
        // The client has closed it already.
      }
      closeQuietly(client);
    }
    clients.clear();
    servers.forEach(Relay::closeQuietly);
    servers.clear();
  }

  @Override
  public void close() {
    closeQuietly(listening);
    cut(false);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        clients.add(client);
        servers.add(server);
        daemon(() -> pass(client, server));
        daemon(() -> pass(server, client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[8192];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // The other side went away, or the connections were cut.
    }
    closeQuietly(to);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }
}
