package tech.tailor.secretmanager.http;

import static java.lang.System.Logger.Level.DEBUG;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.Proxy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
 * <p><b>Guarantees.</b>
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

  private static final System.Logger LOGGER = System.getLogger(SecretHeaders.class.getName());
  private static final int UNAUTHORIZED = 401;

  private final SecretManager secretManager;
  private final HttpUrl origin;
  private final Set<String> names;
  private final SecretTemplate<Map<String, @Nullable Object>> headers;

  private SecretHeaders(
      SecretManager secretManager,
      HttpUrl origin,
      Set<String> names,
      SecretTemplate<Map<String, @Nullable Object>> headers) {
    this.secretManager = secretManager;
    this.origin = origin;
    this.names = names;
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
    requireNonNull(secretManager, "secretManager");
    HttpUrl url = origin(requireNonNull(origin, "origin"));
    requireNonNull(headers, "headers");
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, value) -> {
      requireHeader(name, value);
      if (!names.add(name)) {
        throw new IllegalArgumentException("The header " + name + " is given twice");
      }
    });
    if (names.isEmpty()) {
      throw new IllegalArgumentException("No header is given");
    }
    return new SecretHeaders(
        secretManager, url, Collections.unmodifiableSet(names), SecretTemplate.in(headers));
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
    return "SecretHeaders[" + text(origin) + ", " + names + ", " + headers + "]";
  }

  /** One call of the application, with its redirects and, if need be, its repetition. */
  private Response call(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    if (!isOrigin(request.url())) {
      return chain.proceed(request);
    }
    Map<String, String> values = values();
    Attempt attempt = new Attempt(this, request.tag(Attempt.class), values);
    Response response = attempt.proceed(chain, request);
    if (response.code() != UNAUTHORIZED || !attempt.lastSent || !canBeRepeated(request.body())) {
      return response;
    }
    Map<String, String> renewed = null;
    boolean renewing = true;
    try {
      renewed = renewed(values);
      renewing = false;
    } finally {
      if (renewing || renewed != null) {
        response.close();
      }
    }
    if (renewed == null) {
      return response;
    }
    return new Attempt(this, request.tag(Attempt.class), renewed).proceed(chain, request);
  }

  /** One request on its way to one server. */
  private Response send(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    Attempt attempt = Attempt.of(this, request.tag(Attempt.class));
    Map<String, String> values =
        attempt == null ? null : attempt.valuesFor(isOrigin(request.url()));
    if (values == null) {
      return chain.proceed(request);
    }
    requireNoProxyInClear(chain.connection());
    Request.Builder complete = request.newBuilder();
    values.forEach(complete::header);
    // The answer refers to its request: to the one without the headers.
    return chain.proceed(complete.build()).newBuilder().request(request).build();
  }

  /**
   * The values to try after these were refused, or null if there are no others, or none to be had:
   * then the refusal is the answer.
   */
  private @Nullable Map<String, String> renewed(Map<String, String> refused) {
    try {
      Map<String, String> current = values();
      if (current.equals(refused)) { // else another call was refused before, and has refreshed them
        headers.refs().forEach(secretManager::refresh);
        current = values();
      }
      return current.equals(refused) ? null : current;
    } catch (IOException | SecretManagerException | IllegalStateException e) {
      LOGGER.log(
          DEBUG,
          () -> "After a 401 of " + text(origin) + " the secrets " + headers.refs()
              + " could not be read again: " + e.getMessage());
      return null;
    }
  }

  private Map<String, String> values() throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    try {
      headers.reveal(secretManager).forEach((name, value) -> values.put(name, (String) value));
    } catch (SecretManagerException | IllegalStateException e) {
      throw new IOException(
          "The headers " + names + " for " + text(origin) + " can't be had: " + e.getMessage(), e);
    }
    for (Map.Entry<String, String> header : values.entrySet()) {
      if (!isHeaderText(header.getValue())) { // OkHttp would show it in its message
        throw new IOException("The header " + header.getKey() + " for " + text(origin)
            + " can't be sent: a secret of " + headers.refs() + " holds what no header can, such as"
            + " a line feed at its end");
      }
    }
    return values;
  }

  private boolean isOrigin(HttpUrl url) {
    return url.scheme().equals(origin.scheme())
        && url.host().equals(origin.host())
        && url.port() == origin.port();
  }

  /** Without TLS a proxy, which needn't be on this machine, would be given the secrets. */
  private void requireNoProxyInClear(@Nullable Connection connection) throws IOException {
    boolean direct = connection != null && connection.route().proxy().type() == Proxy.Type.DIRECT;
    if (!origin.isHttps() && !direct) {
      throw new IOException("The headers " + names + " are not sent to " + text(origin)
          + " through a proxy, which would see them without TLS; set Proxy.NO_PROXY for this"
          + " client");
    }
  }

  private static boolean canBeRepeated(@Nullable RequestBody body) {
    return body == null || !(body.isOneShot() || body.isDuplex());
  }

  private static HttpUrl origin(String text) {
    HttpUrl url = HttpUrl.parse(text);
    if (url == null
        || !url.username().isEmpty()
        || !url.password().isEmpty()
        || !url.encodedPath().equals("/")
        || url.query() != null
        || url.fragment() != null) {
      throw new IllegalArgumentException("The origin must be a scheme, a host and perhaps a port,"
          + " such as https://hooks.example.com, and nothing else");
    }
    String host = url.host();
    if (!url.isHttps() && !Endpoint.isLoopback(host)) {
      throw new IllegalArgumentException("The origin must begin with https://: without TLS the"
          + " secrets could be read on the way. Plain http is for this machine (localhost,"
          + " 127.0.0.1)");
    }
    return url;
  }

  private static void requireHeader(String name, @Nullable Object value) {
    requireNonNull(name, "a header's name");
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
      throw new IllegalArgumentException(
          "A header's name must be of 1 to 100 letters, digits and hyphens");
    }
    boolean refers = value instanceof String text
        ? !SecretTemplate.in(text).refs().isEmpty()
        : value != null && SecretTemplate.whole(value).isPresent();
    if (!refers) {
      throw new IllegalArgumentException(
          "The header " + name + " refers to no secret; a reference is"
              + " ${secret@VAULT/NAME}, or an object with \"vault\" and \"key\"");
    }
    if (value instanceof String text && !isHeaderText(text)) {
      throw new IllegalArgumentException("The header " + name
          + " holds what no header can; it must be of visible ASCII characters");
    }
  }

  private static boolean isHeaderText(String text) {
    return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'));
  }

  private static String text(HttpUrl origin) {
    String text = origin.toString();
    return text.substring(0, text.length() - 1); // without the path
  }

  /**
   * What one attempt at a call sends, where its requests can find it. It forgets the values when
   * the attempt is over, since OkHttp keeps the requests with the answer. Used by the call's thread
   * alone.
   */
  private static final class Attempt {

    private final SecretHeaders owner;
    private final @Nullable Attempt other;
    private @Nullable Map<String, String> values;
    private boolean lastSent;

    /**
     * An attempt.
     *
     * @param other that of other headers of the same origin
     */
    Attempt(SecretHeaders owner, @Nullable Attempt other, Map<String, String> values) {
      this.owner = owner;
      this.other = other;
      this.values = values;
    }

    static @Nullable Attempt of(SecretHeaders owner, @Nullable Attempt first) {
      Attempt attempt = first;
      while (attempt != null && attempt.owner != owner) {
        attempt = attempt.other;
      }
      return attempt;
    }

    Response proceed(Interceptor.Chain chain, Request request) throws IOException {
      try {
        return chain.proceed(request.newBuilder().tag(Attempt.class, this).build());
      } finally {
        values = null;
      }
    }

    /**
     * Null once a redirect has left the origin: a server that redirects away could redirect back.
     */
    @Nullable
    Map<String, String> valuesFor(boolean atOrigin) {
      if (!atOrigin) {
        values = null;
      }
      lastSent = values != null;
      return values;
    }

    @Override
    public String toString() {
      return "Attempt[redacted]";
    }
  }
}
