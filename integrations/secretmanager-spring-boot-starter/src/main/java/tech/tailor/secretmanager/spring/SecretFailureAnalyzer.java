package tech.tailor.secretmanager.spring;

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

  private final @Nullable SecretPropertySource source;

  SecretFailureAnalyzer(Environment environment) {
    this.source = environment instanceof ConfigurableEnvironment configurable
        ? SecretPropertySource.of(configurable)
        : null;
  }

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    String property = property(failure);
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SecretReferenceException || each instanceof SecretManagerException) {
        return new FailureAnalysis(property + each.getMessage(), null, failure);
      }
    }
    if (source != null && source.isQuoted()) {
      return new FailureAnalysis(
          property + "The application failed to start because of "
              + root(failure).getClass().getName()
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

  private static String property(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof BindException bind) {
        return "The property " + bind.getName() + " can't be set. ";
      }
    }
    return "";
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
