package tech.tailor.secretmanager.integration.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users get: each published POM says what Maven Central requires, each published jar is
 * complete, and the BOM manages these jars and nothing more. The modules are the root POM's, so
 * that a new one is held to the rules too.
 */
class PublishedArtifactsTest {

  private static final Reactor REACTOR = Reactor.ours();

  private static final String ROOT = """
      <project child.project.url.inherit.append.path="false">
        <groupId>org.example</groupId>
        <artifactId>example-parent</artifactId>
        <version>1</version>
        <packaging>pom</packaging>
        <name>example-parent</name>
        <description>Shared.</description>
        <url>${home}</url>
        <licenses>
          <license><name>Apache-2.0</name><url>https://example.org/L</url></license>
        </licenses>
        <developers><developer><name>Ann</name></developer></developers>
        <scm>
          <connection>scm:git:${home}</connection>
          <developerConnection>scm:git:${home}</developerConnection>
          <url>${home}</url>
        </scm>
        <properties><home>https://example.org</home><unpublished>false</unpublished></properties>
        <modules><module>example-bom</module></modules>
        <profiles>
          <profile><modules><module>stores/example</module><module>fixtures</module></modules></profile>
        </profiles>
      </project>
      """;

  private static final String PARENT = """
      <parent>
        <groupId>org.example</groupId><artifactId>example-parent</artifactId><version>1</version>
        <relativePath>%spom.xml</relativePath>
      </parent>
      """;

  private static final String BOM = """
      <project>
        %s
        <artifactId>example-bom</artifactId>
        <packaging>pom</packaging>
        <name>example-bom</name>
        <properties><unpublished>false</unpublished></properties>
        <dependencyManagement><dependencies>
          <dependency>
            <groupId>org.example</groupId>
            <artifactId>example</artifactId>
            <version>${project.version}</version>
          </dependency>
        </dependencies></dependencyManagement>
      </project>
      """.formatted(PARENT.formatted("../"));

  private static final String MODULE = """
      <project>
        %s
        <artifactId>example</artifactId>
        <name>example</name>
        <description>An example.</description>
        <properties><unpublished>false</unpublished></properties>
        <dependencies>
          <dependency>
            <groupId>org.example</groupId><artifactId>fixtures</artifactId><scope>test</scope>
          </dependency>
        </dependencies>
      </project>
      """.formatted(PARENT.formatted("../../"));

  private static final String FIXTURES = """
      <project>
        %s
        <artifactId>fixtures</artifactId>
        <properties><unpublished>true</unpublished></properties>
      </project>
      """.formatted(PARENT.formatted("../"));

  /** The jars of the example: for each of them, what is in it. */
  private static final Map<String, Map<String, String>> JARS = Map.of(
      "example-1.jar",
          Map.of(
              "META-INF/MANIFEST.MF",
              """
              Manifest-Version: 1.0
              Implementation-Title: example
              Implementation-Version: 1
              """,
              "META-INF/LICENSE",
              "terms",
              "module-info.class",
              "",
              "org/Example.class",
              ""),
      "example-1-sources.jar", Map.of("org/Example.java", ""),
      "example-1-javadoc.jar", Map.of("index.html", ""));

  @TempDir
  Path directory;

  static List<Pom> poms() {
    return REACTOR.published();
  }

  static List<Pom> jars() {
    return REACTOR.publishedJars();
  }

  @Test
  void modules_areFound() {
    assertThat(poms())
        .extracting(Pom::artifactId)
        .contains("secretmanager-parent", "secretmanager-module-parent", "secretmanager-bom")
        .doesNotContain("secretmanager-test-fixtures", "secretmanager-integration-tests");
    assertThat(jars())
        .extracting(Pom::artifactId)
        .contains("secretmanager-api", "secretmanager-client", "secretmanager-testing")
        .contains("secretmanager-envelope", "secretmanager-file", "secretmanager-http");
  }

  @ParameterizedTest
  @MethodSource("poms")
  void pom_saysWhatMavenCentralRequires(Pom pom) {
    assertThat(PomRules.violations(REACTOR, pom)).isEmpty();
  }

  @Tag("suite")
  @ParameterizedTest
  @MethodSource("jars")
  void jars_areComplete(Pom module) {
    assertThat(JarRules.violations(module, REACTOR.root().resolve("LICENSE"))).isEmpty();
  }

