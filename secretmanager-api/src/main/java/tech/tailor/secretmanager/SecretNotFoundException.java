package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A vault, a secret or a version of it does not exist; {@link #missing()} says which of them.
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
    String message =
        "There is no vault " + MessageText.quote(vault) + "; create it, or check the name";
    return new SecretNotFoundException(Missing.VAULT, vault, null, message, null);
  }

  /**
   * The secret could not be read because the given part of its address does not exist.
   *
   * @param ref the secret that was asked for
   * @param missing what of it is missing
   * @throws IllegalArgumentException if that is a version, for which there is {@link #version}
   */
  public static SecretNotFoundException of(SecretRef ref, Missing missing) {
    requireNonNull(ref, "ref");
    String message = switch (requireNonNull(missing, "missing")) {
      case VAULT ->
        "There is no secret " + ref + ": the vault \"" + ref.vault() + "\" does not exist";
      case SECRET ->
        "There is no secret " + ref + ": the vault exists, but has no secret \"" + ref.name()
            + "\"";
      case VERSION ->
        throw new IllegalArgumentException(
            "A missing version needs its number: use SecretNotFoundException.version");
    };
    return new SecretNotFoundException(missing, ref.vault(), ref.name(), message, null);
  }

  /**
   * The secret exists, but has no such version: it was never written, or is no longer kept.
   *
   * @param ref the secret that was asked for
   * @param version the number that was asked for
   */
  public static SecretNotFoundException version(SecretRef ref, long version) {
    requireNonNull(ref, "ref");
    String message = "There is no version " + version + " of the secret " + ref
        + ": it was never written, or is no longer kept. List the versions to see which are there";
    return new SecretNotFoundException(Missing.VERSION, ref.vault(), ref.name(), message, null);
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
  SecretNotFoundException forCaller() {
    return new SecretNotFoundException(missing, vault, name, text(), this);
  }

  /** The part of an address that does not exist. */
  public enum Missing {
    /** The vault, and so everything in it. */
    VAULT,
    /** The secret; its vault exists. */
    SECRET,
    /** One version; the secret exists. Only where a call names a version. */
    VERSION
  }
}
