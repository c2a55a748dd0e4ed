package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.Map;

/** What goes back: a status, headers, a body. */
@SuppressWarnings("ArrayRecordComponent")
record Answer(int status, String outcome, Map<String, String> headers, byte[] body) {

  private static final byte[] EMPTY = {};

  static Answer ok(Message message, Encoding encoding) {
    byte[] body = encoding == Encoding.JSON ? JsonMessages.write(message) : message.toByteArray();
    return new Answer(200, "ok", Map.of("Content-Type", encoding.mediaType()), body);
  }

  /** An error of Connect, which is JSON whatever the request's encoding. */
  static Answer error(Code code, String message) {
    String json = "{\"code\":\"" + code.wireName() + "\",\"message\":\""
        + message.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
    return new Answer(
        code.httpStatus(),
        code.wireName(),
        Map.of("Content-Type", Encoding.JSON.mediaType()),
        json.getBytes(UTF_8));
  }

  /** A refusal that Connect has no error for. */
  static Answer bare(int status) {
    return new Answer(status, "http_" + status, Map.of(), EMPTY);
  }

  static Answer of(Fault fault) {
    return fault
        .code()
        .map(code -> error(code, "a scripted fault"))
        .map(error -> fault.code().filter(Code.RESOURCE_EXHAUSTED::equals).isPresent()
            ? error.with("Retry-After", Long.toString(fault.duration().toSeconds()))
            : error)
        .orElseGet(() -> new Answer(
            fault.status(),
            "http_" + fault.status(),
            Map.of("Content-Type", "text/html"),
            "<html><body>A scripted fault</body></html>".getBytes(UTF_8)));
  }

  Answer withStatus(int other) {
    return new Answer(other, outcome, headers, body);
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, outcome, more, body);
  }

  /** What the messages of a request and its answer are written in. */
  enum Encoding {
    JSON("application/json"),
    PROTO("application/proto");

    private final String mediaType;

    Encoding(String mediaType) {
      this.mediaType = mediaType;
    }

    String mediaType() {
      return mediaType;
    }
  }

  @Override
  public String toString() {
    return "Answer[" + status + "]";
  }
}
