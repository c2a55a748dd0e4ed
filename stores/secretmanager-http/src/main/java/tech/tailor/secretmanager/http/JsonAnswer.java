package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a proto3 JSON message from an answer, within the limits: what is not known is passed over,
 * what is left out or null has its default, anything else that is not as expected ends the reading.
 */
final class JsonAnswer {

  /** Only with what Jackson 2.15 has, since BOMs of applications still bring it. */
  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(HttpLimits.NESTING_DEPTH)
          .maxStringLength(HttpLimits.ANSWER_BYTES) // the answer as a whole is bounded
          .maxNumberLength(HttpLimits.NUMBER_LENGTH)
          .build())
      // No buffer is used again, on this thread or on another one.
      .disable(JsonFactory.Feature.USE_THREAD_LOCAL_FOR_BUFFER_RECYCLING)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
      .build();

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final JsonParser parser;

  private JsonAnswer(JsonParser parser) {
    this.parser = parser;
  }

  /** Reads a whole answer. */
  @FunctionalInterface
  interface Shape<T> {
    T read(JsonAnswer answer) throws IOException, MalformedAnswerException;
  }

  /** What the bytes say, in the given shape, and nothing after it. */
  static <T> T read(byte[] bytes, Shape<T> shape) throws MalformedAnswerException {
    // As text, which the parser reads where it lies: bytes would make it fill a buffer of 8 kB.
    CharBuffer text = CharBuffer.allocate(bytes.length);
    try {
      CharsetDecoder decoder = UTF_8.newDecoder();
      if (decoder.decode(ByteBuffer.wrap(bytes), text, true).isError()
          || decoder.flush(text).isError()) {
        throw new MalformedAnswerException("it is not UTF-8");
      }
      text.flip();
      if (text.hasRemaining() && text.get(text.position()) == BYTE_ORDER_MARK) {
        text.get();
      }
      return read(text, shape);
    } finally {
      Arrays.fill(text.array(), '\0');
    }
  }

  private static <T> T read(CharBuffer text, Shape<T> shape) throws MalformedAnswerException {
    try (JsonParser parser =
        JSON.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining())) {
      try {
        JsonAnswer answer = new JsonAnswer(parser);
        parser.nextToken();
        T result = shape.read(answer);
        if (parser.nextToken() != null) {
          throw answer.malformed("something follows");
        }
        return result;
      } catch (IOException | RuntimeException e) {
        // Neither as a cause nor by its message: both can quote the answer.
        throw new MalformedAnswerException(e.getClass().getSimpleName() + at(parser));
      }
    } catch (IOException e) {
      throw new MalformedAnswerException(e.getClass().getSimpleName());
    }
  }

  /** Begins to read a message: the name of its first field, or null if it has none. */
  @Nullable
  String firstField() throws IOException, MalformedAnswerException {
    expect(JsonToken.START_OBJECT);
    return nextField();
  }

  /**
   * The name of the message's next field, or null after the last. The field before it must have
   * been read or passed over. Those that are null are left out.
   */
  @Nullable
  String nextField() throws IOException, MalformedAnswerException {
    while (nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        return name;
      }
    }
    return null;
  }

  /** Passes over a field. */
  void skip() throws IOException, MalformedAnswerException {
    int open = parser.currentToken().isStructStart() ? 1 : 0;
    while (open > 0) {
      JsonToken token = nextToken();
      if (token.isStructStart()) {
        open++;
      } else if (token.isStructEnd()) {
        open--;
      }
    }
  }

  String text() throws IOException, MalformedAnswerException {
    expect(JsonToken.VALUE_STRING);
    return parser.getText();
  }

  byte[] base64() throws IOException, MalformedAnswerException {
    expect(JsonToken.VALUE_STRING);
    String text = parser.getText();
    Base64.Decoder decoder = text.indexOf('-') >= 0 || text.indexOf('_') >= 0
        ? Base64.getUrlDecoder()
        : Base64.getDecoder();
    try {
      return decoder.decode(text);
    } catch (IllegalArgumentException e) { // its message quotes the text
      throw malformed("no base64");
    }
  }

  /** An int64, which is a string, or a number. */
  long number() throws IOException, MalformedAnswerException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return parser.getLongValue();
    }
    String text = text();
    if (text.length() > HttpLimits.NUMBER_LENGTH) {
      throw malformed("a number of too many digits");
    }
    return Long.parseLong(text);
  }

  /** A value of an enum: its name, or its number as text. */
  String enumValue() throws IOException, MalformedAnswerException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        ? Long.toString(parser.getLongValue())
        : text();
  }

  Instant time() throws IOException, MalformedAnswerException {
    try {
      return WireTime.parse(text());
    } catch (DateTimeException e) { // its message quotes the text
      throw malformed("no timestamp");
    }
  }

  <T> List<T> list(Shape<T> element, int limit) throws IOException, MalformedAnswerException {
    expect(JsonToken.START_ARRAY);
    List<T> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (elements.size() == limit) {
        throw malformed("a list of more than " + limit);
      }
      elements.add(element.read(this));
    }
    return elements;
  }

  Map<String, String> map() throws IOException, MalformedAnswerException {
    expect(JsonToken.START_OBJECT);
    Map<String, String> entries = new LinkedHashMap<>();
    while (nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      entries.put(key, text());
    }
    return entries;
  }

  /** What a message must have. */
  <T> T require(@Nullable T value, String field) throws MalformedAnswerException {
    if (value == null) {
      throw malformed("no field \"" + field + "\"");
    }
    return value;
  }

  MalformedAnswerException malformed(String what) {
    return new MalformedAnswerException(what + at(parser));
  }

  /** Within a message: refuses a name that is too long, which Jackson does since 2.16 only. */
  private JsonToken nextToken() throws IOException, MalformedAnswerException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.FIELD_NAME
        && parser.currentName().length() > HttpLimits.FIELD_NAME_LENGTH) {
      throw malformed("a field name of too many characters");
    }
    return token;
  }

  private static String at(JsonParser parser) {
    return " at character " + parser.currentLocation().getCharOffset();
  }

  private void expect(JsonToken token) throws MalformedAnswerException {
    if (parser.currentToken() != token) {
      throw malformed("no " + token);
    }
  }
}