  /** The return type of its methods is a type of the API. */
  @Tag("suite")
  @Test
  void javadocOfTheClient_leadsToThatOfTheApi() throws IOException {
    Pom client = jars().stream()
        .filter(module -> module.artifactId().equals("secretmanager-client"))
        .findAny()
        .orElseThrow();
    try (JarFile jar = new JarFile(client.built("javadoc").toFile());
        InputStream page = jar.getInputStream(jar.getEntry("tech.tailor.secretmanager.client/"
            + "tech/tailor/secretmanager/client/SecretManagers.html"))) {
      assertThat(new String(page.readAllBytes(), UTF_8))
          .contains("href=\"https://javadoc.io/doc/tech.tailor.secretmanager/secretmanager-api/"
              + client.version()
              + "/tech.tailor.secretmanager/tech/tailor/secretmanager/SecretManager.html");
    }
  }

  @Test
  void bom_managesThePublishedJars_andNothingMore() {
    assertThat(PomRules.bomViolations(REACTOR)).isEmpty();
  }

  @Test
  void control_theExample_obeys() throws IOException {
    assertThat(pomViolations("", "")).isEmpty();
    assertThat(jarViolations(JARS)).isEmpty();
  }

  static Stream<Arguments> brokenPoms() {
    return Stream.of(
        Arguments.of(
            "<groupId>org.example</groupId>\n  <artifactId>example-p",
            "<artifactId>example-p",
            "groupId: missing"),
        Arguments.of("<version>1</version>\n  <packaging>", "<packaging>", "version: missing"),
        Arguments.of("<artifactId>example</artifactId>\n  <name>", "<name>", "artifactId: missing"),
        Arguments.of("<name>example</name>", "", "name: missing"),
        Arguments.of("<name>example</name>", "<name> </name>", "name: missing"),
        Arguments.of("<description>Shared.</description>", "", "description: missing"),
        Arguments.of("<url>${home}</url>\n  <lic", "<lic", "url: missing"),
        Arguments.of(
            "<home>https://example.org</home>", "", "url: has an unknown property: ${home}"),
        Arguments.of(
            " child.project.url.inherit.append.path=\"false\"",
            "",
            "url: inherited, and Maven appends the module's path to it"),
        Arguments.of(
            "<license><name>Apache-2.0</name><url>https://example.org/L</url></license>",
            "",
            "licenses: missing"),
        Arguments.of("<name>Apache-2.0</name>", "", "licenses/name: missing"),
        Arguments.of("<url>https://example.org/L</url>", "", "licenses/url: missing"),
        Arguments.of(
            "<developers><developer><name>Ann</name></developer></developers>",
            "",
            "developers: missing"),
        Arguments.of(
            "<developer><name>Ann</name></developer>", "<developer/>", "developers/name: missing"),
        Arguments.of("<connection>scm:git:${home}</connection>", "", "scm/connection: missing"),
        Arguments.of(
            "<developerConnection>scm:git:${home}</developerConnection>",
            "",
            "scm/developerConnection: missing"),
        Arguments.of("<url>${home}</url>\n  </scm>", "</scm>", "scm/url: missing"),
        Arguments.of(
            "</home><unpublished>false",
            "</home><unpublished>true",
            "parent: example-parent is not published"),
        Arguments.of("<scope>test</scope>", "", "dependency: fixtures is not published"),
        Arguments.of(
            "<artifactId>example</artifactId>\n      <version>",
            "<artifactId>other</artifactId>\n      <version>",
            "managed too: org.example:other:1"),
        Arguments.of(
            "<artifactId>example</artifactId>\n      <version>",
            "<artifactId>other</artifactId>\n      <version>",
            "not managed: org.example:example:1"),
        Arguments.of(
            "<version>${project.version}</version>",
            "<version>2</version>",
            "managed too: org.example:example:2"),
        Arguments.of(
            "<version>${project.version}</version>",
            "<version>1</version><classifier>tests</classifier>",
            "managed too: org.example:example:1 (tests)"),
        Arguments.of(
            "<modules><module>example-bom</module></modules>",
            "<modules><module>example-bom</module></modules><dependencyManagement/>",
            "example-parent: manages dependencies, which the BOM inherits"),
        Arguments.of(
            "<profiles>",
            "<profiles><profile><dependencyManagement/></profile>",
            "example-parent: manages dependencies, which the BOM inherits"),
        Arguments.of(
            "</dependencyManagement>",
            "</dependencyManagement><profiles><profile><dependencyManagement/></profile></profiles>",
            "example-bom: must have one dependencyManagement, none of it in a profile"));
  }

  @ParameterizedTest
  @MethodSource("brokenPoms")
  void control_aBrokenPom_isCaught(String text, String broken, String violation)
      throws IOException {
    assertThat(ROOT + BOM + MODULE).containsOnlyOnce(text);

    assertThat(pomViolations(text, broken)).contains(violation);
  }

