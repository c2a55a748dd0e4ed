package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;

/** Requests as no client would send them. */
final class Raw {

  private static final int TIMEOUT_MILLIS = 20_000;

  private Raw() {}

  /** Sends the bytes over a connection of their own, and returns the head of the answer. */
  static String exchange(SecretManagerEmulator emulator, byte[] request) {
    try (Socket socket = new Socket("127.0.0.1", emulator.endpoint().getPort())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return head(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The status of an answer; 0 if the connection ended without one. */
  static int status(String head) {
    return head.startsWith("HTTP/1.1 ") ? Integer.parseInt(head.substring(9, 12)) : 0;
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        head.write(b);
        if (head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
          break;
        }
      }
    } catch (SocketException e) {
      // The connection was reset; what came before counts.
    }
    return head.toString(ISO_8859_1);
  }
}
