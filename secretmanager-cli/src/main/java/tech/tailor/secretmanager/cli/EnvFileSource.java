package tech.tailor.secretmanager.cli;

import java.util.Optional;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;

/** The value of a variable in an env file. As in the environment, white space is no value. */
final class EnvFileSource implements SecretSource {

  private final String variable;
  private final String text;

  EnvFileSource(String variable, String text) {
    this.variable = variable;
    this.text = text;
  }

  @Override
  public Optional<SecretValue> read(SecretRef ref) {
    return text.isBlank() ? Optional.empty() : Optional.of(SecretValue.of(text));
  }

  @Override
  public boolean isKnownToBeEmpty(SecretRef ref) {
    return text.isBlank();
  }

  @Override
  public String origin() {
    return "the variable " + variable + " of an env file";
  }

  @Override
  public String toString() {
    return "SecretSource[" + origin() + "]";
  }
}