  @ParameterizedTest
  @ValueSource(strings = {"example-1.jar", "example-1-sources.jar", "example-1-javadoc.jar"})
  void control_aMissingJar_isCaught(String jar) throws IOException {
    Map<String, Map<String, String>> jars = new TreeMap<>(JARS);
    jars.remove(jar);

    assertThat(jarViolations(jars))
        .singleElement(STRING)
        .startsWith(jar + ": missing")
        .contains("mvn verify");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          example-1.jar         | org/Example.class    | must hold a class
          example-1.jar         | META-INF/LICENSE     | must hold META-INF/LICENSE
          example-1.jar         | module-info.class    | must hold a module-info.class or an Automatic-Module-Name
          example-1.jar         | META-INF/MANIFEST.MF | Implementation-Version must be 1
          example-1.jar         | META-INF/MANIFEST.MF | Implementation-Title must be there
          example-1-sources.jar | org/Example.java     | must hold a .java file
          example-1-javadoc.jar | index.html           | must hold an index.html
          """)
  void control_aMissingEntry_isCaught(String jar, String entry, String violation)
      throws IOException {
    assertThat(jarViolations(jarsWithout(jar, entry))).contains(jar + ": " + violation);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          META-INF/LICENSE     | terms             | other terms     | META-INF/LICENSE must be the repository's LICENSE
          META-INF/MANIFEST.MF | Version: 1        | Version: 2      | Implementation-Version must be 1
          META-INF/MANIFEST.MF | Title: example    | Vendor: nobody  | Implementation-Title must be there
          """)
  void control_aWrongEntry_isCaught(String entry, String text, String wrong, String violation)
      throws IOException {
    Map<String, Map<String, String>> jars =
        jarsWith(entry, contentOfMainJar(entry).replace(text, wrong));

    assertThat(jarViolations(jars)).contains("example-1.jar: " + violation);
  }

  @Test
  void automaticModuleName_isEnough() throws IOException {
    String manifest = "META-INF/MANIFEST.MF";
    Map<String, Map<String, String>> jars =
        jarsWith(manifest, contentOfMainJar(manifest) + "Automatic-Module-Name: org.example\n");
    jars.get("example-1.jar").remove("module-info.class");

    assertThat(jarViolations(jars)).isEmpty();
  }

  private List<String> pomViolations(String text, String broken) throws IOException {
    Reactor reactor = writePoms(text, broken);
    List<String> violations = new ArrayList<>(PomRules.bomViolations(reactor));
    reactor.published().forEach(pom -> violations.addAll(PomRules.violations(reactor, pom)));
    return violations;
  }

  private Reactor writePoms(String text, String broken) throws IOException {
    Map<String, String> poms =
        Map.of("", ROOT, "example-bom", BOM, "stores/example", MODULE, "fixtures", FIXTURES);
    for (Map.Entry<String, String> pom : poms.entrySet()) {
      Path module = Files.createDirectories(directory.resolve(pom.getKey()));
      Files.writeString(module.resolve("pom.xml"), pom.getValue().replace(text, broken));
    }
    return Reactor.at(directory);
  }

  private List<String> jarViolations(Map<String, Map<String, String>> jars) throws IOException {
    Pom module = writePoms("", "").publishedJars().get(0);
    Path target = Files.createDirectories(module.directory().resolve("target"));
    for (Map.Entry<String, Map<String, String>> jar : jars.entrySet()) {
      try (OutputStream file = Files.newOutputStream(target.resolve(jar.getKey()));
          ZipOutputStream zip = new ZipOutputStream(file)) {
        for (Map.Entry<String, String> entry : new TreeMap<>(jar.getValue()).entrySet()) {
          zip.putNextEntry(new ZipEntry(entry.getKey()));
          zip.write(entry.getValue().getBytes(UTF_8));
        }
      }
    }
    return JarRules.violations(module, Files.writeString(directory.resolve("LICENSE"), "terms"));
  }

  private static String contentOfMainJar(String entry) {
    return Objects.requireNonNull(JARS.get("example-1.jar").get(entry));
  }

  private static Map<String, Map<String, String>> jarsWithout(String jar, String entry) {
    Map<String, Map<String, String>> jars = copyOfJars();
    assertThat(jars.get(jar).remove(entry)).isNotNull();
    return jars;
  }

  private static Map<String, Map<String, String>> jarsWith(String entry, String content) {
    Map<String, Map<String, String>> jars = copyOfJars();
    jars.get("example-1.jar").put(entry, content);
    return jars;
  }

  private static Map<String, Map<String, String>> copyOfJars() {
    Map<String, Map<String, String>> copy = new TreeMap<>();
    JARS.forEach((jar, entries) -> copy.put(jar, new TreeMap<>(entries)));
    return copy;
  }
}
