package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A vault or a secret does not exist; {@link #missing()} says which of the two.
 *
 * <p>Not retryable; never answered by a stale value; what a cache holds of the secret is wiped at
 * once.
 */
public final class SecretNotFoundException extends SecretManagerException {

  private static final long serialVersionUID = 1L;

  private final Missing missing;
  private final String vault;
  private final @Nullable String name;

  private SecretNotFoundException(
      Missing missing,
      String vault,
      @Nullable String name,
      String message,
      @Nullable Throwable cause) {
    super(message, cause);
    this.missing = missing;
    this.vault = vault;
    this.name = name;
  }

  /** The vault does not exist. */
  public static SecretNotFoundException vault(String vault) {
    requireNonNull(vault, "vault");
    String message = "There is no vault \"" + vault + "\"; create it, or check the name";
    return new SecretNotFoundException(Missing.VAULT, vault, null, message, null);
  }

  /**
   * The secret could not be read because the given part of its address does not exist.
   *
   * @param ref the secret that was asked for
   * @param missing what of it is missing
   */
  public static SecretNotFoundException of(SecretRef ref, Missing missing) {
    requireNonNull(ref, "ref");
    String message = switch (requireNonNull(missing, "missing")) {
      case VAULT ->
        "There is no secret " + ref + ": the vault \"" + ref.vault() + "\" does not exist";
      case SECRET ->
        "There is no secret " + ref + ": the vault exists, but has no secret \"" + ref.name()
            + "\"";
    };
    return new SecretNotFoundException(missing, ref.vault(), ref.name(), message, null);
  }

  /** What does not exist. */
  public Missing missing() {
    return missing;
  }

  /** The vault that was asked for. */
  public String vault() {
    return vault;
  }

  /** The secret that was asked for; empty if the call was about the vault alone. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  @Override
  public boolean dropsCached() {
    return true;
  }

  @Override
  public SecretNotFoundException forCaller() {
    return new SecretNotFoundException(missing, vault, name, text(), this);
  }

  /** The part of an address that does not exist. */
  public enum Missing {
    /** The vault, and so everything in it. */
    VAULT,
    /** The secret; its vault exists. */
    SECRET
  }
}
