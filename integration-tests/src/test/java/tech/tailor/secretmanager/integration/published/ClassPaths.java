package tech.tailor.secretmanager.integration.published;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The run-time class paths of applications that use the library, as Maven resolves them. One run of
 * Maven is enough for all applications if nothing is to be downloaded and nothing fails.
 */
final class ClassPaths {

  private static final String OUTPUT = "class-path.txt";

  /** A POM that Maven can't read, and the first reason. It then resolves none of the others. */
  private static final Pattern UNREADABLE = Pattern.compile(
      "\\[ERROR] +The project org\\.example:(?<name>[^:]+):1 .*\\R\\[ERROR] +(?<why>.*)");

  private static final Pattern UNRESOLVED =
      Pattern.compile("\\[ERROR] Failed to execute goal .*on project (?<name>[^: ]+): (?<why>.*)");

  private final Path directory;
  private final String libraryVersion;
  private final Map<String, List<Path>> resolved = new TreeMap<>();
  private final Map<String, String> failures = new TreeMap<>();
  private int runs;
  private String log = "";

  private ClassPaths(Path directory, String libraryVersion) {
    this.directory = directory;
    this.libraryVersion = libraryVersion;
  }

  /**
   * Resolves class paths: first from the local repository alone, then what is missing with the
   * remote repositories.
   *
   * @param directory where the projects are written
   */
  static ClassPaths resolve(Path directory, TemporaryInstall library, Collection<Application> all) {
    ClassPaths paths = resolveOffline(directory, library, all);
    List<Application> missing =
        all.stream().filter(application -> !paths.contains(application)).toList();
    if (!missing.isEmpty()) {
      paths.attempt(missing);
    }
    return paths;
  }

  /** Resolves class paths from the local repository alone. */
  static ClassPaths resolveOffline(
      Path directory, TemporaryInstall library, Collection<Application> all) {
    ClassPaths paths = new ClassPaths(directory, library.version());
    paths.attempt(all, "--offline");
    return paths;
  }

  /** The class path of an application. */
  List<Path> of(Application application) {
    List<Path> path = resolved.get(application.name());
    if (path == null) {
      throw new IllegalStateException(
          "No class path of " + application.name() + ": " + whyMissing(application));
    }
    return path;
  }

  boolean contains(Application application) {
    return resolved.containsKey(application.name());
  }

  /** Why an application has no class path: the reason that Maven gave, or else its whole log. */
  String whyMissing(Application application) {
    return failures.getOrDefault(application.name(), log);
  }

  /** A line that says why nothing is run for an application. */
  String skipped(Application application) {
    return "%-34s SKIPPED: %s".formatted(application.name(), whyMissing(application));
  }

  /** The artifact that a file of a class path is, such as {@code org.example:example:1}. */
  static String coordinates(Path file) {
    Path version = file.getParent();
    Path artifact = version.getParent();
    String group = Maven.localRepository().relativize(artifact.getParent()).toString();
    return group.replace(File.separatorChar, '.')
        + ":"
        + artifact.getFileName()
        + ":"
        + version.getFileName();
  }

  private void attempt(Collection<Application> applications, String... options) {
    Path project = directory.resolve("run" + runs++);
    write(project, applications);
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of("--fail-at-end", goal(), "-DincludeScope=runtime", "-Dmdep.outputFile=" + OUTPUT));
    log = Maven.run(project, arguments);
    collect(project, applications);
    Map<String, String> unreadable = reasons(UNREADABLE, log);
    failures.putAll(unreadable);
    failures.putAll(reasons(UNRESOLVED, log));
    List<Application> readable = applications.stream()
        .filter(application -> !unreadable.containsKey(application.name()))
        .toList();
    if (!unreadable.isEmpty() && !readable.isEmpty()) {
      attempt(readable, options);
    }
  }

  private static String goal() {
    String version = Reactor.ours().pluginVersion("maven-dependency-plugin");
    return "org.apache.maven.plugins:maven-dependency-plugin:" + version + ":build-classpath";
  }

  private void write(Path project, Collection<Application> applications) {
    String bom = "tech.tailor.secretmanager:secretmanager-bom:" + libraryVersion;
    String modules = applications.stream()
        .map(application -> "<module>" + application.name() + "</module>\n")
        .collect(Collectors.joining());
    try {
      Files.createDirectories(project);
      Files.writeString(
          project.resolve("pom.xml"),
          Application.header("applications")
              + "<packaging>pom</packaging>\n<modules>\n"
              + modules
              + "</modules>\n</project>\n");
      for (Application application : applications) {
        Path module = Files.createDirectories(project.resolve(application.name()));
        Files.writeString(module.resolve("pom.xml"), application.pom(bom));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void collect(Path project, Collection<Application> applications) {
    try {
      for (Application application : applications) {
        Path output = project.resolve(application.name()).resolve(OUTPUT);
        if (Files.exists(output)) {
          List<Path> path = Pattern.compile(File.pathSeparator, Pattern.LITERAL)
              .splitAsStream(Files.readString(output).strip())
              .map(Path::of)
              .toList();
          resolved.put(application.name(), path);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> reasons(Pattern pattern, String log) {
    Map<String, String> reasons = new TreeMap<>();
    Matcher matcher = pattern.matcher(log);
    while (matcher.find()) {
      reasons.putIfAbsent(matcher.group("name"), matcher.group("why"));
    }
    return reasons;
  }
}
