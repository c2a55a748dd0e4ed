package tech.tailor.secretmanager.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
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
    return name(name).quote(value.getBytes(UTF_8));
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
      quote(values.get(i).getBytes(UTF_8));
    }
    put(']');
    return this;
  }

  JsonBody object(String name, JsonBody value) {
    return name(name).append(value);
  }

  JsonBody objects(String name, List<JsonBody> values) {
    name(name).put('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        put(',');
      }
      append(values.get(i));
    }
    put(']');
    return this;
  }

  JsonBody map(String name, Map<String, String> values) {
    JsonBody object = new JsonBody();
    values.forEach(object::text);
    return object(name, object);
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

  private JsonBody append(JsonBody value) {
    byte[] whole = value.toBytes();
    reserve(whole.length);
    System.arraycopy(whole, 0, bytes, size, whole.length);
    size += whole.length;
    Arrays.fill(whole, (byte) 0);
    return this;
  }

  private JsonBody name(String name) {
    if (!first) {
      put(',');
    }
    first = false;
    quote(name.getBytes(UTF_8));
    put(':');
    return this;
  }

  private JsonBody quote(byte[] utf8) {
    reserve(2 + 6 * utf8.length); // no character is longer than its escape, \\u001f
    bytes[size++] = '"';
    for (byte b : utf8) {
      if (b == '"' || b == '\\') {
        bytes[size++] = '\\';
        bytes[size++] = b;
      } else if (b >= 0 && b < ' ') {
        bytes[size++] = '\\';
        bytes[size++] = 'u';
        bytes[size++] = '0';
        bytes[size++] = '0';
        bytes[size++] = (byte) HEX[b >> 4];
        bytes[size++] = (byte) HEX[b & 0xf];
      } else {
        bytes[size++] = b;
      }
    }
    bytes[size++] = '"';
    return this;
  }

  private JsonBody raw(String text) {
    for (int i = 0; i < text.length(); i++) {
      put(text.charAt(i));
    }
    return this;
  }

  private void put(char c) {
    reserve(1);
    bytes[size++] = (byte) c;
  }

  private void reserve(int more) {
    if (size + more > bytes.length) {
      byte[] outgrown = bytes;
      bytes = Arrays.copyOf(outgrown, Math.max(2 * outgrown.length, size + more));
      Arrays.fill(outgrown, (byte) 0);
    }
  }
}
