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
 * Secrets that exist for a test, from a file on the class path; otherwise as {@link WithSecret},
 * which wins over a file in the same place.
 *
 * <pre>{@code
 * @Test
 * @WithSecrets("invoice-secrets.properties")
 * void hasItsSecrets(SecretManager secretManager) {
 *   boolean known = secretManager.withSecret(
 *       "default", "smtp-password", password -> password.matches("correct horse"));
 *   assertTrue(known);
 * }
 * }</pre>
 *
 * <p>The file is one of {@linkplain java.util.Properties#load(java.io.Reader) properties} in UTF-8:
 * a line for each secret, of its vault and name, and of its value, with the escapes that such files
 * have ({@code \n}, {@code \t}, {@code \u00e9}).
 *
 * <pre>
 * # made up
 * default/smtp-password = correct horse
 * billing/signing-key   = 0123456789abcdef
 * </pre>
 *
 * <p>A secret that is there twice, a name that breaks the grammar, or a line without a slash fails
 * the test.
 *
 * <p>The file is part of the source code: never put a real secret there.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(WithSecrets.List.class)
@ExtendWith(SecretManagerExtension.class)
public @interface WithSecrets {

  /**
   * The file: in the package of the test class, or of one of its superclasses; or, with a slash at
   * the beginning, from the root of the class path.
   */
  String value();

  /** Several {@link WithSecrets}; the compiler writes it. */
  @Target({ElementType.METHOD, ElementType.TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @Inherited
  @Documented
  @ExtendWith(SecretManagerExtension.class)
  @interface List {

    /** The files, in the order in which they were written. */
    WithSecrets[] value();
  }
}
