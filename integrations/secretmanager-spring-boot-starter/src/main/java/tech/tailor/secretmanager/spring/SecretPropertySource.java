package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * Answers for the placeholder of a reference, {@code ${secret@vault/name}}. It throws where there
 * is no value: Spring hands out the text of a placeholder that nobody answers, and an application
 * would log in with it. It lists no names.
 */
final class SecretPropertySource extends PropertySource<ManagerHolder> {

  static final String NAME = "secretmanager";
  static final String PREFIX = "secret@";

  private final HandedOutValues handedOut = new HandedOutValues();

  SecretPropertySource(ManagerHolder holder) {
    super(NAME, holder);
  }

  /** Returns the environment's, or null if it has none. */
  static @Nullable SecretPropertySource of(ConfigurableEnvironment environment) {
    return environment.getPropertySources().get(NAME) instanceof SecretPropertySource source
        ? source
        : null;
  }

  @Override
  public @Nullable Object getProperty(String name) {
    if (!name.startsWith(PREFIX) || !getSource().properties().enabled()) {
      return null;
    }
    // Spring asks for the whole text first, and for what is before the colon then.
    int colon = name.indexOf(':');
    if (colon < 0) {
      return read(ref(name), null);
    }
    SecretRef ref = ref(name.substring(0, colon));
    if (!getSource().properties().allowDefaults()) {
      throw new SecretReferenceException("The reference to the secret " + ref
          + " has a default, which would take its place without a word where the secret is"
          + " missing. Take the default away, or set secretmanager.allow-defaults=true");
    }
    return read(ref, name.substring(colon + 1));
  }

  private static SecretRef ref(String name) {
    try {
      return SecretRef.parse(name.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new SecretReferenceException(
          "A reference to a secret must be ${secret@vault/name}: " + e.getMessage(), e);
    }
  }

  /** Returns a value as Spring takes it for what it is; or throws what says why there is none. */
  String read(SecretRef ref, @Nullable String whereMissing) {
    try {
      getSource().fetchWithOthers(ref);
      String text = getSource().manager().withSecret(ref, SecretValue::revealString);
      handedOut.add(ref, text);
      // Spring looks for placeholders in the value, too.
      return text.replace("${", "\\${");
    } catch (SecretNotFoundException e) {
      if (whereMissing != null) {
        return whereMissing;
      }
      throw new SecretReferenceException(
          e.getMessage() + "; create it, or correct the reference", e);
    } catch (SecretManagerException | IllegalStateException e) {
      throw unreadable(ref, e);
    }
  }

  private static SecretReferenceException unreadable(SecretRef ref, RuntimeException e) {
    return e instanceof SecretReferenceException own
        ? own
        : new SecretReferenceException(
            "The secret " + ref + " can't be read: " + e.getMessage(), e);
  }

  /** Returns whether a text holds the value of a secret that a property was resolved to. */
  boolean isHandedOutIn(String text) {
    return handedOut.isAnyIn(text);
  }
}
