package tech.tailor.secretmanager.integration.published;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An application that uses the library, as its POM has it.
 *
 * @param name its artifactId
 * @param imports the BOMs that it imports before the library's, the first of which wins
 * @param managed the versions that it chooses itself
 * @param dependencies what it depends on, in this order; without a version if one is managed
 * @param excluded what it doesn't get, although dependencies of these have it
 */
record Application(
    String name,
    List<String> imports,
    List<String> managed,
    List<String> dependencies,
    List<String> excluded) {

  static Application of(String name, String... dependencies) {
    return new Application(name, List.of(), List.of(), List.of(dependencies), List.of());
  }

  Application importing(String bom) {
    return new Application(name, with(imports, bom), managed, dependencies, excluded);
  }

  Application managing(String coordinates) {
    return new Application(name, imports, with(managed, coordinates), dependencies, excluded);
  }

  Application excluding(String coordinates) {
    return new Application(name, imports, managed, dependencies, with(excluded, coordinates));
  }

  /**
   * Its POM.
   *
   * @param libraryBom the library's BOM
   */
  String pom(String libraryBom) {
    StringBuilder pom = new StringBuilder(Application.header(name));
    pom.append("<dependencyManagement><dependencies>\n");
    managed.forEach(each -> pom.append(dependency(each, "")));
    with(imports, libraryBom)
        .forEach(each -> pom.append(dependency(each, "<type>pom</type><scope>import</scope>")));
    pom.append("</dependencies></dependencyManagement>\n<dependencies>\n");
    dependencies.forEach(each -> pom.append(dependency(each, exclusions())));
    return pom.append("</dependencies>\n</project>\n").toString();
  }

  /** The beginning of a POM. */
  static String header(String name) {
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>org.example</groupId>
        <artifactId>%s</artifactId>
        <version>1</version>
        """.formatted(name);
  }

  private String exclusions() {
    if (excluded.isEmpty()) {
      return "";
    }
    String all = excluded.stream()
        .map(each -> each.split(":", -1))
        .map(parts -> "<exclusion><groupId>%s</groupId><artifactId>%s</artifactId></exclusion>"
            .formatted(parts[0], parts[1]))
        .collect(Collectors.joining());
    return "<exclusions>" + all + "</exclusions>";
  }

  private static String dependency(String coordinates, String more) {
    String[] parts = coordinates.split(":", -1);
    String version = parts.length > 2 ? "<version>" + parts[2] + "</version>" : "";
    return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId>%s%s</dependency>\n"
        .formatted(parts[0], parts[1], version, more);
  }

  private static List<String> with(List<String> list, String more) {
    List<String> all = new ArrayList<>(list);
    all.add(more);
    return all;
  }
}
