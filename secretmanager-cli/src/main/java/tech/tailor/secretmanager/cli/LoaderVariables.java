package tech.tailor.secretmanager.cli;

import java.util.List;
import java.util.Set;

/**
 * Variables that change how programs are found, loaded or started. A vault's owner could run code
 * of their own by a secret of such a name, so each has to be asked for by name.
 */
final class LoaderVariables {

  private static final Set<String> NAMES = Set.of(
      "PATH",
      "IFS",
      "ENV",
      "SHELLOPTS",
      "BASHOPTS",
      "CLASSPATH",
      "JAVA_TOOL_OPTIONS",
      "JDK_JAVA_OPTIONS",
      "_JAVA_OPTIONS",
      "NODE_OPTIONS",
      "NODE_PATH",
      "PERLLIB",
      "RUBYOPT",
      "RUBYLIB");
  private static final List<String> PREFIXES = List.of(
      "LD_",
      "DYLD_",
      "BASH_",
      "PYTHON",
      "PERL5",
      "GIT_CONFIG",
      "GIT_SSH",
      "GIT_EXEC",
      "GIT_ASKPASS");

  private LoaderVariables() {}

  static boolean contain(String variable) {
    return NAMES.contains(variable) || PREFIXES.stream().anyMatch(variable::startsWith);
  }
}
