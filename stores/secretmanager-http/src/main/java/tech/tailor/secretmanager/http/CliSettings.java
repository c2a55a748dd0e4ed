package tech.tailor.secretmanager.http;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the users of Tailor's CLI set in their environment.
 *
 * @param file the CLI's configuration
 * @param profile the one that is chosen, if one is
 * @param platform where the platform is
 * @param clientId by which the CLI is known to the platform
 */
record CliSettings(Path file, Optional<String> profile, Endpoint platform, String clientId) {

  static final String PLATFORM = "https://api.tailor.tech";

  /** The public id of the CLI, which is no secret. */
  private static final String CLIENT_ID = "cpoc_0Iudir72fqSpqC6GQ58ri1cLAqcq5vJl";

  /**
   * The settings in an environment.
   *
   * @throws IllegalArgumentException if the platform's URL is none
   */
  static CliSettings of(Map<String, String> environment) {
    return new CliSettings(
        file(environment),
        first(environment, "TAILOR_PLATFORM_PROFILE"),
        platform(environment),
        first(environment, "TAILOR_PLATFORM_OAUTH2_CLIENT_ID", "PLATFORM_OAUTH2_CLIENT_ID")
            .orElse(CLIENT_ID));
  }

  /**
   * The workspace that the environment names, or the profile.
   *
   * @throws IllegalStateException if there is none
   */
  String workspace(Map<String, String> environment) {
    return first(environment, "TAILOR_PLATFORM_WORKSPACE_ID")
        .or(() -> profile.flatMap(name -> CliConfigs.read(file).workspace(name)))
        .orElseThrow(() -> new IllegalStateException("There is no workspace: set"
            + " TAILOR_PLATFORM_WORKSPACE_ID, or TAILOR_PLATFORM_PROFILE to a profile that has"
            + " one"));
  }

  /** Where the platform is. */
  private static Endpoint platform(Map<String, String> environment) {
    String url = first(environment, "TAILOR_PLATFORM_URL", "PLATFORM_URL").orElse(PLATFORM);
    return Endpoint.of(url, false, "The URL in TAILOR_PLATFORM_URL or PLATFORM_URL");
  }

  /** The first of the variables that is set, and not empty. */
  static Optional<String> first(Map<String, String> environment, String... variables) {
    for (String variable : variables) {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  private static Path file(Map<String, String> environment) {
    Path directory = first(environment, "XDG_CONFIG_HOME")
        .map(Path::of)
        .orElseGet(() -> Path.of(
            first(environment, "HOME").orElseGet(() -> System.getProperty("user.home", ".")),
            ".config"));
    return directory.resolve("tailor-platform").resolve("config.yaml");
  }
}
