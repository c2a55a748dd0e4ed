package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** A server on a raw socket that breaks off every answer in the middle of its body. */
final class BrokenOffAnswers implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 20_000;

  private final ServerSocket server;
  private final byte[] answer;

  private BrokenOffAnswers(ServerSocket server, byte[] answer) {
    this.server = server;
    this.answer = answer;
  }

  /** Starts to answer with the beginning of a body. */
  static BrokenOffAnswers beginningWith(String body) {
    try {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      byte[] bytes = body.getBytes(UTF_8);
      String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
          + 2 * bytes.length + "\r\n\r\n";
      BrokenOffAnswers started = new BrokenOffAnswers(server, (head + body).getBytes(UTF_8));
      Thread thread = new Thread(started::run, "broken-off-answers");
      thread.setDaemon(true);
      thread.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  private void run() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        InputStream in = socket.getInputStream();
        if (in.read() >= 0) {
          socket.getOutputStream().write(answer);
          socket.shutdownOutput();
          // Closing with unread bytes would reset the connection, and the client lose the answer.
          in.transferTo(OutputStream.nullOutputStream());
        }
      } catch (IOException e) {
        // The client has gone, or the server was closed.
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
