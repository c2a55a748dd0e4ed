package tech.tailor.secretmanager.spring;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import tech.tailor.secretmanager.SecretManagerException;

/**
 * Explains a start that failed because of a secret; and takes the place of the other analyzers
 * where their text would show one, as that of a value that is no number does.
 */
final class SecretFailureAnalyzer implements FailureAnalyzer, Ordered {

  /** More links than any real chain has; one that has them may be a circle. */
  private static final int LONGEST_CHAIN = 30;

  private final @Nullable SecretPropertySource source;

  SecretFailureAnalyzer(Environment environment) {
    this.source = environment instanceof ConfigurableEnvironment configurable
        ? SecretPropertySource.of(configurable)
        : null;
  }

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    List<Throwable> chain = chain(failure);
    String property = property(chain);
    for (Throwable each : chain) {
      if (each instanceof SecretReferenceException || each instanceof SecretManagerException) {
        return new FailureAnalysis(property + each.getMessage(), null, failure);
      }
    }
    if (source != null && source.isHandedOutIn(text(failure))) {
      return new FailureAnalysis(
          property + "The application failed to start because of "
              + chain.get(chain.size() - 1).getClass().getName()
              + ". Its message is withheld, since it holds the value of a secret.",
          "Check that the secret has the form that the property needs.",
          null);
    }
    return null;
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  private static String property(List<Throwable> chain) {
    for (Throwable each : chain) {
      if (each instanceof BindException bind) {
        return "The property " + bind.getName() + " can't be set. ";
      }
    }
    return "";
  }

  private static String text(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    StringBuilder text = new StringBuilder();
    addMessages(failure, text, seen);
    return text.toString();
  }

  private static void addMessages(
      @Nullable Throwable failure, StringBuilder text, Set<Throwable> seen) {
    if (failure != null && seen.add(failure)) {
      text.append(failure.getMessage()).append('\n');
      addMessages(failure.getCause(), text, seen);
      for (Throwable suppressed : failure.getSuppressed()) {
        addMessages(suppressed, text, seen);
      }
    }
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable each = failure;
        each != null && chain.size() < LONGEST_CHAIN;
        each = each.getCause()) {
      chain.add(each);
    }
    return chain;
  }
}
