package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretValue;

/**
 * Writes a JSON object into one array that can be wiped. By hand, because a JSON library keeps what
 * passes through it in buffers that it uses again.
 */
final class JsonBody {

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private byte[] bytes = new byte[512];
  private int size;
  private boolean first = true;

  JsonBody() {
    put('{');
  }

  JsonBody text(String name, String value) {
    return name(name).quote(value);
  }

  JsonBody number(String name, long value) {
    return name(name).raw(Long.toString(value));
  }

  JsonBody base64(String name, byte[] value) {
    return name(name).quote(Base64.getEncoder().encode(value));
  }

  JsonBody texts(String name, List<String> values) {
    name(name).put('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        put(',');
      }
      quote(values.get(i));
    }
    put(']');
    return this;
  }

  /** An object, whose members the writer adds. */
  JsonBody object(String name, Consumer<JsonBody> writer) {
    return name(name).members(writer);
  }

  /** An object for each value, whose members the writer adds. */
  <T> JsonBody objects(String name, List<T> values, BiConsumer<JsonBody, T> writer) {
    name(name).put('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        put(',');
      }
      T value = values.get(i);
      members(object -> writer.accept(object, value));
    }
    put(']');
    return this;
  }

  JsonBody map(String name, Map<String, String> values) {
    return object(name, object -> values.forEach(object::text));
  }

  /** A value, known to be UTF-8. */
  JsonBody secret(String name, SecretValue value) {
    name(name);
    value.<Boolean, RuntimeException>withBytes(plaintext -> {
      quote(plaintext);
      return true;
    });
    return this;
  }

  /** The object as it stands, closed. The array is the caller's to wipe; this one is empty then. */
  byte[] toBytes() {
    put('}');
    byte[] whole = Arrays.copyOf(bytes, size);
    Arrays.fill(bytes, (byte) 0);
    size = 0;
    return whole;
  }

  private JsonBody members(Consumer<JsonBody> writer) {
    put('{');
    first = true;
    writer.accept(this);
    first = false;
    put('}');
    return this;
  }

  private JsonBody name(String name) {
    if (!first) {
      put(',');
    }
    first = false;
    quote(name);
    put(':');
    return this;
  }

  private JsonBody quote(String text) {
    put('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        for (byte b : text.substring(i).getBytes(UTF_8)) {
          escape(b);
        }
        break;
      }
      escape((byte) c);
    }
    put('"');
    return this;
  }

  private JsonBody quote(byte[] utf8) {
    put('"');
    for (byte b : utf8) {
      escape(b);
    }
    put('"');
    return this;
  }

  private void escape(byte b) {
    if (b == '"' || b == '\\') {
      put('\\');
      put(b);
    } else if (b >= 0 && b < ' ') {
      put('\\');
      put('u');
      put('0');
      put('0');
      put(HEX[b >> 4]);
      put(HEX[b & 0xf]);
    } else {
      put(b);
    }
  }

  private JsonBody raw(String text) {
    for (int i = 0; i < text.length(); i++) {
      put(text.charAt(i));
    }
    return this;
  }

  private void put(char ascii) {
    put((byte) ascii);
  }

  private void put(byte b) {
    if (size == bytes.length) {
      byte[] outgrown = bytes;
      bytes = Arrays.copyOf(outgrown, 2 * outgrown.length);
      Arrays.fill(outgrown, (byte) 0);
    }
    bytes[size++] = b;
  }
}
