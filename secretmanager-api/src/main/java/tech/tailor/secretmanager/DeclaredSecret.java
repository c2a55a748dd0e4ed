package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

/**
 * One secret as an application declares it. Immutable and thread-safe; holds no value.
 *
 * @param ref its address
 * @param description what it is for; empty if nothing was said
 * @param required whether the application can't do without it; true unless declared
 *     {@linkplain Builder#optional() optional}
 */
public record DeclaredSecret(SecretRef ref, String description, boolean required) {

  /** Checks that nothing is null. */
  public DeclaredSecret {
    requireNonNull(ref, "ref");
    requireNonNull(description, "description");
  }

  /** Says everything that can be said of one secret. Not thread-safe. */
  public static final class Builder {

    private final SecretRef ref;
    private String description = "";
    private boolean required = true;

    Builder(SecretRef ref) {
      this.ref = ref;
    }

    /** What the secret is for. Default: nothing. */
    public Builder description(String description) {
      this.description = requireNonNull(description, "description");
      return this;
    }

    /** The application can do without the secret. Default: it is required. */
    public Builder optional() {
      this.required = false;
      return this;
    }

    DeclaredSecret build() {
      return new DeclaredSecret(ref, description, required);
    }
  }
}
