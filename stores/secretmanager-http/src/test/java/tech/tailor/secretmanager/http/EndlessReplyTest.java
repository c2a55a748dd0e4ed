package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that sends for ever, in every part of a reply: the call ends soon, and neither it nor
 * the connection takes more than a bounded number of bytes.
 */
@Tag("suite")
class EndlessReplyTest {

  private static final long LIMIT_BYTES = 16_000_000;

  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

  /** HTTP/1.1: what is sent first, and what is then sent again and again. */
  static Stream<Arguments> parts() {
    String block = "x".repeat(8_192);
    String chunked = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
    List<Arguments> parts = new ArrayList<>();
    for (boolean tls : new boolean[] {false, true}) {
      parts.add(Arguments.of(tls, "status line", "HTTP/1.1 200 ", block));
      parts.add(Arguments.of(tls, "name of a header", HEAD, block));
      parts.add(Arguments.of(tls, "value of a header", HEAD + "X-A: ", block));
      parts.add(Arguments.of(tls, "headers", HEAD, "X-A: " + block + "\r\n"));
      parts.add(Arguments.of(tls, "empty headers", HEAD, "a:\r\n".repeat(2_000)));
      parts.add(Arguments.of(tls, "100", "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(300)));
      parts.add(
          Arguments.of(tls, "103", "", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".repeat(300)));
      parts.add(Arguments.of(tls, "header of a 103", "HTTP/1.1 103 Hints\r\nLink: ", block));
      parts.add(Arguments.of(tls, "size of a chunk", chunked, "0".repeat(8_192)));
      parts.add(Arguments.of(tls, "extension of a chunk", chunked + "5;a=", block));
      parts.add(Arguments.of(tls, "extensions of chunks", chunked, "1;" + block + "\r\n \r\n"));
      parts.add(Arguments.of(tls, "end of a chunk", chunked + "1\r\n ", block));
      parts.add(Arguments.of(tls, "chunk", chunked + "7fffffff\r\n", " ".repeat(8_192)));
      parts.add(Arguments.of(tls, "chunks", chunked, "1\r\n \r\n".repeat(1_000)));
      parts.add(Arguments.of(tls, "trailer", chunked + "2\r\n{}\r\n0\r\nX-A: ", block));
      parts.add(
          Arguments.of(tls, "trailers", chunked + "2\r\n{}\r\n0\r\n", "a:\r\n".repeat(2_000)));
      parts.add(Arguments.of(
          tls, "body", HEAD + "Content-Length: 9000000000\r\n\r\n", " ".repeat(8_192)));
      parts.add(Arguments.of(tls, "body without length", HEAD + "\r\n", " ".repeat(8_192)));
    }
    return parts.stream();
  }

  @ParameterizedTest(name = "{1}, TLS {0}")
  @MethodSource("parts")
  void everyPartOfAReply_isBounded(boolean tls, String part, String first, String again)
      throws Exception {
    ServerSocketFactory sockets = tls
        ? Certificates.good().sslContext().getServerSocketFactory()
        : ServerSocketFactory.getDefault();
    byte[] flood = again.getBytes(ISO_8859_1);
    try (RawServer server = new RawServer(sockets, exchange -> {
      exchange.readRequest();
      exchange.write(first);
      exchange.flood(flood);
    })) {
      assertBounded(server, tls, Proxy.NO_PROXY, LIMIT_BYTES);
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  void everyPartOfAProxysReply_isBounded(boolean tls, String part, String first, String again)
      throws Exception {
    if (tls) {
      return; // what the proxy says is said before TLS
    }
    byte[] flood = again.getBytes(ISO_8859_1);
    try (RawServer proxy = new RawServer(ServerSocketFactory.getDefault(), exchange -> {
      exchange.readRequest();
      exchange.write(first);
      exchange.flood(flood);
    })) {
      assertBounded(
          proxy,
          true,
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.port())),
          LIMIT_BYTES);
    }
  }

  /** HTTP/2: frames that are sent again and again after the request has begun. */
  static Stream<Arguments> frames() {
    byte[] ok = {(byte) 0x88}; // :status 200
    byte[] hints = {0x08, 0x03, '1', '0', '3'}; // :status 103
    byte[] nothing = {0, 0, 0}; // a header without name and value
    byte[] large = concat(new byte[] {0, 1, 'a', 0x7f, (byte) 0x81, 0x7e}, new byte[16_128]);
    return Stream.of(
        Arguments.of("empty headers", frame(1, 0, 1, ok), frame(9, 0, 1, repeat(nothing, 2_000))),
        Arguments.of("large headers", frame(1, 0, 1, ok), frame(9, 0, 1, large)),
        Arguments.of("empty continuations", frame(1, 0, 1, ok), frame(9, 0, 1, new byte[0])),
        Arguments.of("informational replies", new byte[0], frame(1, 4, 1, hints)),
        Arguments.of("body", frame(1, 4, 1, ok), frame(0, 0, 1, new byte[16_000])),
        Arguments.of(
            "empty headers in trailers",
            concat(frame(1, 4, 1, ok), frame(0, 0, 1, "{}".getBytes(ISO_8859_1))),
            concat(frame(1, 0, 1, nothing), frame(9, 4, 1, repeat(nothing, 2_000)))),
        Arguments.of(
            "empty headers in one block of trailers",
            concat(frame(1, 4, 1, ok), frame(1, 0, 1, nothing)),
            frame(9, 0, 1, repeat(nothing, 2_000))),
        Arguments.of("empty data", frame(1, 4, 1, ok), frame(0, 0, 1, new byte[0])),
        Arguments.of("pings", new byte[0], frame(6, 0, 0, new byte[8])),
        Arguments.of("settings", new byte[0], frame(4, 0, 0, new byte[0])),
        Arguments.of("unknown frames", new byte[0], frame(0x77, 0, 1, new byte[16_000])),
        Arguments.of("promises", new byte[0], frame(5, 4, 1, concat(new byte[] {0, 0, 0, 2}, ok))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void everyKindOfFrame_isBounded(String kind, byte[] first, byte[] again) throws Exception {
    byte[] flood = repeat(again, Math.max(1, 8_192 / again.length));
    ServerSocketFactory sockets = Certificates.good().sslContext().getServerSocketFactory();
    try (RawServer server = new RawServer(sockets, exchange -> {
      SSLSocket socket = (SSLSocket) exchange.socket;
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      exchange.write(new String(frame(4, 0, 0, new byte[0]), ISO_8859_1));
      awaitHeaders(socket.getInputStream());
      exchange.write(new String(first, ISO_8859_1));
      exchange.flood(flood);
    })) {
      assertBounded(server, true, Proxy.NO_PROXY, LIMIT_BYTES);
    }
  }

  private static void assertBounded(RawServer server, boolean tls, Proxy proxy, long limitBytes) {
    Endpoint endpoint = Endpoint.of(
        (tls ? "https" : "http") + "://127.0.0.1:" + server.port(), false, "The endpoint");
    OkHttpTransport transport = new OkHttpTransport(
        endpoint,
        HttpLimits.CONNECT_TIMEOUT,
        Tls.standard().trusting(Certificates.trustStore()),
        proxy);
    Transport.Request request = new Transport.Request(
        endpoint.resolve("x"),
        "application/json",
        "{}".getBytes(ISO_8859_1),
        "token",
        java.util.Map.of(),
        HttpLimits.ANSWER_BYTES,
        true);
    Throwable failure;
    long growth;
    try (LiveHeap heap = new LiveHeap()) {
      failure = catchThrowable(
          () -> transport.send(request, Deadline.after(HttpLimits.CALL_TIMEOUT, System::nanoTime)));
      growth = heap.growth();
    }
    transport.close();

    assertThat(failure).isInstanceOf(NoReplyException.class);
    assertThat(server.flooded()).as("bytes that were taken").isLessThan(LIMIT_BYTES);
    assertThat(growth).as("growth of the heap").isLessThan(limitBytes);
  }

  /** Collects garbage again and again, and remembers how much was left at most. */
  private static final class LiveHeap implements AutoCloseable {
    private final Thread sampler = new Thread(this::sample, "live heap");
    private final long before = used();
    private volatile boolean closed;
    private volatile long most;

    LiveHeap() {
      sampler.start();
    }

    long growth() {
      return most - before;
    }

    @Override
    public void close() {
      closed = true;
      try {
        sampler.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void sample() {
      while (!closed) {
        most = Math.max(most, used());
        LockSupport.parkNanos(20_000_000);
      }
    }

    private static long used() {
      System.gc();
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
  }

  /** Reads frames until a request begins. */
  private static void awaitHeaders(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    in.readNBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
    int type;
    do {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      type = in.readUnsignedByte();
      in.readUnsignedByte();
      in.readInt();
      in.readNBytes(length);
    } while (type != 1);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    byte[] head = {
      (byte) (payload.length >> 16),
      (byte) (payload.length >> 8),
      (byte) payload.length,
      (byte) type,
      (byte) flags,
      0,
      0,
      0,
      (byte) stream
    };
    return concat(head, payload);
  }

  private static byte[] repeat(byte[] bytes, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }
}
