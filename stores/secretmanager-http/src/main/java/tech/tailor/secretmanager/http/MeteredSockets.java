package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** Makes {@link MeteredSocket}s, and finds the one that carries a given TLS socket. */
final class MeteredSockets extends SocketFactory {

  private final Proxy proxy;
  private final Map<Ends, MeteredSocket> connected = new ConcurrentHashMap<>();

  /** A connection's two ends, which its TLS socket has in common with the socket below it. */
  private record Ends(SocketAddress local, SocketAddress remote) {
    static Ends of(Socket socket) {
      return new Ends(socket.getLocalSocketAddress(), socket.getRemoteSocketAddress());
    }

    // Written out for the same reason as those of SecretRef.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Ends ends && local.equals(ends.local) && remote.equals(ends.remote);
    }

    @Override
    public int hashCode() {
      return 31 * local.hashCode() + remote.hashCode();
    }
  }

  /**
   * Makes sockets.
   *
   * @param proxy a SOCKS proxy, or {@link Proxy#NO_PROXY}
   */
  MeteredSockets(Proxy proxy) {
    this.proxy = proxy;
  }

  /** How many sockets are connected, and not closed on this side. */
  int connected() {
    return connected.size();
  }

  /** The meter of a connection, given the socket on top of it; null if it is closed. */
  @Nullable
  Meter meterOf(Socket socket) {
    if (socket instanceof MeteredSocket metered) {
      return metered.meter();
    }
    MeteredSocket below = connected.get(Ends.of(socket));
    return below == null ? null : below.meter();
  }

  @Override
  public Socket createSocket() throws IOException {
    return new MeteredSocket(
        proxy,
        socket -> connected.put(Ends.of(socket), socket),
        socket -> connected.remove(Ends.of(socket), socket));
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(address, port), new InetSocketAddress(localAddress, localPort));
  }

  private Socket connected(InetSocketAddress address, @Nullable InetSocketAddress local)
      throws IOException {
    Socket socket = createSocket();
    try {
      socket.bind(local);
      socket.connect(address);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
