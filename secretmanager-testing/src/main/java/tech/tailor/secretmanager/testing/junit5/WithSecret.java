package tech.tailor.secretmanager.testing.junit5;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A secret that exists for a test, in the fake that {@link SecretManagerExtension} passes to it.
 *
 * <pre>{@code
 * @Test
 * @WithSecret(vault = "default", name = "greeting", value = "hello")
 * void readsItsGreeting(SecretManager secretManager) {
 *   assertEquals("hello, world", greet(secretManager));
 * }
 * }</pre>
 *
 * <p>On a method it counts for that test; on a class for all its tests, those of subclasses and of
 * {@code @Nested} classes included; on an annotation, for whatever carries that annotation. Of
 * several for the same vault and name, the nearest to the test wins: the method's over the class's,
 * the class's over those of its superclasses and enclosing classes.
 *
 * <p>The value is part of the source code: never put a real secret here.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(WithSecret.List.class)
@ExtendWith(SecretManagerExtension.class)
public @interface WithSecret {

  /** The vault that holds the secret; it is created. */
  String vault();

  /** The secret's name in the vault. */
  String name();

  /** The secret's value: text, or bytes in Base64 if {@link #base64} says so. */
  String value();

  /**
   * Whether {@link #value} is Base64 (RFC 4648, without line breaks) of the value's bytes, as for a
   * key that is no text. Default: false.
   */
  boolean base64() default false;

  /** Several {@link WithSecret}; the compiler writes it. */
  @Target({ElementType.METHOD, ElementType.TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @Inherited
  @Documented
  @ExtendWith(SecretManagerExtension.class)
  @interface List {

    /** The secrets, in the order in which they were written. */
    WithSecret[] value();
  }
}
