package tech.tailor.secretmanager.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * Where a server is: its scheme, host and port, and the path below which its services are. What a
 * token is sent to is this and nothing else.
 */
final class Endpoint {

  private static final Pattern PATH = Pattern.compile("(/+[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*");

  private final String base;
  private final String scheme;
  private final String host;
  private final int port;

  private Endpoint(String base, String scheme, String host, int port) {
    this.base = base;
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  /**
   * Parses and checks an endpoint.
   *
   * @param what names it in a message, such as "The endpoint"
   * @throws IllegalArgumentException if the text is not an endpoint, or has no TLS and that isn't
   *     allowed
   */
  static Endpoint of(String text, boolean plainHttpAllowed, String what) {
    try {
      return of(new URI(text), plainHttpAllowed, what);
    } catch (URISyntaxException e) { // its message quotes what may hold a password
      throw new IllegalArgumentException(
          what + " is no URL; it should look like https://api.tailor.tech");
    }
  }

  static Endpoint of(URI uri, boolean plainHttpAllowed, String what) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new IllegalArgumentException(what + " must begin with https://");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(what
          + " must have neither a user, nor a query, nor a fragment; a token is set on its own");
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty() || uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new IllegalArgumentException(what + " must name a host, and may name a port");
    }
    host = canonical(scheme, host, what);
    if (scheme.equals("http") && !plainHttpAllowed && !isLoopback(host)) {
      throw new IllegalArgumentException(what + " must begin with https://: without TLS the token"
          + " could be read on the way. Plain http is for this machine (localhost, 127.0.0.1), or"
          + " must be allowed with allowPlainHttp()");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(what
          + " must have a plain path: letters, digits, \"-\", \"_\", \"~\" and \".\", no segment that"
          + " begins with a dot");
    }
    int port = uri.getPort() != -1 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    String bracketed = host.contains(":") ? "[" + host + "]" : host;
    String authority = uri.getPort() == -1 ? bracketed : bracketed + ":" + port;
    return new Endpoint(scheme + "://" + authority + path, scheme, host, port);
  }

  /** The URL of a path below it. */
  String resolve(String path) {
    return base + "/" + path;
  }

  /** Whether a server is this one, whatever the path; the host as OkHttp gives it. */
  boolean isAt(String otherScheme, String otherHost, int otherPort) {
    return scheme.equals(otherScheme) && host.equals(otherHost) && port == otherPort;
  }

  boolean hasSameOriginAs(Endpoint other) {
    return isAt(other.scheme, other.host, other.port);
  }

  @Override
  public String toString() {
    return base;
  }

  /** Whether a host, in the form that OkHttp gives it, is this machine. */
  static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.equals("::1")
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }

  /**
   * A host in the one form that it has in a request: lower case, an IPv6 address in its shortest
   * form and without brackets.
   */
  private static String canonical(String scheme, String host, String what) {
    HttpUrl url = HttpUrl.parse(scheme + "://" + host + "/");
    if (url == null) {
      throw new IllegalArgumentException(what
          + " must name a host that a request can be sent to: a name, an IPv4 address, or an IPv6"
          + " address without a zone");
    }
    return url.host();
  }
}
