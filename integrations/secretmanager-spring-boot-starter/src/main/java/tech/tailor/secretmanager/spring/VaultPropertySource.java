package tech.tailor.secretmanager.spring;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.util.StringUtils;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretInfo;

/**
 * The secrets of an imported vault as properties. It knows their names from the start, and reads a
 * value when it is asked for it. One that can't be read is a value that fails when it is used: a
 * refresh, or a list of the environment, looks at all properties, and must get to the others.
 */
final class VaultPropertySource extends EnumerablePropertySource<SecretPropertySource> {

  private final Map<String, SecretRef> refs = new LinkedHashMap<>();

  private VaultPropertySource(VaultImport imported, SecretPropertySource secrets) {
    super(imported.toString(), secrets);
    for (SecretInfo info : secrets.getSource().listSecrets(imported.vault())) {
      refs.put(imported.prefix() + info.name(), SecretRef.of(imported.vault(), info.name()));
    }
  }

  /** Puts imported vaults where they are marked. */
  static void replaceMarks(MutablePropertySources sources, SecretPropertySource secrets) {
    for (PropertySource<?> source : sources.stream().toList()) {
      if (source instanceof VaultImportLoader.Mark mark
          && secrets.getSource().properties().enabled()) {
        VaultPropertySource vault = list(mark.imported(), secrets);
        if (vault != null) {
          sources.addBefore(mark.getName(), vault);
        }
      }
    }
  }

  private static @Nullable VaultPropertySource list(
      VaultImport imported, SecretPropertySource secrets) {
    try {
      return new VaultPropertySource(imported, secrets);
    } catch (SecretNotFoundException e) {
      if (imported.isOptional()) {
        return null;
      }
      throw notListed(imported, e, "create it, or import optional:" + imported);
    } catch (SecretManagerException e) {
      throw notListed(
          imported,
          e,
          "an import needs the right to list secrets; ${secret@" + imported.vault()
              + "/NAME} in a property does not");
    }
  }

  private static SecretReferenceException notListed(
      VaultImport imported, SecretManagerException failure, String remedy) {
    return new SecretReferenceException(
        "The vault " + imported.vault() + " can't be imported: " + failure.getMessage() + "; "
            + remedy,
        failure);
  }

  @Override
  public String[] getPropertyNames() {
    return StringUtils.toStringArray(refs.keySet());
  }

  @Override
  public boolean containsProperty(String name) {
    return refs.containsKey(name);
  }

  @Override
  public @Nullable Object getProperty(String name) {
    SecretRef ref = refs.get(name);
    if (ref == null) {
      return null;
    }
    try {
      return getSource().read(ref, null);
    } catch (SecretReferenceException e) {
      return new UnreadableValue(e);
    }
  }

  /** Returns the secrets that are properties. */
  Collection<SecretRef> secrets() {
    return Collections.unmodifiableCollection(refs.values());
  }

  /** Returns the property that shows a secret, or null. */
  @Nullable
  String nameOf(SecretRef ref) {
    return refs.entrySet().stream()
        .filter(each -> each.getValue().equals(ref))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }
}
