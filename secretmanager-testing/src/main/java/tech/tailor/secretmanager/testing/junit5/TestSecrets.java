package tech.tailor.secretmanager.testing.junit5;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.AnnotationSupport;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;

/** The secrets of a test, of which the nearest to it wins. Not thread-safe. */
final class TestSecrets {

  private static final String BYTE_ORDER_MARK = "\ufeff";

  /** After a name in a file: no name has a dot. */
  private static final String BASE64 = ".base64";

  private final Map<SecretRef, SecretValue> secrets = new LinkedHashMap<>();

  /** Adds what an element says, over what was added before. */
  void addFrom(AnnotatedElement element) {
    addFoundOn(element, classOf(element));
    if (element instanceof Class<?> type) {
      addDeclaredBy(type, type);
    }
  }

  /** All that JUnit finds there, inherited or not, but each only once, and so not by nearness. */
  private void addFoundOn(AnnotatedElement element, Class<?> near) {
    for (WithSecrets file :
        AnnotationSupport.findRepeatableAnnotations(element, WithSecrets.class)) {
      addFrom(file.value(), near);
    }
    for (WithSecret secret :
        AnnotationSupport.findRepeatableAnnotations(element, WithSecret.class)) {
      add(secret);
    }
  }

  /** Once more, from the superclasses down: two classes may say the same, and one between other. */
  private void addDeclaredBy(Class<?> type, Class<?> near) {
    if (type.getSuperclass() != null) {
      addDeclaredBy(type.getSuperclass(), near);
    }
    for (Annotation annotation : type.getDeclaredAnnotations()) {
      addFoundOn(annotation.annotationType(), near);
    }
    for (WithSecrets file : type.getDeclaredAnnotationsByType(WithSecrets.class)) {
      addFrom(file.value(), near);
    }
    for (WithSecret secret : type.getDeclaredAnnotationsByType(WithSecret.class)) {
      add(secret);
    }
  }

  private void add(WithSecret secret) {
    SecretRef ref = SecretRef.of(secret.vault(), secret.name());
    add(ref, valueOf(secret.value(), secret.base64(), ref + " in @WithSecret"));
  }

  void add(SecretRef ref, SecretValue value) {
    secrets.put(ref, value);
  }

  /**
   * Adds the secrets of a file.
   *
   * @param near the class in whose package the file is, or in that of a superclass
   * @throws IllegalArgumentException if the file is missing or malformed
   */
  void addFrom(String file, Class<?> near) {
    try (InputStream in = open(file, near)) {
      Set<SecretRef> known = new HashSet<>();
      for (Map.Entry<String, String> line : lines(text(in.readAllBytes(), file), file)) {
        boolean base64 = line.getKey().endsWith(BASE64);
        String address = base64
            ? line.getKey().substring(0, line.getKey().length() - BASE64.length())
            : line.getKey();
        SecretRef ref = refOf(address, file);
        if (!known.add(ref)) {
          throw new IllegalArgumentException(
              "The secret " + ref + " is in " + file + " twice; leave one of the two");
        }
        add(ref, valueOf(line.getValue(), base64, ref + " in " + file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The secrets in " + file + " can't be read", e);
    }
  }

  /** A value as it is written; what is wrong with it is said without it. */
  private static SecretValue valueOf(String written, boolean base64, String of) {
    try {
      return base64
          ? SecretValue.copyOf(Base64.getDecoder().decode(written))
          : SecretValue.of(written);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The value of " + of
          + (base64
              ? " must be Base64 (RFC 4648, without spaces or line breaks) of at most "
                  + SecretValue.MAX_SIZE_BYTES + " bytes"
              : " can't be one: " + e.getMessage()));
    }
  }

  /** The lines of a file with what is before and after the equals sign, in their order. */
  private static List<Map.Entry<String, String>> lines(String text, String file)
      throws IOException {
    Lines lines = new Lines();
    try {
      lines.load(new StringReader(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The file " + SecretSupport.quote(file)
          + " has a \\u without four hexadecimal digits after it; write a backslash as two");
    }
    return lines.all;
  }

  Map<SecretRef, SecretValue> byRef() {
    return Collections.unmodifiableMap(secrets);
  }

  private static Class<?> classOf(AnnotatedElement element) {
    return element instanceof Method method ? method.getDeclaringClass() : (Class<?>) element;
  }

  private static InputStream open(String file, Class<?> near) {
    boolean isDirectory = file.isEmpty() || file.endsWith("/");
    for (Class<?> type = near; type != null && !isDirectory; type = type.getSuperclass()) {
      InputStream in = type.getResourceAsStream(file);
      if (in != null) {
        return in;
      }
    }
    throw new IllegalArgumentException("There is no file " + SecretSupport.quote(file) + " beside "
        + near.getName() + " on the class path; put it into the same package under"
        + " src/test/resources, or begin its name with a slash for the root of the class path");
  }

  /** The content of a file, without the byte order mark with which Windows begins it. */
  private static String text(byte[] content, String file) {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "The file " + SecretSupport.quote(file)
              + " is not UTF-8, which it must be; an editor saves it as that",
          e);
    }
    if (text.indexOf('\ufffd') >= 0) {
      throw new IllegalArgumentException("The file " + SecretSupport.quote(file)
          + " holds U+FFFD, which stands for what was lost when somebody decoded it; write again"
          + " what stood there");
    }
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
  }

  private static SecretRef refOf(String key, String file) {
    return refOf(key)
        .orElseThrow(() -> new IllegalArgumentException(
            key.indexOf('/') < 0
                ? "A line in " + file + " has no slash before its value; write vault/name = value"
                : "A line in " + file + " has no vault/name before its value, of which each must"
                    + " match " + SecretRef.NAME_GRAMMAR + "; write vault/name = value"));
  }

  /** What is no address may be a line of a value that has several: nobody quotes it. */
  private static Optional<SecretRef> refOf(String key) {
    int slash = key.indexOf('/');
    try {
      return slash < 0
          ? Optional.empty()
          : Optional.of(SecretRef.of(key.substring(0, slash), key.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Takes the lines as they are read: a map would keep the last of two. */
  private static final class Lines extends Properties {

    private static final long serialVersionUID = 1L;

    private final transient List<Map.Entry<String, String>> all = new ArrayList<>();

    @Override
    public synchronized @Nullable Object put(Object key, Object value) {
      all.add(Map.entry((String) key, (String) value));
      return null;
    }
  }
}
