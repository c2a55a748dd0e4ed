package tech.tailor.secretmanager.testing.emulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import wiremock.jakarta.servlet.http.HttpServletRequest;

/** What the emulator wants to know of an HTTP request. */
final class HttpRequests {

  private static final Pattern LOOPBACK_HOST =
      Pattern.compile("(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?::\\d{1,5})?");
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/=-]+)");
  private static final List<String> SIGNS_OF_A_PROXY =
      List.of("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via");
  private static final long MAX_BODY_NANOS = 10_000_000_000L;

  private HttpRequests() {}

  /**
   * Whether it comes from a program on this machine: addressed to loopback by name (which a name
   * that was bent to loopback is not), by no proxy, by no web page.
   */
  static boolean isLocal(HttpServletRequest request, String authority) {
    return LOOPBACK_HOST.matcher(authority.toLowerCase(Locale.ROOT)).matches()
        && request.getHeader("Origin") == null
        && SIGNS_OF_A_PROXY.stream().allMatch(name -> request.getHeader(name) == null);
  }

  /** The access token, if there is exactly one. */
  static Optional<String> token(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders("Authorization"));
    if (headers.size() != 1) {
      return Optional.empty();
    }
    Matcher matcher = BEARER.matcher(headers.get(0));
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  static Optional<Answer.Encoding> encoding(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null) {
      return Optional.empty();
    }
    return switch (type.toLowerCase(Locale.ROOT).replace(" ", "")) {
      case "application/json", "application/json;charset=utf-8" ->
        Optional.of(Answer.Encoding.JSON);
      case "application/proto" -> Optional.of(Answer.Encoding.PROTO);
      default -> Optional.empty();
    };
  }

  static boolean takesGzip(HttpServletRequest request) {
    return Collections.list(request.getHeaders("Accept-Encoding")).stream()
        .flatMap(header -> Pattern.compile(",").splitAsStream(header))
        .map(coding -> coding.strip().toLowerCase(Locale.ROOT))
        .anyMatch(coding -> coding.equals("gzip") || coding.matches("gzip;q=(?!0(\\.0*)?$).*"));
  }

  /**
   * Reads the body, inflated, up to the limit.
   *
   * @throws RefusedCall if it is longer, comes too slowly, or is compressed in an unknown way
   * @throws IOException if the connection breaks, or what says that it is gzip is none
   */
  static byte[] body(HttpServletRequest request, int maxBytes, LongSupplier ticker)
      throws IOException {
    String coding = request.getHeader("Content-Encoding");
    boolean gzip = "gzip".equalsIgnoreCase(coding);
    if (!gzip && coding != null && !coding.equalsIgnoreCase("identity")) {
      throw new RefusedCall(Code.UNIMPLEMENTED, "a body may be compressed with gzip alone");
    }
    if (request.getContentLengthLong() > maxBytes) {
      throw tooLong(maxBytes);
    }
    long begun = ticker.getAsLong();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try (InputStream raw = request.getInputStream();
        InputStream in = gzip ? new GZIPInputStream(raw) : raw) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        body.write(buffer, 0, n);
        if (body.size() > maxBytes) {
          throw tooLong(maxBytes);
        }
        if (ticker.getAsLong() - begun > MAX_BODY_NANOS) {
          throw new RefusedCall(Code.DEADLINE_EXCEEDED, "the body comes too slowly");
        }
      }
      // Gzip ends before HTTP's last chunk, which is to be read too, or the connection is closed.
      if (raw.read() >= 0) {
        throw new RefusedCall(Code.INVALID_ARGUMENT, "something follows the compressed body");
      }
    }
    return body.toByteArray();
  }

  private static RefusedCall tooLong(int maxBytes) {
    return new RefusedCall(Code.INVALID_ARGUMENT, "a body has at most " + maxBytes + " bytes");
  }
}
