package tech.tailor.secretmanager.http;

import java.nio.file.InvalidPathException;
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
 * @param plainUsers whether users of another platform than Tailor's may be keyed by their name
 *     alone, as older versions of the CLI have it
 */
record CliSettings(
    Path file, Optional<String> profile, Endpoint platform, String clientId, boolean plainUsers) {

  static final String PLATFORM = "https://api.tailor.tech";

  /** The public id of the CLI, which is no secret. */
  private static final String CLIENT_ID = "cpoc_0Iudir72fqSpqC6GQ58ri1cLAqcq5vJl";

  /**
   * Reads the settings from an environment.
   *
   * @throws IllegalArgumentException if the platform's URL or the directory's path is invalid
   */
  static CliSettings of(Map<String, String> environment) {
    return new CliSettings(
        file(environment),
        first(environment, "TAILOR_PLATFORM_PROFILE"),
        platform(environment),
        first(environment, "TAILOR_PLATFORM_OAUTH2_CLIENT_ID", "PLATFORM_OAUTH2_CLIENT_ID")
            .orElse(CLIENT_ID),
        first(environment, "TAILOR_PLATFORM_URL").isEmpty()
            && first(environment, "PLATFORM_URL").isPresent());
  }

  /** Settings of an older version of the CLI. */
  CliSettings(Path file, Optional<String> profile, Endpoint platform, String clientId) {
    this(file, profile, platform, clientId, true);
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
    try {
      Path directory = first(environment, "XDG_CONFIG_HOME")
          .map(Path::of)
          .orElseGet(() -> Path.of(
              first(environment, "HOME").orElseGet(() -> System.getProperty("user.home", ".")),
              ".config"));
      return directory.resolve("tailor-platform").resolve("config.yaml");
    } catch (InvalidPathException e) { // its message shows the text as it is
      throw new IllegalArgumentException(
          "XDG_CONFIG_HOME, or HOME, must be a path that this system and its locale can have");
    }
  }
}
