package tech.tailor.secretmanager.integration.published;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** What a published POM must say, and must not. */
final class PomRules {

  private static final List<String> REQUIRED = List.of(
      "groupId",
      "version",
      "description",
      "url",
      "scm/connection",
      "scm/developerConnection",
      "scm/url");

  private PomRules() {}

  /**
   * What Maven Central requires and the POM lacks, its parents included, and what would make the
   * artifact useless: a parent or a dependency that is not published.
   */
  static List<String> violations(Reactor reactor, Pom pom) {
    List<String> violations = new ArrayList<>();
    // Not inherited.
    requireText(violations, "artifactId", pom.artifactId());
    requireText(violations, "name", pom.ownValue("name"));
    for (String path : REQUIRED) {
      requireText(violations, path, pom.value(path));
    }
    requireEach(violations, pom, "licenses", "name", "url");
    requireEach(violations, pom, "developers", "name");
    if (!inheritsUrlUnchanged(pom)) {
      violations.add("url: inherited, and Maven appends the module's path to it");
    }
    pom.parent()
        .filter(parent -> !reactor.publishes(parent.groupId(), parent.artifactId()))
        .ifPresent(parent -> violations.add("parent: " + parent + " is not published"));
    pom.lineage().forEach(each -> requirePublishedDependencies(violations, reactor, each));
    return violations;
  }

  /** What an import of the BOM would bring too much, or too little. */
  static List<String> bomViolations(Reactor reactor) {
    List<String> violations = new ArrayList<>();
    Pom bom = reactor.bom();
    Set<String> expected = reactor.publishedJars().stream()
        .map(jar -> jar.groupId() + ":" + jar.artifactId() + ":" + jar.version())
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> managed = new TreeSet<>();
    for (Element dependency : bom.ownList("dependencyManagement/dependencies")) {
      String coordinates = bom.value(dependency, "groupId")
          + ":"
          + bom.value(dependency, "artifactId")
          + ":"
          + bom.value(dependency, "version");
      String more = List.of("type", "classifier", "scope").stream()
          .map(child -> bom.value(dependency, child))
          .filter(text -> !text.isEmpty())
          .map(text -> " (" + text + ")")
          .collect(Collectors.joining());
      managed.add(coordinates + more);
    }
    difference(expected, managed).forEach(missing -> violations.add("not managed: " + missing));
    difference(managed, expected).forEach(extra -> violations.add("managed too: " + extra));
    if (bom.anywhere("dependencyManagement").size() != 1) {
      violations.add(bom + ": must have one dependencyManagement, none of it in a profile");
    }
    for (Pom above : bom.lineage().subList(1, bom.lineage().size())) {
      if (!above.anywhere("dependencyManagement").isEmpty()) {
        violations.add(above + ": manages dependencies, which the BOM inherits");
      }
    }
    return violations;
  }

  private static void requireText(List<String> violations, String what, String text) {
    if (text.isEmpty()) {
      violations.add(what + ": missing");
    } else if (text.contains("${")) {
      violations.add(what + ": has an unknown property: " + text);
    }
  }

  private static void requireEach(
      List<String> violations, Pom pom, String path, String... children) {
    List<Element> elements = pom.list(path);
    if (elements.isEmpty()) {
      violations.add(path + ": missing");
    }
    for (Element element : elements) {
      for (String child : children) {
        requireText(violations, path + "/" + child, pom.value(element, child));
      }
    }
  }

  private static boolean inheritsUrlUnchanged(Pom pom) {
    return !pom.ownValue("url").isEmpty()
        || pom.lineage().stream()
            .skip(1)
            .allMatch(above ->
                above.attribute("child.project.url.inherit.append.path").equals("false")
                    || above.parent().isPresent() && above.ownValue("url").isEmpty());
  }

  private static void requirePublishedDependencies(
      List<String> violations, Reactor reactor, Pom pom) {
    for (Element dependency : pom.ownList("dependencies")) {
      String groupId = pom.value(dependency, "groupId");
      String artifactId = pom.value(dependency, "artifactId");
      if (groupId.equals(pom.groupId())
          && !pom.value(dependency, "scope").equals("test")
          && !reactor.publishes(groupId, artifactId)) {
        violations.add("dependency: " + artifactId + " is not published");
      }
    }
  }

  private static Set<String> difference(Set<String> from, Set<String> without) {
    Set<String> difference = new TreeSet<>(from);
    difference.removeAll(without);
    return difference;
  }
}
