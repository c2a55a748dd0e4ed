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
      "GCONV_PATH",
      "HOME",
      "PAGER",
      "EDITOR",
      "VISUAL",
      "ZDOTDIR",
      "JAVA_HOME",
      "JAVA_OPTS",
      "MAVEN_OPTS",
      "MAVEN_ARGS",
      "GRADLE_OPTS",
      "PROMPT_COMMAND",
      "PS0",
      "PS1",
      "PS2",
      "PS4",
      "SHELL",
      "KUBECONFIG",
      "GLIBC_TUNABLES",
      "DOTNET_STARTUP_HOOKS",
      "LUA_INIT",
      "PHPRC",
      "PHP_INI_SCAN_DIR",
      "GEM_PATH",
      "BUNDLE_GEMFILE",
      "JAVA_TOOL_OPTIONS",
      "NODE_OPTIONS",
      "NODE_PATH",
      "PERLLIB",
      "RUBYOPT",
      "RUBYLIB");
  private static final List<String> PREFIXES =
      List.of("LD_", "DYLD_", "BASH_", "PYTHON", "PERL5", "OPENSSL_", "GIT_");

  private LoaderVariables() {}

  static boolean contain(String variable) {
    return NAMES.contains(variable)
        || variable.endsWith("JAVA_OPTIONS")
        || PREFIXES.stream().anyMatch(variable::startsWith);
  }
}
