package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.ReferenceFinder.Template;
import tech.tailor.secretmanager.ReferenceText.Place;

/**
 * A configuration that refers to secrets instead of holding them: read once, when the application
 * starts, and resolved at each use, so that a rotated secret is there.
 *
 * <pre>{@code
 * SecretTemplate<String> authorization =
 *     SecretTemplate.in("Bearer ${secret@api-keys/external-api-token}");
 * String header = authorization.reveal(secretManager);
 * }</pre>
 *
 * <p>A reference is
 *
 * <ul>
 *   <li>{@code ${secret@VAULT/NAME}} in a text, as often as needed, with anything around it; the
 *       older spelling is {@code ${secret:VAULT/NAME}};
 *   <li>an object with two members, both text, and no other, as in the configuration of Tailor's
 *       services: <code>vault</code> and <code>key</code>, <code>vault_name</code> and <code>
 *       secret_name</code>, <code>vault_name</code> and <code>secret_key</code>, or <code>vaultName
 *       </code> and <code>secretKey</code>;
 *   <li>a {@link SecretRef}.
 * </ul>
 *
 * <p><b>Don't write the older spelling where Spring or SmallRye Config (Quarkus) reads the text
 * first.</b> To them {@code ${secret:default/db-password}} is the property {@code secret} with
 * {@code default/db-password} as its default, and that text becomes the password, without an error.
 * They don't know {@code ${secret@default/db-password}}, and say so.
 *
 * <p><b>In a text</b> <code>$${secret@</code> stands for the text <code>${secret@</code>. More
 * exactly, dollars right before <code>{secret@</code> count in pairs: each pair is one dollar, and
 * an odd one begins a reference; so before <code>{secret:</code>. Anything else stays as it is:
 * {@code ${HOME}}, other dollars. See {@link #escape}. The value of a secret is inserted as it is:
 * a reference inside a value stays text, and nothing is resolved twice.
 *
 * <p><b>In maps and lists</b> references are looked for at any depth, in values and not in keys;
 * numbers and other objects stay as they are. What may hold a reference that nobody would look for
 * is refused: arrays, nodes of JSON and YAML libraries (Jackson, Gson, SnakeYAML; read into maps
 * and lists instead), and any object whose {@code toString()} shows a reference.
 *
 * <p><b>Errors.</b> A malformed reference is found when the configuration is read: an
 * {@link IllegalArgumentException} says where it stands and which rule it breaks, and shows nothing
 * of what surrounds it. So is a text with a reference and U+FFFD in it, a part of which was lost
 * when it was decoded: start the JVM with {@code LANG=C.UTF-8}.
 *
 * <p>Immutable and thread-safe. It holds no value of a secret, but the text around the references,
 * which {@link #toString()} doesn't show.
 *
 * @param <T> the form of the configuration
 */
public final class SecretTemplate<T> {

  // Transient, because a mapper that reads private fields shows what surrounds the references.
  private final transient Template<T> template;
  private final Set<SecretRef> refs;
  private final Map<String, List<String>> namesByVault = new LinkedHashMap<>();

  private SecretTemplate(Function<ReferenceFinder, Template<T>> reading) {
    ReferenceFinder finder = new ReferenceFinder();
    this.template = reading.apply(finder);
    this.refs = finder.refs();
    refs.forEach(ref ->
        namesByVault.computeIfAbsent(ref.vault(), vault -> new ArrayList<>()).add(ref.name()));
  }

  /**
   * A text with references in it, or with none.
   *
   * @throws IllegalArgumentException if a reference is malformed
   */
  public static SecretTemplate<String> in(String template) {
    requireNonNull(template, "template");
    return new SecretTemplate<>(finder -> finder.text(template, Place.ITSELF));
  }

