package tech.tailor.secretmanager.spring;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final String PREFIX = "secret@";

  /** What was handed out during the start, so that it is found in the text of a failure. */
  private final Map<SecretRef, SecretValue> handedOut = new ConcurrentHashMap<>();

  private volatile boolean starting = true;
  private volatile boolean quoted;

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

  private String read(SecretRef ref, @Nullable String whereMissing) {
    try {
      String text = getSource().manager().withSecret(ref, SecretValue::revealString);
      if (starting) {
        remember(ref, text);
      }
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

  private void remember(SecretRef ref, String text) {
    SecretValue before = handedOut.put(ref, SecretValue.of(text));
    if (before != null) {
      before.close();
    }
  }

  private static SecretReferenceException unreadable(SecretRef ref, RuntimeException e) {
    return e instanceof SecretReferenceException own
        ? own
        : new SecretReferenceException(
            "The secret " + ref + " can't be read: " + e.getMessage(), e);
  }

  /**
   * Decides whether a failed start quotes a secret, and forgets what was handed out. Only this can
   * tell: the manager may be closed by now.
   */
  void startFailed(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      text.append(each).append('\n');
    }
    quoted = handedOut.values().stream().anyMatch(value -> isIn(value, text));
    startEnded();
  }

  /** Forgets what was handed out: a failure to start will not quote it any more. */
  void startEnded() {
    starting = false;
    handedOut.values().forEach(SecretValue::close);
    handedOut.clear();
  }

  /** Returns whether the start failed, and the exception quotes a secret. */
  boolean isQuoted() {
    return quoted;
  }

  private static boolean isIn(SecretValue value, CharSequence text) {
    String plain = value.revealString();
    return !plain.isEmpty() && text.toString().contains(plain);
  }
}
