package tech.tailor.secretmanager.client.headers;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A scheme, a host and a port, in the one form in which two that are the same are equal. */
final class Origin {

  private static final String HTTPS = "https";
  private static final String THIS_MACHINE_IN_IPV6 = "0:0:0:0:0:0:0:1";

  private final String text;
  private final String scheme;
  private final String host;
  private final int port;

  private Origin(String text, String scheme, String host, int port) {
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  /**
   * Parses an origin.
   *
   * @throws IllegalArgumentException if the text is anything else or more, or has no TLS and isn't
   *     this machine
   */
  static Origin parse(String text) {
    URI uri = uri(text);
    String scheme = uri == null || uri.getScheme() == null ? "" : lowerCase(uri.getScheme());
    if (uri == null
        || !(scheme.equals(HTTPS) || scheme.equals("http"))
        || uri.getHost() == null
        || uri.getPort() == 0
        || uri.getPort() > 65_535
        || uri.getRawUserInfo() != null
        || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("The origin must be a scheme, a host and perhaps a port,"
          + " such as https://hooks.example.com, and nothing else; an international name must be"
          + " in its ASCII form, xn--");
    }
    String host = canonical(uri.getHost());
    if (!scheme.equals(HTTPS) && !isThisMachine(host)) {
      throw new IllegalArgumentException("The origin must begin with https://: without TLS the"
          + " secrets could be read on the way. Plain http is for this machine (localhost,"
          + " 127.0.0.1)");
    }
    int port = port(scheme, uri.getPort());
    String shown = scheme + "://" + lowerCase(uri.getHost());
    return new Origin(port == port(scheme, -1) ? shown : shown + ":" + port, scheme, host, port);
  }

  /** Returns null if it isn't one: the exception's message would quote what may hold a password. */
  private static @Nullable URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  boolean isAt(String otherScheme, String otherHost, int otherPort) {
    String itsScheme = lowerCase(otherScheme);
    return scheme.equals(itsScheme)
        && port == port(itsScheme, otherPort)
        && host.equals(canonical(otherHost));
  }

  boolean isSecure() {
    return scheme.equals(HTTPS);
  }

  private static int port(String scheme, int port) {
    return port != -1 ? port : scheme.equals(HTTPS) ? 443 : 80;
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost")
        || host.equals(THIS_MACHINE_IN_IPV6)
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }

  /** Returns a name in lower case, and an IPv6 address at full length and without brackets. */
  private static String canonical(String host) {
    String name = lowerCase(host);
    if (name.indexOf(':') < 0) {
      return name;
    }
    String address = name.startsWith("[") ? name : "[" + name + "]";
    try {
      return InetAddress.getAllByName(address)[0].getHostAddress(); // in brackets: no look-up
    } catch (UnknownHostException e) {
      return address;
    }
  }

  private static String lowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Returns it as it was given, in lower case. */
  @Override
  public String toString() {
    return text;
  }
}
