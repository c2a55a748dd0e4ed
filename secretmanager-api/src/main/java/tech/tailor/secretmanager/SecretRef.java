package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The address of a secret: the vault that holds it, and its name there. An instance always holds
 * two valid names.
 *
 * <p>Both follow the platform's grammar, {@value #NAME_GRAMMAR}: 3 to 63 characters, lower-case
 * letters, digits and hyphens, with a letter or a digit at either end. Immutable and thread-safe.
 *
 * @param vault the vault's name
 * @param name the secret's name in that vault
 */
public record SecretRef(String vault, String name) {

  /** The grammar of vault names and secret names, as a regular expression. */
  public static final String NAME_GRAMMAR = "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$";

  private static final int MIN_LENGTH = 3;
  private static final int MAX_LENGTH = 63;

  /**
   * Checks both names.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain #NAME_GRAMMAR grammar}
   */
  public SecretRef {
    requireVaultName(vault);
    requireNonNull(name, "name");
    if (!isValid(name)) {
      throw invalid("secret", name);
    }
  }

  /**
   * The address of a secret.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain #NAME_GRAMMAR grammar}
   */
  public static SecretRef of(String vault, String name) {
    return new SecretRef(vault, name);
  }

  /**
   * The address that {@link #toString} writes, such as {@code orders/db-password}.
   *
   * @throws IllegalArgumentException if it is not a vault name, a slash and a secret name, or a
   *     name breaks the {@linkplain #NAME_GRAMMAR grammar}
   */
  public static SecretRef parse(String address) {
    int slash = requireNonNull(address, "address").indexOf('/');
    if (slash < 0
        || !isValid(address.substring(0, slash))
        || !isValid(address.substring(slash + 1))) {
      // Not the text itself: it may be a value that stands in the place of an address.
      throw new IllegalArgumentException("Invalid address of a secret: it must be the name of its"
          + " vault, a slash and its own name, such as orders/db-password; both of "
          + MIN_LENGTH + " to " + MAX_LENGTH
          + " lower-case letters, digits and hyphens, with a letter or a"
          + " digit at either end");
    }
    return new SecretRef(address.substring(0, slash), address.substring(slash + 1));
  }

  // Written out: the JDK's own for records keeps the last record class reachable (JDK 17's
  // ObjectMethods), and with it the class loader of an application that has ended.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretRef ref && vault.equals(ref.vault) && name.equals(ref.name);
  }

  @Override
  public int hashCode() {
    return 31 * vault.hashCode() + name.hashCode();
  }

  /**
   * Returns the given vault name, checked.
   *
   * @throws IllegalArgumentException if the name breaks the {@linkplain #NAME_GRAMMAR grammar}
   */
  public static String requireVaultName(String vault) {
    requireNonNull(vault, "vault");
    if (!isValid(vault)) {
      throw invalid("vault", vault);
    }
    return vault;
  }

  /** Returns {@code vault/name}. */
  @Override
  public String toString() {
    return vault + "/" + name;
  }

  /**
   * Whether the name follows {@link #NAME_GRAMMAR}, by hand: this runs on every read, and a regular
   * expression costs as much as the read.
   */
  static boolean isValid(String name) {
    int length = name.length();
    if (length < MIN_LENGTH || length > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      boolean inside = i > 0 && i < length - 1;
      if (!alphanumeric && !(inside && c == '-')) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException invalid(String kind, String name) {
    return new IllegalArgumentException(
        "Invalid " + kind + " name " + MessageText.quote(name) + ": a " + kind
            + " name must match " + NAME_GRAMMAR
            + " (3 to 63 characters: lower-case letters, digits and hyphens, no hyphen at either end)");
  }
}