  /**
   * A configuration as read from JSON or YAML, with references at any depth. It is copied: changing
   * the map later changes nothing. What it is resolved to is another map, in the same order, that
   * can't be changed.
   *
   * @throws IllegalArgumentException if a reference is malformed, the map itself is a reference,
   *     holds an array or a node of a JSON or YAML library, is nested in itself, deeper than 64
   *     levels, or larger than 100,000 values
   */
  public static SecretTemplate<Map<String, @Nullable Object>> in(Map<String, ?> configuration) {
    requireNonNull(configuration, "configuration");
    return new SecretTemplate<>(finder -> finder.map(configuration));
  }

  /**
   * Properties with references in their values. They are copied, their defaults included: changing
   * them later changes nothing. What they are resolved to is the caller's own.
   *
   * @throws IllegalArgumentException if a reference is malformed
   */
  public static SecretTemplate<Properties> in(Properties properties) {
    requireNonNull(properties, "properties");
    return new SecretTemplate<>(finder -> finder.properties(properties));
  }

  /**
   * The secret that a value of a configuration refers to, if it is a reference, of any of the three
   * kinds, and nothing else. This is the way to use it without a {@code String} of it:
   *
   * <pre>{@code
   * SecretRef clientSecret = SecretTemplate.whole(config.get("client_secret")).orElseThrow();
   * byte[] signature = secretManager.withSecret(clientSecret, key -> key.withBytes(signer));
   * }</pre>
   *
   * @return empty if it is something else, such as a text in which a reference is only a part
   * @throws IllegalArgumentException if a reference is malformed, or the value is an array or a
   *     node of a JSON or YAML library, in which references are not looked for
   */
  public static Optional<SecretRef> whole(Object value) {
    return ReferenceFinder.whole(requireNonNull(value, "value"));
  }

  /**
   * A text that resolves to the given one, whatever that holds: for text that comes from elsewhere
   * and must not refer to secrets. A text without <code>{secret@</code> and <code>{secret:</code>
   * is returned as it is.
   *
   * <p>Escape the whole text at once. Of parts that are escaped each by itself and then put
   * together, or behind a dollar, a reference may come of it: <code>"$" + escape("{secret:…}")
   * </code>. What comes from elsewhere is best a value of its own in a map, which is not put
   * together with anything.
   */
  public static String escape(String literal) {
    return ReferenceText.escape(requireNonNull(literal, "literal"));
  }

  /** The secrets that are referred to, each once, in the order of their first occurrence. */
  public Set<SecretRef> refs() {
    return refs;
  }

  /**
   * The configuration with the current values in place of its references. Each vault is asked for
   * once, with all its names; a secret that occurs twice has the same value in both places. A value
   * may be stale, as any that is read.
   *
   * <p>The values are {@code String}s in what is returned, and can't be wiped: they stay in memory
   * until they are collected. Resolve where the value is used, don't keep what was resolved, and
   * don't log it.
   *
   * @throws SecretNotFoundException if a secret or its vault does not exist
   * @throws SecretEncodingException if a value is not UTF-8
   * @throws SecretManagerException if a secret can't be read, as
   *     {@link SecretManager#requireSecret(SecretRef)}; it names the secret
   * @throws IllegalStateException if the manager is closed
   */
  public T reveal(SecretManager secretManager) {
    requireNonNull(secretManager, "secretManager");
    Map<SecretRef, String> values = new HashMap<>();
    namesByVault.forEach((vault, names) -> {
      try (SecretBundle bundle = secretManager.getSecrets(vault, names)) {
        for (String name : names) {
          SecretRef ref = SecretRef.of(vault, name);
          // What is missing is asked for once more, by a call that says what of it is missing.
          try (SecretValue value =
              bundle.get(name).orElseGet(() -> secretManager.requireSecret(ref))) {
            values.put(ref, text(ref, value));
          }
        }
      }
    });
    return template.fill(values);
  }

  /** Returns the secrets that are referred to, and nothing of what surrounds the references. */
  @Override
  public String toString() {
    return "SecretTemplate" + refs;
  }

  private static String text(SecretRef ref, SecretValue value) {
    try {
      return value.revealString();
    } catch (SecretEncodingException e) {
      throw new SecretEncodingException(
          "The secret " + ref + " is not UTF-8 text, so that it can't be a part of one", e);
    }
  }
}
