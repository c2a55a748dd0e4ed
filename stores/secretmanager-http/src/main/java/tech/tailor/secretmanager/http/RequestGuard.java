package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sees each request right before it is sent. Adds the token where the request goes to the endpoint,
 * and lets it go nowhere else; meters the exchange; and keeps from OkHttp what it would act on in
 * the answer.
 */
record RequestGuard(Endpoint endpoint, MeteredSockets sockets) implements Interceptor {

  /** The name under which OkHttp, which acts on {@code Retry-After}, doesn't find it. */
  static final String RETRY_AFTER = "X-Retry-After";

  /** How long the thread that reads an HTTP/2 connection has to notice its end. */
  private static final long LOOK_NANOS = 1_000_000;

  /** The guard did not let a request go to another server than the endpoint. */
  static final class ElsewhereException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A proxy asks for a login. */
  static final class ProxyLoginException extends IOException {
    private static final long serialVersionUID = 1L;
    static final int STATUS = 407;
  }

  /** Marks a request that must not be processed twice. */
  private enum SentOnce {
    YES
  }

  /** Keeps a token out of the request until it is known where it goes. */
  private record Token(String text) {
    @Override
    public String toString() {
      return "Token[redacted]";
    }
  }

  /** Adds to a request what the guard needs to know of it. */
  static void tag(
      Request.Builder request, Exchange exchange, @Nullable String token, boolean repeatable) {
    request.tag(Exchange.class, exchange);
    if (token != null) {
      request.tag(Token.class, new Token(token));
    }
    if (!repeatable) {
      request.tag(SentOnce.class, SentOnce.YES);
    }
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    Token token = request.tag(Token.class);
    Request toSend = token == null ? request : with(token, request);
    Exchange exchange = requireNonNull(request.tag(Exchange.class));
    Connection connection = requireNonNull(chain.connection());
    Meter meter = sockets.meterOf(connection.socket());
    if (meter == null || isStale(request, connection, meter)) {
      exchange.foundClosed();
      throw new IOException("the server has closed the connection");
    }
    exchange.begin(meter, connection.protocol() == Protocol.HTTP_2);
    Response response;
    try {
      response = chain.proceed(toSend);
    } catch (IOException | RuntimeException | Error e) {
      exchange.failed();
      throw e;
    }
    exchange.replied();
    if (response.code() == ProxyLoginException.STATUS
        && connection.route().proxy().type() == Proxy.Type.HTTP) {
      response.close();
      throw new ProxyLoginException();
    }
    return hideRetryAfter(response);
  }

  private Request with(Token token, Request request) throws IOException {
    HttpUrl url = request.url();
    if (!endpoint.isAt(url.scheme(), url.host(), url.port())) {
      throw new ElsewhereException();
    }
    return request
        .newBuilder()
        .header("Authorization", "Bearer " + token.text())
        .build();
  }

  /**
   * Whether a pooled connection is no good for a request that must not be sent twice, because the
   * server has closed it; OkHttp itself looks only after 10 seconds without work. On an HTTP/1.1
   * connection nothing may arrive between two exchanges, so that whatever can be read ends it. An
   * HTTP/2 connection is always being read.
   */
  private static boolean isStale(Request request, Connection connection, Meter meter)
      throws IOException {
    if (!meter.hasServed() || request.tag(SentOnce.class) == null) {
      return false;
    }
    if (connection.protocol() == Protocol.HTTP_2) {
      try {
        return meter.endsWithin(LOOK_NANOS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
    Socket socket = connection.socket();
    int timeoutMillis = socket.getSoTimeout();
    try {
      socket.setSoTimeout(1);
      socket.getInputStream().read();
    } catch (SocketTimeoutException e) {
      socket.setSoTimeout(timeoutMillis);
      return false; // silent, as it should be
    } catch (IOException e) {
      // Reset: closed, as after the end.
    }
    socket.close();
    return true;
  }

  private static Response hideRetryAfter(Response response) {
    String retryAfter = response.header("Retry-After");
    if (retryAfter == null && response.header(RETRY_AFTER) == null) {
      return response;
    }
    Response.Builder hidden =
        response.newBuilder().removeHeader(RETRY_AFTER).removeHeader("Retry-After");
    return retryAfter == null
        ? hidden.build()
        : hidden.header(RETRY_AFTER, retryAfter).build();
  }
}
