package tech.tailor.secretmanager.integration.published;

import java.util.ArrayList;
import java.util.List;

/**
 * An application that uses the library, as its POM has it.
 *
 * @param name its artifactId
 * @param imports the BOMs that it imports before the library's, the first of which wins
 * @param managed the versions that it chooses itself
 * @param dependencies what it depends on, in this order; without a version if one is managed
 */
record Application(
    String name, List<String> imports, List<String> managed, List<String> dependencies) {

  static Application of(String name, String... dependencies) {
    return new Application(name, List.of(), List.of(), List.of(dependencies));
  }

  Application importing(String bom) {
    return new Application(name, with(imports, bom), managed, dependencies);
  }

  Application managing(String coordinates) {
    return new Application(name, imports, with(managed, coordinates), dependencies);
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
    dependencies.forEach(each -> pom.append(dependency(each, "")));
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
