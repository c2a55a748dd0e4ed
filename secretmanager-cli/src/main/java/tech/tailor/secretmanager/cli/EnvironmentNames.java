package tech.tailor.secretmanager.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Names of secrets as names of variables, and back. */
final class EnvironmentNames {

  private EnvironmentNames() {}

  /** {@code DB_PASSWORD} for {@code db-password}. */
  static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** {@code db-password} for {@code DB_PASSWORD} and {@code db.password}. */
  static String secret(String variable) {
    return variable.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
  }

  /**
   * The variables of the given secrets, each with its secret.
   *
   * @throws CliException if a name is no variable's, or two have the same variable
   */
  static Map<String, String> variables(Collection<String> names) {
    Map<String, String> variables = new TreeMap<>();
    for (String name : names) {
      String variable = variable(name);
      if (!DotEnv.NAME.matcher(variable).matches()) {
        throw CliException.usage("The secret \"" + name + "\" can't be a variable, since it begins"
            + " with a digit; name the variable yourself with --env.");
      }
      String other = variables.put(variable, name);
      if (other != null) {
        throw CliException.usage("The secrets \"" + other + "\" and \"" + name
            + "\" would both be the variable " + variable + "; name them yourself with --env.");
      }
    }
    return variables;
  }
}
