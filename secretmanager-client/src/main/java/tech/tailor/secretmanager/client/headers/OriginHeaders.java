package tech.tailor.secretmanager.client.headers;

import static java.lang.System.Logger.Level.DEBUG;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTemplate;
import tech.tailor.secretmanager.SecretValue;

/**
 * Request headers that contain secrets, for one origin, and the rule for when they are sent. It
 * knows no HTTP client: an adapter asks it before each request, and after each answer.
 *
 * <pre>{@code
 * HttpRequest.Builder request = HttpRequest.newBuilder(uri);
 * HttpResponse<String> response;
 * try (OriginHeaders.Call call = headers.begin()) {
 *   do {
 *     call.headersFor(uri.getScheme(), uri.getHost(), uri.getPort(), false)
 *         .forEach(request::setHeader);
 *     response = client.send(request.build(), BodyHandlers.ofString());
 *   } while (call.renewAfter(response.statusCode()));
 * }
 * }</pre>
 *
 * <p><b>The rule:</b>
 *
 * <ul>
 *   <li>A header goes to the scheme, host and port of its origin, and nowhere else: not to where a
 *       redirect leads, and not back to the origin after one led away from it; without TLS not to a
 *       proxy either.
 *   <li>If the answer is 401, the secrets are {@linkplain SecretManager#refresh refreshed} once,
 *       and the call is repeated once if that gave other values. A value that was refused is not
 *       sent twice.
 * </ul>
 *
 * <p>An adapter must ask for each request, also for those that follow a redirect, or follow none.
 * It should show the headers to nobody: neither in what an application gets to see of a request,
 * nor in a log.
 *
 * <p>Immutable and thread-safe. The manager must stay open as long as this is used.
 */
public final class OriginHeaders {

  private static final System.Logger LOGGER = System.getLogger(OriginHeaders.class.getName());
  private static final int UNAUTHORIZED = 401;

  private final SecretManager secretManager;
  private final Origin origin;
  private final Set<String> names;
  private final SecretTemplate<Map<String, @Nullable Object>> headers;

  private OriginHeaders(
      SecretManager secretManager,
      Origin origin,
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
   *     an object that is one, such as <code>{"vault": …, "key": …}</code>
   * @throws IllegalArgumentException if the origin is invalid, a name or a text can't be a header,
   *     or a header refers to no secret
   */
  public static OriginHeaders of(
      SecretManager secretManager, String origin, Map<String, ?> headers) {
    requireNonNull(secretManager, "secretManager");
    Origin parsed = Origin.parse(requireNonNull(origin, "origin"));
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
    return new OriginHeaders(
        secretManager, parsed, Collections.unmodifiableSet(names), SecretTemplate.in(headers));
  }

  /**
   * Returns whether a server is the origin. A call that begins at another one is sent as it is.
   *
   * @param host a name, or an address with or without brackets
   * @param port -1 stands for the scheme's own
   */
  public boolean isOrigin(String scheme, String host, int port) {
    return origin.isAt(requireNonNull(scheme, "scheme"), requireNonNull(host, "host"), port);
  }

  /**
   * Begins a call to the origin, and reads the secrets.
   *
   * @throws IOException if the headers can't be had. Its cause is the
   *     {@link SecretManagerException}, where there is one
   */
  public Call begin() throws IOException {
    return new Call(values());
  }

  /** Returns the origin, the names of the headers and their secrets' addresses. */
  @Override
  public String toString() {
    return "OriginHeaders[" + origin + ", " + names + ", " + headers + "]";
  }

  /**
   * Returns the values to try after these were refused, or null if there are no others, or none to
   * be had: then the refusal is the answer.
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
          () -> "After a 401 of " + origin + " the secrets " + headers.refs()
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
          "The headers " + names + " for " + origin + " can't be had: " + e.getMessage(), e);
    }
    for (Map.Entry<String, String> header : values.entrySet()) {
      if (!isHeaderText(header.getValue())) { // an HTTP client would show it in its message
        throw new IOException("The header " + header.getKey() + " for " + origin
            + " can't be sent: a secret of " + headers.refs() + " holds what no header can, such as"
            + " a line feed at its end");
      }
    }
    return Collections.unmodifiableMap(values);
  }

  private static void requireHeader(String name, @Nullable Object value) {
    requireNonNull(name, "a header's name");
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
      throw new IllegalArgumentException(
          "A header's name must be of 1 to 100 letters, digits and hyphens");
    }
    if (name.toLowerCase(Locale.ROOT).startsWith("proxy-")) {
      throw new IllegalArgumentException("The header " + name + " is for a proxy, and a secret"
          + " header goes to its origin alone; give the proxy's login to the HTTP client");
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

  /**
   * One call of an application to the origin, with its redirects and, if need be, its repetition.
   * Closing it wipes the values. For one thread at a time.
   */
  public final class Call implements AutoCloseable {

    /** Null once the call is closed. */
    private @Nullable Map<String, SecretValue> values;

    private boolean hasLeft;
    private boolean lastSent;
    private boolean isRenewed;

    private Call(Map<String, String> values) {
      this.values = held(values);
    }

    private static Map<String, SecretValue> held(Map<String, String> values) {
      Map<String, SecretValue> held = new LinkedHashMap<>();
      values.forEach((name, value) -> held.put(name, SecretValue.of(value)));
      return held;
    }

    private static Map<String, String> revealed(Map<String, SecretValue> values) {
      Map<String, String> revealed = new LinkedHashMap<>();
      values.forEach((name, value) -> revealed.put(name, value.revealString()));
      return Collections.unmodifiableMap(revealed);
    }

    /**
     * Returns the headers of the next request of this call, each in place of one of that name. None
     * go to another server, and none to the origin once the call was at another: a server that
     * redirects away could redirect back.
     *
     * @param host a name, or an address with or without brackets
     * @param port -1 stands for the scheme's own
     * @param viaProxy whether the request goes through a proxy
     * @throws IOException if a proxy would see the headers without TLS
     */
    public Map<String, String> headersFor(String scheme, String host, int port, boolean viaProxy)
        throws IOException {
      hasLeft |= !isOrigin(scheme, host, port);
      Map<String, SecretValue> current = hasLeft ? null : values;
      lastSent = current != null;
      if (current == null) {
        return Map.of();
      }
      if (viaProxy && !origin.isSecure()) {
        throw new IOException("The headers " + names + " are not sent to " + origin
            + " through a proxy, which would see them without TLS; set no proxy for this client");
      }
      return revealed(current);
    }

    /**
     * Returns whether the call is to be repeated from its beginning, with other values than before:
     * they were refused, and there are new ones. True at most once. Don't ask if the request can't
     * be sent again: it may call the backend.
     *
     * @param status that of the answer to the last request
     */
    public boolean renewAfter(int status) {
      Map<String, SecretValue> refused = values;
      if (status != UNAUTHORIZED || !lastSent || isRenewed || refused == null) {
        return false;
      }
      Map<String, String> other = renewed(revealed(refused));
      if (other == null) {
        return false;
      }
      close();
      values = held(other);
      isRenewed = true;
      return true;
    }

    /**
     * Wipes the values that the call holds. No header is sent from now on. The texts that were
     * handed out stay in memory until they are collected.
     */
    @Override
    public void close() {
      Map<String, SecretValue> held = values;
      values = null;
      if (held != null) {
        held.values().forEach(SecretValue::close);
      }
    }

    @Override
    public String toString() {
      return "OriginHeaders.Call[redacted]";
    }
  }
}
