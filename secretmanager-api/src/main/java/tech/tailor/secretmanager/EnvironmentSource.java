package tech.tailor.secretmanager;

import java.nio.charset.Charset;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value from an environment variable.
 *
 * @param environment gives the text of a variable, or null
 * @param charset decoded that text
 */
record EnvironmentSource(
    String variable, Function<String, @Nullable String> environment, Charset charset)
    implements SecretSource {

  private static final int MAX_LENGTH = 255;

  EnvironmentSource {
    boolean valid = !variable.isEmpty()
        && variable.length() <= MAX_LENGTH
        && variable.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '=');
    if (!valid) {
      throw new IllegalArgumentException("Invalid name of an environment variable: it must have 1"
          + " to " + MAX_LENGTH + " visible ASCII characters, and no \"=\"");
    }
  }

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    String text = environment.apply(variable);
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    String doubt = DecodedText.doubt(text, charset);
    if (doubt != null) {
      throw failed(ref, doubt);
    }
    try {
      return Optional.of(SecretValue.of(text));
    } catch (IllegalArgumentException e) {
      throw failed(ref, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public boolean isKnownToBeEmpty(SecretRef ref) {
    String text = environment.apply(variable);
    return text == null || text.isBlank();
  }

  @Override
  public String origin() {
    return "the environment variable " + variable;
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }

  private SecretEncodingException failed(SecretRef ref, String why) {
    return new SecretEncodingException("The environment variable " + variable
        + " can't be the value of the secret " + ref + ": " + why);
  }
}
