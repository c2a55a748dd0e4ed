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
 * default/smtp-password      = correct horse
 * billing/signing-key.base64 = AAECAwQFBgcICQoLDA0ODw==
 * </pre>
 *
 * <p>A name that ends in {@code .base64} has a value of bytes, in Base64 (RFC 4648).
 *
 * <p>The test fails with a message that names the file and the rule, and shows no value, if
 *
 * <ul>
 *   <li>there is no such file, or it is not UTF-8;
 *   <li>a line has no vault, slash and name, or one that breaks the grammar;
 *   <li>a secret is there twice;
 *   <li>a value is too large, has half of a surrogate pair, or should be Base64 and isn't;
 *   <li>a backslash and {@code u} have no four hexadecimal digits after them.
 * </ul>
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
