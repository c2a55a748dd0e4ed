package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The secrets of one vault that an application needs, declared in code, with the settings of each
 * secret. It is plain data and knows no backend. Immutable and thread-safe. Secrets of several
 * vaults take several definitions; a method that takes one definition takes several.
 *
 * <pre>{@code
 * static final SecretDefinition SECRETS =
 *     defineSecret("my-secrets")
 *         .secret("api-key", "External API key")
 *         .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
 *         .build();
 *
 * static final SecretRef API_KEY = SECRETS.ref("api-key");
 * }</pre>
 *
 * <p>A declaration with every setting:
 *
 * <pre>{@code
 * defineSecret("orders")
 *     .secret("db-password", secret -> secret
 *         .description("Password of the orders database")
 *         .source(SecretSource.environment("ORDERS_DB_PASSWORD"))
 *         .valueVersion(2)
 *         .label("team", "orders")
 *         .timeToLive(Duration.ofMinutes(1))
 *         .shape(SecretShape.length(20, 64)))
 *     .build();
 * }</pre>
 *
 * <p>An enum can keep a {@link SecretRef} in each constant instead; an undeclared name then fails
 * at class loading, too.
 */
public final class SecretDefinition {

  private final String vault;
  private final Map<String, DeclaredSecret> secrets;

  private SecretDefinition(String vault, Map<String, DeclaredSecret> secrets) {
    this.vault = vault;
    this.secrets = secrets;
  }

  /**
   * Starts the declaration of secrets in the given vault.
   *
   * @throws IllegalArgumentException if the name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public static Builder defineSecret(String vault) {
    return new Builder(SecretRef.requireVaultName(vault));
  }

  /** Returns the vault of the secrets. */
  public String vault() {
    return vault;
  }

  /** Returns the declared secrets, in the order of their declaration. */
  public List<DeclaredSecret> secrets() {
    return List.copyOf(secrets.values());
  }

  /**
   * Returns the reference to a declared secret. In a constant, a name that was not declared makes
   * the loading of the class fail.
   *
   * @throws IllegalArgumentException if the name is not declared
   */
  public SecretRef ref(String name) {
    DeclaredSecret declared = secrets.get(requireNonNull(name, "name"));
    if (declared == null) {
      throw new IllegalArgumentException("No secret " + MessageText.quote(name)
          + " is declared in the vault \"" + vault + "\"; declared are " + secrets.keySet());
    }
    return declared.ref();
  }

  /** Returns whether this definition declares the given secret. */
  public boolean declares(SecretRef ref) {
    return requireNonNull(ref, "ref").vault().equals(vault) && secrets.containsKey(ref.name());
  }

  /** Returns the vault and the names. */
  @Override
  public String toString() {
    return "SecretDefinition[" + vault + ", " + secrets.keySet() + "]";
  }

  /** Builder of a definition. Not thread-safe. */
  public static final class Builder {

    private final String vault;
    private final Map<String, DeclaredSecret> secrets = new LinkedHashMap<>();

    private Builder(String vault) {
      this.vault = vault;
    }

    /**
     * Declares a required secret.
     *
     * @param name its name in the vault
     * @param description what the secret is for; reports show it to the person who must provide the
     *     secret
     * @throws IllegalArgumentException if the name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}, or is declared already
     */
    public Builder secret(String name, String description) {
      requireNonNull(description, "description");
      return secret(name, secret -> secret.description(description));
    }

    /**
     * Declares a secret with any of its settings.
     *
     * @param name its name in the vault
     * @param declaration applies the settings; called on the calling thread, before this returns
     * @throws IllegalArgumentException if the name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}, or is declared already
     */
    public Builder secret(String name, Consumer<DeclaredSecret.Builder> declaration) {
      requireNonNull(declaration, "declaration");
      SecretRef ref = SecretRef.of(vault, name);
      if (secrets.containsKey(name)) {
        throw new IllegalArgumentException("The secret " + ref + " is declared twice");
      }
      DeclaredSecret.Builder builder = new DeclaredSecret.Builder(ref);
      declaration.accept(builder);
      secrets.put(name, builder.build());
      return this;
    }

    /**
     * Returns the definition.
     *
     * @throws IllegalStateException if no secret was declared
     */
    public SecretDefinition build() {
      if (secrets.isEmpty()) {
        throw new IllegalStateException(
            "No secret is declared in the vault \"" + vault + "\"; call secret(name, description)");
      }
      return new SecretDefinition(vault, Collections.unmodifiableMap(new LinkedHashMap<>(secrets)));
    }
  }
}
