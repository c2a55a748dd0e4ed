package tech.tailor.secretmanager.spring;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.InterceptingClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.support.HttpRequestWrapper;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.client.headers.OriginHeaders;

/**
 * Request headers that contain secrets, for a {@code RestClient} (or a {@code RestTemplate}) that
 * calls a third party's server, such as a webhook. The secrets are read for each call, go to one
 * origin only, and are read again when the server refuses them.
 *
 * <pre>{@code
 * RestClient client = builder
 *     .requestFactory(SecretHeadersRequestFactory.of(
 *         secretManager,
 *         "https://hooks.example.com",
 *         Map.of("Authorization", "Bearer ${secret@api-keys/external-api-token}")))
 *     .build();
 * }</pre>
 *
 * <p>It is an interceptor with the client below it, because an interceptor alone could not keep the
 * first of these promises: a client that follows redirects takes the headers along.
 *
 * <ul>
 *   <li>A header goes to the scheme, host and port of its origin, and nowhere else; without TLS not
 *       to a proxy either. A call to another server is left as it is. Redirects are not followed:
 *       the answer is the one with the status 3xx.
 *   <li>If the answer is 401, the secrets are {@linkplain SecretManager#refresh refreshed} once,
 *       and the request is repeated once if that gave other values. Otherwise the 401 is the
 *       answer: a value that was refused is not sent twice. Interceptors of the application see one
 *       call.
 *   <li>The headers are in no request that the application sees, such as in an interceptor, an
 *       observation or a status handler.
 * </ul>
 *
 * <p><b>Errors:</b> a call whose headers can't be had fails with an {@link IOException}, of which
 * Spring makes a {@code ResourceAccessException}, before anything is sent. Its cause is the
 * {@link SecretManagerException}, where there is one.
 *
 * <p><b>Limits:</b> Java's client takes headers as {@code String}s, which can't be wiped. The body
 * of a request is held in memory, so that it can be sent again. Reading a secret that isn't cached
 * holds up the call for at most the manager's {@code fetchTimeout} for each vault.
 *
 * <p>Immutable and thread-safe. The manager must stay open as long as the client is used.
 */
public final class SecretHeadersRequestFactory implements ClientHttpRequestFactory {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final OriginHeaders headers;
  private final HttpClient client;
  private final @Nullable Duration readTimeout;
  private final ClientHttpRequestFactory factory;

  private SecretHeadersRequestFactory(
      OriginHeaders headers, HttpClient client, @Nullable Duration readTimeout) {
    this.headers = headers;
    this.client = client;
    this.readTimeout = readTimeout;
    JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(client);
    if (readTimeout != null) {
      requests.setReadTimeout(readTimeout);
    }
    ClientHttpRequestInterceptor interceptor = this::send;
    this.factory = new InterceptingClientHttpRequestFactory(requests, List.of(interceptor));
  }

  /**
   * Headers for one origin, sent by a client that waits 10 seconds for a connection.
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
  public static SecretHeadersRequestFactory of(
      SecretManager secretManager, String origin, Map<String, ?> headers) {
    return new SecretHeadersRequestFactory(
        OriginHeaders.of(secretManager, origin, headers),
        HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build(),
        null);
  }

  /**
   * Returns one that sends its requests by a client of the application's, as with its own TLS
   * context or proxy.
   *
   * @throws IllegalArgumentException if the client follows redirects, or has an authenticator: it
   *     would answer a refusal itself, and repeat the request with the refused value
   */
  public SecretHeadersRequestFactory withClient(HttpClient client) {
    if (requireNonNull(client, "client").followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("The client follows redirects, and would take the headers"
          + " along to other servers; build it with followRedirects(HttpClient.Redirect.NEVER)");
    }
    if (client.authenticator().isPresent()) {
      throw new IllegalArgumentException("The client has an authenticator, which would answer a 401"
          + " itself, with the value that was refused; build it without one");
    }
    return new SecretHeadersRequestFactory(headers, client, readTimeout);
  }

  /** Returns one that waits this long for an answer at most. Without it, there is no limit. */
  public SecretHeadersRequestFactory withReadTimeout(Duration readTimeout) {
    return new SecretHeadersRequestFactory(
        headers, client, requireNonNull(readTimeout, "readTimeout"));
  }

  @Override
  public ClientHttpRequest createRequest(URI uri, HttpMethod httpMethod) throws IOException {
    return factory.createRequest(
        requireNonNull(uri, "uri"), requireNonNull(httpMethod, "httpMethod"));
  }

  /** Returns the origin, the names of the headers and their secrets' addresses. */
  @Override
  public String toString() {
    return "SecretHeadersRequestFactory[" + headers + "]";
  }

  /** The innermost interceptor of a call: what it executes goes to the server. */
  private ClientHttpResponse send(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    URI uri = request.getURI();
    if (uri.getHost() == null || !headers.isOrigin(uri.getScheme(), uri.getHost(), uri.getPort())) {
      return execution.execute(request, body);
    }
    try (OriginHeaders.Call call = headers.begin()) {
      ClientHttpResponse response = execution.execute(complete(request, call), body);
      if (!isRenewed(call, response)) {
        return response;
      }
      return execution.execute(complete(request, call), body);
    }
  }

  private HttpRequest complete(HttpRequest request, OriginHeaders.Call call) throws IOException {
    URI uri = request.getURI();
    HttpHeaders all = new HttpHeaders();
    request.getHeaders().forEach(all::addAll);
    call.headersFor(uri.getScheme(), uri.getHost(), uri.getPort(), isProxied(uri))
        .forEach(all::set);
    return new HttpRequestWrapper(request) {
      @Override
      public HttpHeaders getHeaders() {
        return all;
      }
    };
  }

  private boolean isProxied(URI uri) {
    ProxySelector selector = client.proxy().orElseGet(ProxySelector::getDefault);
    return selector != null
        && selector.select(uri).stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
  }

  /** Closes the response, unless it is the answer. */
  private static boolean isRenewed(OriginHeaders.Call call, ClientHttpResponse response)
      throws IOException {
    boolean isTheAnswer = false;
    try {
      isTheAnswer = !call.renewAfter(response.getStatusCode().value());
      return !isTheAnswer;
    } finally {
      if (!isTheAnswer) {
        response.close();
      }
    }
  }
}
