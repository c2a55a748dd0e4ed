package tech.tailor.secretmanager.http;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.Proxy;
import java.util.Map;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.client.headers.OriginHeaders;

/**
 * Request headers that contain secrets, for an {@link OkHttpClient} that calls a third party's
 * server, such as a webhook. The secrets are read for each call, go to one origin only, and are
 * read again when the server refuses them.
 *
 * <pre>{@code
 * SecretHeaders headers = SecretHeaders.of(
 *     secretManager,
 *     "https://hooks.example.com",
 *     Map.of("Authorization", "Bearer ${secret@api-keys/external-api-token}"));
 * OkHttpClient client = headers.addTo(new OkHttpClient.Builder()).build();
 * }</pre>
 *
 * <p><b>Guarantees</b>, of which the first two are the rule of {@link OriginHeaders}:
 *
 * <ul>
 *   <li>A header goes to the scheme, host and port of its origin, and nowhere else: not to where a
 *       redirect leads, and not back to the origin after one led away from it; without TLS not to a
 *       proxy either. A call to another server is left as it is.
 *   <li>If the answer is 401, the secrets are {@linkplain SecretManager#refresh refreshed} once,
 *       and the request is repeated once if that gave other values, and its body can be sent again.
 *       Otherwise the 401 is the answer: a value that was refused is not sent twice.
 *   <li>The headers are in no request that an answer refers to, and in no log of this library.
 * </ul>
 *
 * <p><b>Errors:</b> a call whose headers can't be had fails with an {@link IOException}, before
 * anything is sent. Its cause is the {@link SecretManagerException}, where there is one.
 *
 * <p><b>What stays in memory:</b> OkHttp takes headers as {@code String}s, which can't be wiped,
 * and an HTTP/2 connection remembers those it has sent for as long as it lives. The client's
 * {@link okhttp3.EventListener} sees the headers, and so does what is added to the client after
 * this as a network interceptor: neither should write them to a log.
 *
 * <p><b>Limits:</b> web sockets are opened without the headers, since OkHttp runs no network
 * interceptors for them. Reading a secret that isn't cached holds up the call, beyond OkHttp's own
 * timeouts, for at most the manager's {@code fetchTimeout} for each vault. A server that answers
 * every call with 401 causes a call to the backend each time.
 *
 * <p>Immutable and thread-safe. The manager must stay open as long as the client is used.
 */
public final class SecretHeaders {

  private final OriginHeaders headers;

  private SecretHeaders(OriginHeaders headers) {
    this.headers = headers;
  }

  /**
   * Headers for one origin.
   *
   * @param secretManager reads the secrets; it isn't closed by this
   * @param origin scheme, host and, unless it is the scheme's own, port, such as
   *     {@code https://hooks.example.com}. Without TLS only on this machine
   * @param headers each header by its name: a text with {@linkplain SecretTemplate references}, or
   *     an object that is one, such as <code>{"vault": …, "key": …}</code>. A header of that name
   *     that a request has is replaced
   * @throws IllegalArgumentException if the origin is invalid, a name or a text can't be a header,
   *     or a header refers to no secret
   */
  public static SecretHeaders of(
      SecretManager secretManager, String origin, Map<String, ?> headers) {
    return new SecretHeaders(OriginHeaders.of(secretManager, origin, headers));
  }

  /**
   * Makes the clients that the builder builds send the headers. Several may be added to one client,
   * each with an origin of its own or with other headers.
   *
   * @return the given builder
   */
  public OkHttpClient.Builder addTo(OkHttpClient.Builder client) {
    return requireNonNull(client, "client")
        .addInterceptor(this::call)
        .addNetworkInterceptor(this::send);
  }

  /** Returns the origin, the names of the headers and their secrets' addresses. */
  @Override
  public String toString() {
    return "SecretHeaders[" + headers + "]";
  }

  /** One call of the application, with its redirects and, if need be, its repetition. */
  private Response call(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    HttpUrl url = request.url();
    if (!headers.isOrigin(url.scheme(), url.host(), url.port())) {
      return chain.proceed(request);
    }
    try (OriginHeaders.Call call = headers.begin()) {
      OpenCall open = new OpenCall(this, call, request.tag(OpenCall.class));
      Request marked = request.newBuilder().tag(OpenCall.class, open).build();
      Response response = chain.proceed(marked);
      if (!canBeRepeated(request.body()) || !isRenewed(call, response)) {
        return response;
      }
      return chain.proceed(marked);
    }
  }

  /** Closes the response, unless it is the answer. */
  private static boolean isRenewed(OriginHeaders.Call call, Response response) {
    boolean isTheAnswer = false;
    try {
      isTheAnswer = !call.renewAfter(response.code());
      return !isTheAnswer;
    } finally {
      if (!isTheAnswer) {
        response.close();
      }
    }
  }

  /** One request on its way to one server. */
  private Response send(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    OriginHeaders.Call call = OpenCall.of(this, request.tag(OpenCall.class));
    if (call == null) {
      return chain.proceed(request);
    }
    HttpUrl url = request.url();
    Map<String, String> values =
        call.headersFor(url.scheme(), url.host(), url.port(), isProxied(chain.connection()));
    if (values.isEmpty()) {
      return chain.proceed(request);
    }
    Request.Builder complete = request.newBuilder();
    values.forEach(complete::header);
    // The answer refers to its request: to the one without the headers.
    return chain.proceed(complete.build()).newBuilder().request(request).build();
  }

  private static boolean isProxied(@Nullable Connection connection) {
    return connection == null || connection.route().proxy().type() != Proxy.Type.DIRECT;
  }

  private static boolean canBeRepeated(@Nullable RequestBody body) {
    return body == null || !(body.isOneShot() || body.isDuplex());
  }

  /**
   * A call, where its requests can find it. OkHttp keeps them with the answer, when the call has
   * forgotten its values.
   *
   * @param other that of other headers of the same origin
   */
  private record OpenCall(
      SecretHeaders owner,
      OriginHeaders.Call call,
      @Nullable OpenCall other) {

    static OriginHeaders.@Nullable Call of(SecretHeaders owner, @Nullable OpenCall first) {
      OpenCall open = first;
      while (open != null && open.owner != owner) {
        open = open.other;
      }
      return open == null ? null : open.call;
    }

    @Override
    public String toString() {
      return "OpenCall[redacted]";
    }
  }
}
