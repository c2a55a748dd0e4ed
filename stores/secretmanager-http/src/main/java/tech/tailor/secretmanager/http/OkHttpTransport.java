package tech.tailor.secretmanager.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.http.NoReplyException.Reason;

/**
 * The transport, over OkHttp, whose defaults are unsafe for secrets: it follows redirects with the
 * body, sends a request again without being asked, and lets a {@code Retry-After} crash it. All of
 * that is off here.
 */
final class OkHttpTransport implements Transport {

  /** The name under which OkHttp, which acts on {@code Retry-After}, doesn't find it. */
  private static final String RETRY_AFTER = "X-Retry-After";

  private final OkHttpClient client;

  /** Those of methods, parsed once. Others are not kept: a server may name ever new ones. */
  private final Map<String, HttpUrl> urls = new ConcurrentHashMap<>();

  private final Map<String, MediaType> types = new ConcurrentHashMap<>();
  private final Semaphore inFlight = new Semaphore(HttpLimits.IN_FLIGHT, true);

  private volatile boolean closed;

  OkHttpTransport(Endpoint endpoint, Duration connectTimeout, Tls tls, Proxy proxy) {
    OkHttpClient.Builder builder = new OkHttpClient.Builder()
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        .proxy(proxy)
        .connectionPool(new ConnectionPool(
            HttpLimits.IN_FLIGHT, HttpLimits.IDLE_CONNECTION.toNanos(), TimeUnit.NANOSECONDS))
        .socketFactory(new DirectSockets())
        .connectTimeout(connectTimeout)
        .readTimeout(HttpLimits.SILENCE_TIMEOUT)
        .writeTimeout(HttpLimits.SILENCE_TIMEOUT)
        .eventListener(new SentListener())
        .addNetworkInterceptor(new Guard(endpoint));
    tls.applyTo(builder::sslSocketFactory);
    this.client = builder.build();
  }

