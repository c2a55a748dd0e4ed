package tech.tailor.secretmanager.spring;

import java.util.List;
import java.util.Map;
import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Marks where in the order of property sources an imported vault belongs. The settings of the
 * manager may be in a file that is loaded later, and a refresh of Spring Cloud loads again: so the
 * vault itself takes its place once everything is loaded, and the mark has no properties.
 */
final class VaultImportLoader implements ConfigDataLoader<VaultImport> {

  @Override
  public ConfigData load(ConfigDataLoaderContext context, VaultImport resource) {
    return new ConfigData(List.of(new Mark(resource)));
  }

  static final class Mark extends MapPropertySource {

    private final VaultImport imported;

    Mark(VaultImport imported) {
      super("mark of " + imported, Map.of());
      this.imported = imported;
    }

    VaultImport imported() {
      return imported;
    }
  }
}
