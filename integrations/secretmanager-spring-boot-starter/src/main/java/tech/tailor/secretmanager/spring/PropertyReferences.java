package tech.tailor.secretmanager.spring;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import tech.tailor.secretmanager.SecretRef;

/** Which properties refer to which secrets, by their texts: nothing is resolved, and so read. */
final class PropertyReferences {

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{" + SecretPropertySource.PREFIX + "([^}:$]*)[}:]");

  private PropertyReferences() {}

  /** Returns the secrets that properties refer to, of the sources that tell their names. */
  static Set<SecretRef> secrets(ConfigurableEnvironment environment) {
    Set<SecretRef> refs = new LinkedHashSet<>();
    forEachText(environment, (name, text) -> {
      Matcher matcher = REFERENCE.matcher(text);
      while (matcher.find()) {
        secret(matcher.group(1)).ifPresent(refs::add);
      }
    });
    return refs;
  }

  private static Optional<SecretRef> secret(String text) {
    try {
      return Optional.of(SecretRef.parse(text));
    } catch (IllegalArgumentException e) { // said when the property is read
      return Optional.empty();
    }
  }

  /** Returns the properties that refer to a secret, also by way of others. */
  static Set<String> names(ConfigurableEnvironment environment, SecretRef ref) {
    Map<String, String> texts = new LinkedHashMap<>();
    forEachText(environment, (name, text) -> {
      if (text.contains("${")) {
        texts.putIfAbsent(name, text);
      }
    });
    Set<String> names = imported(environment, ref);
    Set<String> sought = new LinkedHashSet<>(names);
    sought.add(SecretPropertySource.PREFIX + ref);
    while (!sought.isEmpty()) {
      Set<String> found = new LinkedHashSet<>();
      for (String placeholder : sought) {
        texts.forEach((name, text) -> {
          if (text.contains("${" + placeholder + "}") || text.contains("${" + placeholder + ":")) {
            found.add(name);
          }
        });
      }
      found.removeAll(names);
      names.addAll(found);
      sought = found;
    }
    return names;
  }

  /** Returns the secrets of imported vaults. */
  static Set<SecretRef> importedSecrets(ConfigurableEnvironment environment) {
    return environment.getPropertySources().stream()
        .filter(VaultPropertySource.class::isInstance)
        .flatMap(source -> ((VaultPropertySource) source).secrets().stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Set<String> imported(ConfigurableEnvironment environment, SecretRef ref) {
    return environment.getPropertySources().stream()
        .filter(VaultPropertySource.class::isInstance)
        .map(source -> ((VaultPropertySource) source).nameOf(ref))
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Without imported vaults, whose texts are values. */
  private static void forEachText(
      ConfigurableEnvironment environment, BiConsumer<String, String> action) {
    environment.getPropertySources().stream()
        .filter(EnumerablePropertySource.class::isInstance)
        .filter(source -> !(source instanceof VaultPropertySource))
        .map(EnumerablePropertySource.class::cast)
        .forEach(source -> {
          for (String name : source.getPropertyNames()) {
            if (source.getProperty(name) instanceof CharSequence text) {
              action.accept(name, text.toString());
            }
          }
        });
  }
}
