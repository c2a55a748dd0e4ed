package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataResource;
import tech.tailor.secretmanager.SecretRef;

/** A vault that {@code spring.config.import} names, as {@code secretmanager:VAULT[?prefix=]}. */
final class VaultImport extends ConfigDataResource {

  static final String SCHEME = "secretmanager:";
  private static final String PREFIX = "?prefix=";

  private final String vault;
  private final String prefix;
  private final boolean optional;

  private VaultImport(String vault, String prefix, boolean optional) {
    this.vault = vault;
    this.prefix = prefix;
    this.optional = optional;
  }

  static VaultImport of(ConfigDataLocation location) {
    String text = location.getNonPrefixedValue(SCHEME);
    int query = text.indexOf('?');
    String vault = query < 0 ? text : text.substring(0, query);
    String rest = query < 0 ? PREFIX : text.substring(query);
    try {
      SecretRef.requireVaultName(vault);
    } catch (IllegalArgumentException e) {
      throw refused(location, e.getMessage());
    }
    if (!rest.startsWith(PREFIX) || rest.indexOf('&') >= 0) {
      throw refused(location, "after the vault there can be ?prefix=, and nothing else");
    }
    return new VaultImport(vault, rest.substring(PREFIX.length()), location.isOptional());
  }

  private static SecretReferenceException refused(
      ConfigDataLocation location, @Nullable String why) {
    return new SecretReferenceException("The import " + location
        + " must be secretmanager:VAULT or secretmanager:VAULT?prefix=: " + why);
  }

  String vault() {
    return vault;
  }

  /** What the names of the properties begin with; the secret's name follows. */
  String prefix() {
    return prefix;
  }

  /** Whether the vault may be missing. */
  boolean isOptional() {
    return optional;
  }

  /** Spring resolves a location twice, and loads what is equal once. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VaultImport same && toString().equals(same.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return SCHEME + vault + PREFIX + prefix;
  }
}
