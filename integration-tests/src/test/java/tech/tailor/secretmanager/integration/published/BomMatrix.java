package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tech.tailor.secretmanager.fixtures.Jdk;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * Applications, each with its own versions of what the library depends on, and what came out: a
 * table with a line for each.
 */
final class BomMatrix {

  /** The artifacts whose versions are shown. */
  private static final List<String> SHOWN = List.of(
      "caffeine",
      "protobuf-java",
      "okhttp",
      "okhttp-jvm",
      "okio-jvm",
      "kotlin-stdlib",
      "jackson-core",
      "junit-jupiter-api",
      "assertj-core");

  private final List<Jdk> jdks =
      Stream.concat(Stream.of(Jdk.current()), Jdk.newestOther().stream()).toList();
  private final ClassPaths paths;
  private final Linkage linkage;
  private final Path directory;
  private final List<String> lines = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int ran;

  /**
   * Nothing yet.
   *
   * @param linkage what the library uses
   * @param directory for the files of the applications
   */
  BomMatrix(ClassPaths paths, Linkage linkage, Path directory) {
    this.paths = paths;
    this.linkage = linkage;
    this.directory = directory;
    List<String> columns = new ArrayList<>(SHOWN);
    columns.add("linkage");
    jdks.forEach(jdk -> columns.add("JDK " + jdk.feature()));
    if (jdks.size() == 1) {
      lines.add("SKIPPED: a run on another JDK: none is installed");
    }
    lines.add(line("application", columns));
  }

  /** Has each application read its secrets, on each JDK; checks its class path before. */
  void run(List<Application> applications) throws IOException {
    try (SecretManagerEmulator server = SecretManagerEmulator.start()) {
      for (Application application : applications) {
        if (isSkipped(application)) {
          continue;
        }
        List<Path> path = paths.of(application);
        List<String> columns = checked(application, path);
        for (Jdk jdk : jdks) {
          ApplicationRun run = ApplicationRun.on(jdk.home(), path, server, directory);
          if (run.equals(ApplicationRun.SUCCESS)) {
            columns.add("OK");
          } else {
            columns.add("FAILED");
            failures.add(application.name() + " on JDK " + jdk.feature() + ": " + run);
          }
        }
        lines.add(line(application.name(), columns));
        ran++;
      }
    }
  }

  /** Checks the class path of each application, without a run. */
  void check(List<Application> applications) {
    for (Application application : applications) {
      if (!isSkipped(application)) {
        lines.add(line(application.name(), checked(application, paths.of(application))));
      }
    }
  }

  /** What did not work. */
  List<String> failures() {
    return failures;
  }

  /** How many applications were run. */
  int ran() {
    return ran;
  }

  /** The table. */
  @Override
  public String toString() {
    return String.join("\n", lines);
  }

  private boolean isSkipped(Application application) {
    if (paths.contains(application)) {
      return false;
    }
    lines.add(paths.skipped(application));
    return true;
  }

  /** The versions on a class path, and whether it has all that the library uses. */
  private List<String> checked(Application application, List<Path> path) {
    List<String> columns = new ArrayList<>();
    for (String artifact : SHOWN) {
      columns.add(path.stream()
          .map(ClassPaths::coordinates)
          .filter(each -> each.contains(":" + artifact + ":"))
          .map(each -> each.substring(each.lastIndexOf(':') + 1))
          .collect(Collectors.joining(",")));
    }
    List<String> broken = linkage.broken(path);
    columns.add(broken.isEmpty() ? "OK" : "FAILED");
    broken.forEach(use -> failures.add(application.name() + " lacks " + use));
    return columns;
  }

  private static String line(String name, List<String> columns) {
    return "%-34s ".formatted(name)
        + columns.stream()
            .map(column -> "%-17s".formatted(column.isEmpty() ? "-" : column))
            .collect(Collectors.joining(" "))
            .stripTrailing();
  }
}