  @Override
  public Reply send(Request request, Deadline deadline) throws NoReplyException {
    Sent sent = new Sent();
    acquire(deadline);
    try {
      if (closed) {
        throw new NoReplyException(Reason.CLOSED, false, "closed");
      }
      Call call = client.newCall(okHttpRequest(request, sent));
      call.timeout().timeout(Math.max(1, deadline.leftNanos()), TimeUnit.NANOSECONDS);
      try (Response response = call.execute()) {
        return reply(call, response, request.limitBytes());
      }
    } catch (IOException e) {
      throw noReply(e, sent.mayBe, deadline);
    } catch (RuntimeException e) { // OkHttp's own mistakes; its messages can quote headers
      throw new NoReplyException(Reason.INVALID, sent.mayBe, e.getClass().getSimpleName());
    } finally {
      inFlight.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    client.dispatcher().cancelAll();
    client.connectionPool().evictAll();
  }

  /** For tests. */
  int connections() {
    return client.connectionPool().connectionCount();
  }

  /** For tests. */
  int idleConnections() {
    return client.connectionPool().idleConnectionCount();
  }

  private void acquire(Deadline deadline) throws NoReplyException {
    try {
      if (!inFlight.tryAcquire(Math.max(0, deadline.leftNanos()), TimeUnit.NANOSECONDS)) {
        throw new NoReplyException(
            Reason.TIMEOUT, false, HttpLimits.IN_FLIGHT + " requests were under way all the time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoReplyException(Reason.INTERRUPTED, false, "interrupted");
    }
  }

  private okhttp3.Request okHttpRequest(Request request, Sent sent) {
    String token = request.token();
    HttpUrl url = token == null
        ? HttpUrl.get(request.url())
        : urls.computeIfAbsent(request.url(), HttpUrl::get);
    okhttp3.Request.Builder builder = new okhttp3.Request.Builder()
        .url(url)
        .tag(Sent.class, sent)
        .header("Accept-Encoding", "identity"); // nothing to inflate, so no bomb
    request.headers().forEach(builder::header);
    if (token != null) {
      builder.tag(Token.class, new Token(token));
    }
    byte[] body = request.body();
    if (body != null) {
      builder.post(
          new OneShotBody(body, types.computeIfAbsent(request.contentType(), MediaType::get)));
    }
    return builder.build();
  }

  private static Reply reply(Call call, Response response, int limitBytes)
      throws IOException, NoReplyException {
    if (response.headers().byteCount() > HttpLimits.HEADER_BYTES) {
      call.cancel();
      throw new NoReplyException(
          Reason.INVALID, true, "headers of more than " + HttpLimits.HEADER_BYTES + " bytes");
    }
    String encoding = response.header("Content-Encoding", "identity");
    boolean ok = response.code() == 200;
    int limit = ok ? limitBytes : HttpLimits.ERROR_BYTES;
    byte[] body = "identity".equalsIgnoreCase(encoding) ? body(response.body(), limit) : null;
    if (body == null) {
      call.cancel(); // so that closing doesn't wait for the rest
      if (ok) {
        throw new NoReplyException(
            Reason.INVALID, true, "a body that is encoded, or of more than " + limit + " bytes");
      }
      body = new byte[0];
    }
    return new Reply(response.code(), contentType(response), response.header(RETRY_AFTER), body);
  }

  /** The whole body, or null if it is over the limit. */
  private static byte @Nullable [] body(ResponseBody body, int limit) throws IOException {
    Buffer whole = new Buffer();
    try {
      while (whole.size() <= limit) {
        if (body.source().read(whole, 8192) == -1) {
          return whole.readByteArray();
        }
      }
    } catch (ProtocolException e) { // so OkHttp calls an end that comes too early
      throw new EOFException();
    }
    whole.clear();
    return null;
  }

  private static String contentType(Response response) {
    String header = response.header("Content-Type", "");
    String text = header == null ? "" : header;
    int parameters = text.indexOf(';');
    return (parameters < 0 ? text : text.substring(0, parameters)).trim().toLowerCase(Locale.ROOT);
  }

  private static NoReplyException noReply(IOException e, boolean sent, Deadline deadline) {
    String what = e.getClass().getSimpleName();
    if (Thread.currentThread().isInterrupted()) {
      return new NoReplyException(Reason.INTERRUPTED, sent, what);
    }
    if (isAbout(e, SSLPeerUnverifiedException.class) || isAbout(e, CertificateException.class)) {
      return new NoReplyException(Reason.IDENTITY, sent, what);
    }
    if (isAbout(e, SocketTimeoutException.class)
        || e instanceof InterruptedIOException
        || deadline.isOver()) {
      return new NoReplyException(Reason.TIMEOUT, sent, what);
    }
    if (e instanceof ProtocolException) {
      return new NoReplyException(Reason.INVALID, sent, what);
    }
    return new NoReplyException(Reason.UNREACHABLE, sent, what);
  }

  private static boolean isAbout(Throwable e, Class<? extends Throwable> type) {
    int depth = 0;
    for (Throwable at = e; at != null && depth < 10; at = at.getCause(), depth++) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any of a request may have reached the server. */
  private static final class Sent {
    private volatile boolean mayBe;
  }

  /** Keeps a token out of the request until it is known where it goes. */
  private record Token(String text) {
    @Override
    public String toString() {
      return "Token[redacted]";
    }
  }

  /** Notices the moment after which a request can no longer be called unsent. */
  private static final class SentListener extends EventListener {
    @Override
    public void requestHeadersStart(Call call) {
      Sent sent = call.request().tag(Sent.class);
      if (sent != null) {
        sent.mayBe = true;
      }
    }
  }

  /**
   * Adds the token where the request goes to the endpoint, and lets it go nowhere else; and keeps
   * from OkHttp what it would act on in the answer.
   */
  private record Guard(Endpoint endpoint) implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
      okhttp3.Request request = chain.request();
      Token token = request.tag(Token.class);
      return hideRetryAfter(chain.proceed(token == null ? request : with(token, request)));
    }

    private okhttp3.Request with(Token token, okhttp3.Request request) throws IOException {
      HttpUrl url = request.url();
      if (!endpoint.isAt(url.scheme(), url.host(), url.port())) {
        throw new IOException("a token for another server");
      }
      return request
          .newBuilder()
          .header("Authorization", "Bearer " + token.text())
          .build();
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

  /** A body that OkHttp never sends a second time. */
  private static final class OneShotBody extends RequestBody {
    private final byte[] bytes;
    private final MediaType type;

    OneShotBody(byte[] bytes, MediaType type) {
      this.bytes = bytes;
      this.type = type;
    }

    @Override
    public MediaType contentType() {
      return type;
    }

    @Override
    public long contentLength() {
      return bytes.length;
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(bytes);
    }
  }

  /**
   * Sockets that send at once, since with the default HTTP/2 stalls about 40 ms a request; and that
   * no system property sends through a proxy.
   */
  private static final class DirectSockets extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
      Socket socket = new Socket(Proxy.NO_PROXY);
      socket.setTcpNoDelay(true);
      return socket;
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
    public Socket createSocket(
        InetAddress address, int port, InetAddress localAddress, int localPort) throws IOException {
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
}
