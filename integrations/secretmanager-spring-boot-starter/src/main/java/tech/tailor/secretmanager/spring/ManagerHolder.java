package tech.tailor.secretmanager.spring;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.util.ClassUtils;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * The one manager of an application. It is opened when the first reference is read or the bean is
 * made, since its settings may be in files that are not loaded before. Thread-safe.
 */
final class ManagerHolder implements AutoCloseable {

  private static final boolean WITH_SPRING_CLOUD = ClassUtils.isPresent(
      "org.springframework.cloud.context.environment.EnvironmentChangeEvent",
      ManagerHolder.class.getClassLoader());

  private final ConfigurableEnvironment environment;
  private final SecretChanges changes;
  private final AskedSecrets asked;
  private final Set<String> fetchedVaults = new HashSet<>();
  private @Nullable SecretManagerProperties properties;
  private @Nullable SecretManager manager;
  private @Nullable SecretStore store;
  private @Nullable LogMask mask;
  private boolean loaded;
  private boolean opening;
  private boolean started;
  private boolean closed;

  ManagerHolder(ConfigurableEnvironment environment, SecretChanges changes, AskedSecrets asked) {
    this.environment = environment;
    this.changes = changes;
    this.asked = asked;
  }

  /** Tells of the changes that the manager hears of. */
  SecretChanges changes() {
    return changes;
  }

  /** Knows what the manager was asked for. */
  AskedSecrets asked() {
    return asked;
  }

  /** The settings are all there from now on. */
  synchronized void configurationIsLoaded() {
    loaded = true;
  }

  synchronized SecretManagerProperties properties() {
    if (!loaded) {
      throw new SecretReferenceException("A property that is needed to load the configuration, such"
          + " as one of spring.config or spring.profiles, refers to a secret; the settings of the"
          + " secret manager are not known by then");
    }
    if (properties == null) {
      if (opening) {
        throw new SecretReferenceException("A property that begins with \"secretmanager.\" refers"
            + " to a secret; the secret manager is opened by it, and so can't read it");
      }
      opening = true;
      try {
        properties = Binder.get(environment)
            .bindOrCreate(SecretManagerProperties.PREFIX, SecretManagerProperties.class);
      } finally {
        opening = false;
      }
    }
    return properties;
  }

  /** Returns the manager, which is open until this is closed. */
  synchronized SecretManager manager() {
    requireUsable();
    if (manager == null) {
      SecretManager given = given();
      manager = given != null ? given : open();
    }
    return manager;
  }

  /**
   * Fetches the secrets of a vault that properties refer to, by one call, before the first of them
   * is read.
   *
   * @throws tech.tailor.secretmanager.SecretManagerException if the vault can't be read
   */
  void fetchWithOthers(SecretRef ref) {
    Set<String> names = namesToFetch(ref);
    if (names.size() > 1) {
      manager().getSecrets(ref.vault(), names).close();
    }
  }

  private synchronized Set<String> namesToFetch(SecretRef ref) {
    if (given() != null || !fetchedVaults.add(ref.vault())) {
      return Set.of();
    }
    Set<String> names = new LinkedHashSet<>(Set.of(ref.name()));
    for (SecretRef each : PropertyReferences.secrets(environment)) {
      if (each.vault().equals(ref.vault())) {
        names.add(each.name());
      }
    }
    return names;
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException(
          "The secret manager is closed, as the application is; nothing can be read any more");
    }
    if (Boolean.getBoolean("spring.aot.processing")) {
      throw new SecretReferenceException(
          "A secret is needed while the application is processed ahead of time; secrets are read"
              + " when it runs");
    }
  }

  /** Returns the secrets of a vault, without their values. */
  synchronized List<SecretInfo> listSecrets(String vault) {
    requireUsable();
    if (given() != null) {
      throw new SecretReferenceException(
          "A vault can't be imported where a test gives the manager; there is no store to list");
    }
    return store().listSecrets(vault);
  }

  /** Returns the one that the test kit puts into the environment of a test, or null. */
  private @Nullable SecretManager given() {
    PropertySource<?> source = environment.getPropertySources().get("secretmanager-given");
    return source != null && source.getSource() instanceof SecretManager given ? given : null;
  }

  /** The store is opened before the manager, which keeps the secrets of listed vaults warm. */
  private SecretStore store() {
    if (store == null) {
      Map<String, String> environment = properties().environment(System.getenv());
      try {
        store = SecretStores.open(environment);
      } catch (IllegalArgumentException | IllegalStateException e) {
        throw new SecretReferenceException(
            (!environment.getOrDefault("TAILOR_SECRETMANAGER_URL", "").isEmpty()
                    ? "The store that secretmanager.url names can't be opened: "
                    : "There is no secret store: set secretmanager.url, such as"
                        + " file:/var/lib/app/secrets, and secretmanager.key-file. Without an"
                        + " address: ")
                + e.getMessage(),
            e);
      }
    }
    return store;
  }

  private SecretManager open() {
    return properties()
        .builder(watched(store()))
        .keepWarm(keptWarm(properties()).toArray(SecretRef[]::new))
        .listener(changes)
        .listener(asked)
        .build();
  }

  /**
   * Returns the secrets of which a change must be noticed though nobody reads them again, and those
   * of imported vaults: each look at such a property is a read, which is answered from the cache.
   */
  private Set<SecretRef> keptWarm(SecretManagerProperties properties) {
    Set<SecretRef> refs =
        new LinkedHashSet<>(DatasourceProperties.of(environment).secrets());
    refs.addAll(SslProperties.secrets(environment).values());
    refs.addAll(PropertyReferences.importedSecrets(environment));
    if (WITH_SPRING_CLOUD && properties.reload()) {
      refs.addAll(PropertyReferences.secrets(environment));
    }
    return refs;
  }

  /** Returns the backend, or one in front of it from which the mask of the logs learns values. */
  synchronized SecretBackend watched(SecretBackend backend) {
    LogMask masking = mask();
    return masking == null ? backend : masking.watching(backend);
  }

  /** Returns what masks secrets in logs, or null if nothing does. */
  synchronized @Nullable LogMask mask() {
    if (mask == null && isOn("enabled", true) && isOn("mask-logs", false)) {
      mask = LogMask.create(DatasourceProperties.of(environment).passwordMember());
    }
    return mask;
  }

  /** Reads one setting alone: an application that uses nothing of this may have others unset. */
  private boolean isOn(String setting, boolean byDefault) {
    return Binder.get(environment)
        .bind(SecretManagerProperties.PREFIX + "." + setting, Boolean.class)
        .orElse(byDefault);
  }

  /** The application runs, and no failure of its start is to be reported any more. */
  synchronized void startIsOver() {
    started = true;
  }

  /**
   * Closes this, and ends the masking of logs, since nothing is written any more; but after a start
   * that failed: its report is logged when the beans are gone.
   */
  synchronized void closeWithContext() {
    close();
    if (mask != null && started) {
      mask.close();
    }
  }

  /**
   * After a start that failed, the report is yet to be logged, and so what is known stays masked.
   */
  @Override
  public synchronized void close() {
    closed = true;
    if (manager != null) {
      manager.close(); // and the store with it
    } else if (store != null) {
      store.close();
    }
  }
}
