package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.function.Consumer;

/**
 * A socket that counts, in a {@link Meter}, every byte that passes it: below HTTP and TLS, so that
 * no part of a reply goes uncounted. Sends at once, because HTTP/2 stalls about 40 ms a request
 * otherwise.
 */
final class MeteredSocket extends Socket {

  private final Meter meter = new Meter();
  private final boolean resolvedByProxy;
  private final Consumer<MeteredSocket> onConnect;
  private final Consumer<MeteredSocket> onClose;

  /**
   * An unconnected socket.
   *
   * @param proxy a SOCKS proxy, or {@link Proxy#NO_PROXY} against the system's properties
   * @param onConnect is told when this socket is connected
   * @param onClose is told right before this socket is closed
   */
  MeteredSocket(Proxy proxy, Consumer<MeteredSocket> onConnect, Consumer<MeteredSocket> onClose)
      throws IOException {
    super(proxy);
    this.resolvedByProxy = proxy.type() == Proxy.Type.SOCKS;
    this.onConnect = onConnect;
    this.onClose = onClose;
    setTcpNoDelay(true);
  }

  Meter meter() {
    return meter;
  }

  @Override
  public void connect(SocketAddress server, int timeoutMillis) throws IOException {
    super.connect(
        resolvedByProxy && server instanceof InetSocketAddress named
            ? InetSocketAddress.createUnresolved(named.getHostString(), named.getPort())
            : server,
        timeoutMillis);
    onConnect.accept(this);
  }

  @Override
  public synchronized void close() throws IOException {
    if (isConnected() && !isClosed()) {
      onClose.accept(this);
    }
    super.close();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new MeteredInput(super.getInputStream());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new MeteredOutput(super.getOutputStream());
  }

  private final class MeteredInput extends InputStream {
    private final InputStream in;

    MeteredInput(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count;
      try {
        count = in.read(bytes, offset, length);
      } catch (SocketTimeoutException e) {
        throw e; // more may come
      } catch (IOException e) {
        meter.ended();
        throw e;
      }
      if (count < 0) {
        meter.ended();
      } else {
        received(count);
      }
      return count;
    }

    private void received(int count) throws IOException {
      try {
        meter.received(count);
      } catch (Meter.ExceededException e) {
        MeteredSocket.this.close(); // the reader might just stop reading
        throw e;
      }
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }

    @Override
    public void close() throws IOException {
      MeteredSocket.this.close();
    }
  }

  private final class MeteredOutput extends OutputStream {
    private final OutputStream out;

    MeteredOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      meter.sent(length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      MeteredSocket.this.close();
    }
  }
}
