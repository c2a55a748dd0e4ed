package tech.tailor.secretmanager.spring;

import java.util.List;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;

/** Reads {@code spring.config.import=secretmanager:VAULT}. It contacts nothing. */
final class VaultImportResolver implements ConfigDataLocationResolver<VaultImport> {

  @Override
  public boolean isResolvable(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return location.hasPrefix(VaultImport.SCHEME);
  }

  @Override
  public List<VaultImport> resolve(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return List.of(VaultImport.of(location));
  }
}
