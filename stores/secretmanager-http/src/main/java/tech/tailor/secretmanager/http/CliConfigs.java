package tech.tailor.secretmanager.http;

import java.nio.file.Path;

/** Reads a {@link CliConfig}, which needs the optional YAML reader. */
final class CliConfigs {

  private CliConfigs() {}

  /**
   * Reads the file.
   *
   * @throws IllegalStateException if there is no YAML reader
   * @throws tech.tailor.secretmanager.SecretManagerException if the file can't be read
   */
  static CliConfig read(Path file) {
    try {
      return CliConfig.read(file);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException("To read the configuration of Tailor's CLI, add"
          + " com.fasterxml.jackson.dataformat:jackson-dataformat-yaml to the application (on a"
          + " module path, require com.fasterxml.jackson.dataformat.yaml too); or set"
          + " TAILOR_PLATFORM_TOKEN and TAILOR_PLATFORM_WORKSPACE_ID");
    }
  }
}
