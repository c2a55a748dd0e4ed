package tech.tailor.secretmanager.http;

import static tech.tailor.secretmanager.SecretSupport.oneLine;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.Route;
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

  /** How OkHttp says that a proxy refused a tunnel. */
  private static final Pattern CONNECT_REFUSED =
      Pattern.compile("Unexpected response code for CONNECT: ([0-9]{3})");

  /** For plain HTTP; {@link #secured} shares its connections and limits. */
  private final OkHttpClient client;

  private final Tls tls;
  private @Nullable OkHttpClient secured;
  private final MeteredSockets sockets;
  private final Proxy proxy;

  /** Those of methods, parsed once. Others are not kept: a server may name ever new ones. */
  private final Map<String, HttpUrl> urls = new ConcurrentHashMap<>();

  private final Map<String, MediaType> types = new ConcurrentHashMap<>();
  private final Semaphore inFlight = new Semaphore(HttpLimits.IN_FLIGHT, true);

  private volatile boolean closed;

  OkHttpTransport(Endpoint endpoint, Duration connectTimeout, Tls tls, Proxy proxy) {
    this(endpoint, connectTimeout, tls, proxy, Dns.SYSTEM);
  }

  /** For tests: with a resolver of their own. */
  OkHttpTransport(Endpoint endpoint, Duration connectTimeout, Tls tls, Proxy proxy, Dns resolver) {
    boolean socks = proxy.type() == Proxy.Type.SOCKS;
    this.sockets = new MeteredSockets(socks ? proxy : Proxy.NO_PROXY);
    this.proxy = proxy;
    OkHttpClient.Builder builder = new OkHttpClient.Builder()
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        .proxy(socks ? Proxy.NO_PROXY : proxy) // a SOCKS proxy is the sockets' affair
        .proxyAuthenticator(OkHttpTransport::refuseToLogIn)
        .dns(new BoundedDns(socks ? OkHttpTransport::leaveToProxy : resolver, connectTimeout))
        .connectionPool(new ConnectionPool(
            HttpLimits.IN_FLIGHT, HttpLimits.IDLE_CONNECTION.toNanos(), TimeUnit.NANOSECONDS))
        .socketFactory(sockets)
        .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
        .connectTimeout(connectTimeout)
        .readTimeout(HttpLimits.SILENCE_TIMEOUT)
        .writeTimeout(HttpLimits.SILENCE_TIMEOUT)
        .addNetworkInterceptor(new RequestGuard(endpoint, sockets));
    this.client = builder.build();
    this.tls = tls;
    if (HttpUrl.get(endpoint.resolve("/")).isHttps()) {
      secured(); // so that settings that can't work are told now
    }
  }

  /** Made when it is first needed: the system's trust store takes a tenth of a second to read. */
  private synchronized OkHttpClient secured() {
    if (secured == null) {
      OkHttpClient.Builder builder = client
          .newBuilder()
          .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS, ConnectionSpec.CLEARTEXT));
      tls.applyTo(builder::sslSocketFactory);
      secured = builder.build();
    }
    return secured;
  }

  /**
   * Sends a request, again for as long as it only meets pooled connections that the server has
   * closed: at most once for each.
   */
  @Override
  public Reply send(Request request, Deadline deadline) throws NoReplyException {
    acquire(deadline);
    BoundedDns.callBegins(deadline);
    try {
      for (int pooled = HttpLimits.IN_FLIGHT; ; pooled--) {
        Exchange exchange = new Exchange();
        try (exchange) {
          return sendOnce(request, exchange, deadline);
        } catch (NoReplyException e) {
          boolean stale = exchange.failedOnReused();
          if (stale) { // and so are those that have been idle for as long
            client.connectionPool().evictAll();
          }
          boolean harmless = request.repeatable() || !e.sent();
          if (!stale || !harmless || e.reason() != Reason.UNREACHABLE || pooled == 0) {
            throw e;
          }
        }
      }
    } finally {
      BoundedDns.callEnds();
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

  /** For tests. */
  int openSockets() {
    return sockets.connected();
  }

  private Reply sendOnce(Request request, Exchange exchange, Deadline deadline)
      throws NoReplyException {
    if (closed) {
      throw new NoReplyException(Reason.CLOSED, false, "closed");
    }
    try {
      okhttp3.Request sent = okHttpRequest(request, exchange);
      Call call = (sent.url().isHttps() ? secured() : client).newCall(sent);
      call.timeout().timeout(Math.max(1, deadline.leftNanos()), TimeUnit.NANOSECONDS);
      try (Response response = call.execute()) {
        return reply(call, response, request.limitBytes(), exchange);
      }
    } catch (IOException e) {
      throw noReply(e, exchange, deadline);
    } catch (RuntimeException e) { // OkHttp's own mistakes; its messages can quote headers
      throw new NoReplyException(
          Reason.INVALID, exchange.mayBeProcessed(e), e.getClass().getSimpleName());
    } catch (OutOfMemoryError e) { // so Java also says that the system gives OkHttp no thread
      throw new NoReplyException(
          Reason.UNREACHABLE, exchange.mayBeProcessed(e), "no memory, or no further thread");
    }
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

  private okhttp3.Request okHttpRequest(Request request, Exchange exchange) {
    String token = request.token();
    HttpUrl url = token == null
        ? HttpUrl.get(request.url())
        : urls.computeIfAbsent(request.url(), HttpUrl::get);
    okhttp3.Request.Builder builder = new okhttp3.Request.Builder()
        .url(url)
        .header("Accept-Encoding", "identity"); // nothing to inflate, so no bomb
    request.headers().forEach(builder::header);
    RequestGuard.tag(builder, exchange, token, request.repeatable());
    byte[] body = request.body();
    if (body != null) {
      builder.post(
          new OneShotBody(body, types.computeIfAbsent(request.contentType(), MediaType::get)));
    }
    return builder.build();
  }

  private static Reply reply(Call call, Response response, int limitBytes, Exchange exchange)
      throws IOException, NoReplyException {
    if (response.headers().byteCount() > HttpLimits.HEADER_BYTES) {
      call.cancel();
      throw new NoReplyException(
          Reason.INVALID, true, "headers of more than " + HttpLimits.HEADER_BYTES + " bytes");
    }
    String encoding = response.header("Content-Encoding", "identity");
    boolean ok = response.code() == 200;
    int limit = ok ? limitBytes : HttpLimits.ERROR_BYTES;
    byte[] body =
        "identity".equalsIgnoreCase(encoding) ? body(response.body(), limit, exchange) : null;
    if (body == null) {
      call.cancel(); // so that closing doesn't wait for the rest
      if (ok) {
        throw new NoReplyException(
            Reason.INVALID, true, "a body that is encoded, or of more than " + limit + " bytes");
      }
      body = new byte[0];
    }
    return new Reply(
        response.code(), contentType(response), response.header(RequestGuard.RETRY_AFTER), body);
  }

  /** The whole body, or null if it is over the limit. */
  private static byte @Nullable [] body(ResponseBody body, int limit, Exchange exchange)
      throws IOException {
    Buffer whole = new Buffer();
    try {
      while (whole.size() <= limit) {
        long count = body.source().read(whole, 8192);
        if (count == -1) {
          return whole.readByteArray();
        }
        exchange.consumed(count);
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

  private NoReplyException noReply(IOException e, Exchange exchange, Deadline deadline) {
    boolean sent = exchange.mayBeProcessed(e);
    String what = e.getClass().getSimpleName();
    if (exchange.isExceeded() || isAbout(e, Meter.ExceededException.class)) {
      return new NoReplyException(
          Reason.INVALID, sent, "more than " + HttpLimits.AHEAD_BYTES + " bytes around its body");
    }
    if (e instanceof RequestGuard.ElsewhereException) {
      return new NoReplyException(Reason.ELSEWHERE, false, what);
    }
    int refused = refusedByProxy(e);
    if (refused != 0) {
      Reason reason = refused >= 500 ? Reason.UNREACHABLE : Reason.PROXY;
      return new NoReplyException(reason, false, proxyText() + " answered HTTP " + refused);
    }
    if (Thread.currentThread().isInterrupted()) {
      return new NoReplyException(Reason.INTERRUPTED, sent, what);
    }
    if (isAbout(e, SSLPeerUnverifiedException.class) || isAbout(e, CertificateException.class)) {
      return new NoReplyException(Reason.IDENTITY, sent, what);
    }
    if (isAbout(e, SocketTimeoutException.class)
        || isAbout(e, BoundedDns.TimedOutException.class)
        || e instanceof InterruptedIOException
        || deadline.isOver()) {
      return new NoReplyException(Reason.TIMEOUT, sent, what);
    }
    if (e instanceof ProtocolException) {
      return new NoReplyException(Reason.INVALID, sent, what);
    }
    boolean direct = proxy.type() == Proxy.Type.DIRECT;
    return new NoReplyException(
        Reason.UNREACHABLE, sent, direct ? what : what + ", through " + proxyText());
  }

  /** The status by which the proxy refused the connection; 0 if it did not. */
  private static int refusedByProxy(IOException e) {
    if (isAbout(e, RequestGuard.ProxyLoginException.class)) {
      return RequestGuard.ProxyLoginException.STATUS;
    }
    Matcher refused = CONNECT_REFUSED.matcher(String.valueOf(e.getMessage()));
    return refused.matches() ? Integer.parseInt(refused.group(1)) : 0;
  }

  private String proxyText() {
    return proxy.address() instanceof InetSocketAddress at
        ? "the proxy " + oneLine(at.getHostString()) + ":" + at.getPort()
        : "the proxy";
  }

  /** OkHttp first asks for what it could send unasked: nothing. */
  private static okhttp3.@Nullable Request refuseToLogIn(@Nullable Route route, Response response)
      throws IOException {
    boolean unasked = response.challenges().stream()
        .anyMatch(challenge -> challenge.scheme().equalsIgnoreCase("OkHttp-Preemptive"));
    if (unasked) {
      return null;
    }
    throw new RequestGuard.ProxyLoginException();
  }

  /** An address that only carries the name: a SOCKS proxy resolves it. */
  private static List<InetAddress> leaveToProxy(String name) throws UnknownHostException {
    return List.of(InetAddress.getByAddress(name, new byte[4]));
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
}
