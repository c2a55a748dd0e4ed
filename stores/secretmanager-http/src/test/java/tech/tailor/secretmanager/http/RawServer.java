package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ServerSocketFactory;

/** An HTTP/1.1 server for what no decent one does. */
final class RawServer implements AutoCloseable {

  private final ServerSocket socket;
  private final Behaviour behaviour;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong flooded = new AtomicLong();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What is done with a connection. */
  interface Behaviour {
    void serve(Exchange exchange) throws Exception;
  }

  /** One connection. */
  final class Exchange {
    final Socket socket;

    Exchange(Socket socket) {
      this.socket = socket;
    }

    /** Reads a request whole, and counts it. */
    void readRequest() throws IOException {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("no request");
        }
        head.append((char) next);
      }
      requests.incrementAndGet();
      for (String line : head.toString().split("\r\n")) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length: ")) {
          in.readNBytes(Integer.parseInt(line.substring(16)));
        }
      }
    }

    void write(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    }

    /** Writes the same as fast as it is taken, until nobody takes it; counts the bytes. */
    void flood(byte[] bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      while (closed.getCount() > 0) {
        out.write(bytes);
        flooded.addAndGet(bytes.length);
      }
    }

    /** Writes the same until nobody takes it. */
    void writeForever(String text, long pauseMillis) throws Exception {
      while (!closed.await(pauseMillis, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        write(text);
      }
    }

    void stall() throws InterruptedException {
      closed.await();
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
    }
  }

  RawServer(ServerSocketFactory sockets, Behaviour behaviour) {
    this(sockets, InetAddress.getLoopbackAddress(), behaviour);
  }

  RawServer(ServerSocketFactory sockets, InetAddress address, Behaviour behaviour) {
    try {
      this.socket = sockets.createServerSocket(0, 50, address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.behaviour = behaviour;
    daemon(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  int requests() {
    return requests.get();
  }

  /** How many bytes were written by {@link Exchange#flood}, on all connections. */
  long flooded() {
    return flooded.get();
  }

  @Override
  public void close() {
    closed.countDown();
    quietly(socket::close);
    open.forEach(connection -> quietly(connection::close));
  }

  private void accept() {
    while (closed.getCount() > 0) {
      try {
        Socket connection = socket.accept();
        open.add(connection);
        daemon(() -> {
          try (connection) {
            behaviour.serve(new Exchange(connection));
          } catch (Exception e) {
            // The client went away, which is its right.
            open.remove(connection);
          }
        });
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "raw server");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Closing {
    void run() throws IOException;
  }

  private static void quietly(Closing closing) {
    try {
      closing.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
