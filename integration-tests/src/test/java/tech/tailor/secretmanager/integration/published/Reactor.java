package tech.tailor.secretmanager.integration.published;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The modules of a repository, as its root POM lists them: in every profile. */
final class Reactor {

  private final Path root;
  private final List<Pom> published;

  private Reactor(Path root, List<Pom> published) {
    this.root = root;
    this.published = published;
  }

  /** The repository in which the test runs. */
  static Reactor ours() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("secretmanager-api/pom.xml"))) {
      directory = directory.getParent();
    }
    return at(directory);
  }

  static Reactor at(Path root) {
    Pom rootPom = Pom.read(root.resolve("pom.xml"));
    List<Pom> poms = new ArrayList<>(List.of(rootPom));
    rootPom.anywhere("module").stream()
        .map(module -> Pom.read(root.resolve(module.getTextContent().strip()).resolve("pom.xml")))
        .forEach(poms::add);
    return new Reactor(root, poms.stream().filter(Pom::isPublished).toList());
  }

  Path root() {
    return root;
  }

  /** What users can get: each POM whose property {@code unpublished} isn't true. */
  List<Pom> published() {
    return published;
  }

  /** What users put on a class path. */
  List<Pom> publishedJars() {
    return published.stream().filter(pom -> pom.packaging().equals("jar")).toList();
  }

  /** The POM that users import. */
  Pom bom() {
    return published.stream()
        .filter(pom -> pom.artifactId().endsWith("-bom"))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No published BOM in " + root));
  }

  /** The version of a plug-in that the root POM pins. */
  String pluginVersion(String artifactId) {
    Pom rootPom = Pom.read(root.resolve("pom.xml"));
    return rootPom.anywhere("plugin").stream()
        .filter(plugin -> rootPom.value(plugin, "artifactId").equals(artifactId))
        .map(plugin -> rootPom.value(plugin, "version"))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(artifactId + " has no version"));
  }

  /** The version of what the library uses, as the property {@code <name>.version} says. */
  String version(String name) {
    return published.stream()
        .map(pom -> pom.ownValue("properties/" + name + ".version"))
        .filter(version -> !version.isEmpty())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No POM has " + name + ".version"));
  }

  boolean publishes(String groupId, String artifactId) {
    return published.stream()
        .anyMatch(pom -> pom.groupId().equals(groupId) && pom.artifactId().equals(artifactId));
  }
}
