package tech.tailor.secretmanager.testing.emulator;

import com.github.tomakehurst.wiremock.http.Request;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the emulator wants to know of an HTTP request. */
final class HttpRequests {

  private static final Pattern LOOPBACK_HOST =
      Pattern.compile("localhost|127\\.0\\.0\\.1|\\[::1\\]");
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/=-]+)");
  private static final List<String> SIGNS_OF_A_PROXY =
      List.of("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via");

  private HttpRequests() {}

  /**
   * Whether it comes from a program on this machine: addressed to loopback by name (which a name
   * that was bent to loopback is not), by no proxy, by no web page.
   */
  static boolean isLocal(Request request) {
    return LOOPBACK_HOST.matcher(request.getHost().toLowerCase(Locale.ROOT)).matches()
        && !request.containsHeader("Origin")
        && SIGNS_OF_A_PROXY.stream().noneMatch(request::containsHeader);
  }

  /** The access token, if there is exactly one. */
  static Optional<String> token(Request request) {
    if (!request.containsHeader("Authorization")) {
      return Optional.empty();
    }
    List<String> headers = request.header("Authorization").values();
    Matcher matcher = BEARER.matcher(headers.get(0));
    return headers.size() == 1 && matcher.matches()
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  static Optional<Answer.Encoding> encoding(Request request) {
    String type = request.getHeader("Content-Type");
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

  /** Whether the body is plain or in gzip, which the server inflates. */
  static boolean isReadable(Request request) {
    String coding = request.getHeader("Content-Encoding");
    return coding == null || coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("identity");
  }
}
