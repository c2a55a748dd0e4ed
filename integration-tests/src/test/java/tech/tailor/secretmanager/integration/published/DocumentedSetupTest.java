package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import tech.tailor.secretmanager.fixtures.Documents;

/**
 * What the documents tell users to write besides Java: artifacts, properties, variables, and
 * Maven's commands are there. Samples of Java are compiled in the recipes, and commands of the
 * command line are parsed in its module.
 */
class DocumentedSetupTest {

  private static final Path ROOT = Documents.root();
  private static final Pattern PROPERTY = Pattern.compile("(?<![.\\w])secretmanager(\\.[a-z-]+)+");
  private static final Pattern VARIABLE = Pattern.compile("\\bTAILOR_[A-Z_]+\\b");
  private static final Pattern MAVEN = Pattern.compile("(?<![\\w-])(-pl |-P|-Dtest=)([\\w./,-]+)");

  /** The type of each property of the starter, by its name. */
  private static final Map<String, String> PROPERTIES = properties();

  private static final Reactor REACTOR = Reactor.ours();
  private static final Set<String> MODULES = texts(Pom.read(ROOT.resolve("pom.xml")), "module");
  private static final Set<String> PROFILES = profiles();
  private static final Set<String> VARIABLES = variables();
  private static final Set<String> TESTS = tests();

  @Test
  void artifacts_arePublished() throws IOException {
    check(samples("xml"), 5, DocumentedSetupTest::wrongArtifacts);
  }

  @Test
  void properties_areThoseOfTheStarter() throws IOException {
    List<String> code = pages("spring-boot", "microprofile", "logging")
        .flatMap(page -> Documents.code(page).stream())
        .filter(each -> PROPERTY.matcher(each).find())
        .toList();

    check(code, 15, DocumentedSetupTest::unknownProperties);
    check(samples("properties"), 5, DocumentedSetupTest::unknownProperties);
  }

  /** Its tables shorten names that follow another one. */
  @Test
  void everyProperty_isOnThePageOfTheStarter() throws IOException {
    String page = pages("spring-boot").findFirst().orElseThrow();

    assertThat(PROPERTIES.keySet())
        .hasSizeGreaterThan(15)
        .allSatisfy(name ->
            assertThat(page).containsAnyOf("`" + name, "`" + name.replaceAll(".*\\.", "") + "`"));
  }

  @Test
  void variables_areRead() throws IOException {
    check(Documents.texts().values(), 20, DocumentedSetupTest::unknownVariables);
  }

  @Test
  void mavenCommands_nameWhatIsThere() throws IOException {
    check(Documents.texts().values(), 20, DocumentedSetupTest::unknownToMaven);
  }

  @Test
  void dataSamples_canBeRead() throws IOException {
    check(samples("json"), 2, DocumentedSetupTest::malformed);
    check(samples("yaml"), 2, DocumentedSetupTest::malformed);
  }

  /** Comments and order aside. */
  @Test
  void protocol_isThatOfTheEmulator() throws IOException {
    String generated =
        Files.readString(ROOT.resolve("docs/proto/tailor/secretmanager/v1/runtime.proto"));

    assertThat(statements(samples("proto").get(0)))
        .hasSizeGreaterThan(20)
        .containsExactlyInAnyOrderElementsOf(statements(generated));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      <groupId>tech.tailor.secretmanager</groupId><artifactId>secretmanager-fil</artifactId> | secretmanager-fil
      <groupId>tech.tailor.secretmanager</groupId><artifactId>secretmanager-recipes</artifactId> | secretmanager-recipes
      <version>0.0.9</version><groupId>tech.tailor.secretmanager</groupId><artifactId>secretmanager-file</artifactId> | 0.0.9
      <groupId>tech.tailor.secretmanager</groupId | malformed
      """)
  void control_aWrongArtifact_isFound(String members, String problem) {
    assertThat(wrongArtifacts("<dependency>" + members + "</dependency>"))
        .singleElement()
        .asString()
        .contains(problem);
  }

  @Test
  void control_whatIsNotThere_isFound() {
    assertThat(unknownProperties("secretmanager.keyfile=k\nsecretmanager.ssl.bundles.web=web/tls"))
        .containsExactly("secretmanager.keyfile", "secretmanager.ssl.bundles.web");
    assertThat(unknownVariables("`TAILOR_SECRETMANAGER_KEYFILE`"))
        .containsExactly("TAILOR_SECRETMANAGER_KEYFILE");
    assertThat(unknownToMaven("`mvn -Pdeep,suite -pl example/recipes,stress -Dtest=SockTest`"))
        .containsExactly("-Psuite", "-pl example/recipes", "-Dtest=SockTest");
    assertThat(malformed("{\"a\": [}")).hasSize(1);
  }

  /** Each text must have no problem, and there must be as many texts as were known once. */
  private static void check(
      Collection<String> texts, int least, Function<String, List<String>> problems) {
    assertThat(texts).hasSizeGreaterThanOrEqualTo(least);
    assertThat(texts.stream().flatMap(text -> problems.apply(text).stream())).isEmpty();
  }

  private static List<String> wrongArtifacts(String xml) {
    NodeList artifacts;
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(new DefaultHandler()); // which prints nothing
      artifacts = builder
          .parse(new InputSource(new StringReader("<sample>" + xml + "</sample>")))
          .getElementsByTagName("artifactId");
    } catch (SAXException | IOException | ParserConfigurationException e) {
      return List.of("malformed: " + xml);
    }
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < artifacts.getLength(); i++) {
      Element dependency = (Element) artifacts.item(i).getParentNode();
      String artifact = artifacts.item(i).getTextContent();
      String version = text(dependency, "version");
      if (!REACTOR.publishes(text(dependency, "groupId"), artifact)) {
        wrong.add(artifact);
      } else if (!List.of("", REACTOR.bom().version()).contains(version)) {
        wrong.add(artifact + " " + version);
      }
    }
    return wrong;
  }

  private static String text(Element element, String name) {
    NodeList found = element.getElementsByTagName(name);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }

  private static List<String> unknownProperties(String text) {
    return matches(PROPERTY, text)
        .filter(name -> !PROPERTIES.containsKey(name))
        .filter(name -> !PROPERTIES
            .getOrDefault(name.replaceAll("\\.[^.]*$", ""), "")
            .startsWith("java.util.Map"))
        .toList();
  }

  private static List<String> unknownVariables(String text) {
    return matches(VARIABLE, text).filter(name -> !VARIABLES.contains(name)).toList();
  }

  private static List<String> unknownToMaven(String text) {
    return MAVEN
        .matcher(text)
        .results()
        .flatMap(option -> Stream.of(option.group(2).split(","))
            .filter(name -> !known(option.group(1)).contains(name))
            .map(name -> option.group(1) + name))
        .filter(each -> !each.endsWith("=NAME"))
        .toList();
  }

  private static Set<String> known(String option) {
    return switch (option) {
      case "-pl " -> MODULES;
      case "-P" -> PROFILES;
      default -> TESTS;
    };
  }

  /** JSON is YAML, too. */
  private static List<String> malformed(String text) {
    try {
      return new Yaml().load(text) instanceof Map ? List.of() : List.of(text);
    } catch (YAMLException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> statements(String proto) {
    return proto
        .replaceAll("//.*", "")
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static List<String> samples(String language) throws IOException {
    return Documents.texts().values().stream()
        .flatMap(text -> Documents.samples(text, language).stream())
        .toList();
  }

  private static Stream<String> pages(String... names) throws IOException {
    Map<String, String> texts = Documents.texts();
    return Stream.of(names).map(name -> texts.getOrDefault("docs/" + name + ".md", ""));
  }

  private static Map<String, String> properties() {
    Map<String, String> types = new HashMap<>();
    try {
      for (URL metadata : Collections.list(DocumentedSetupTest.class
          .getClassLoader()
          .getResources("META-INF/spring-configuration-metadata.json"))) {
        try (InputStream json = metadata.openStream()) {
          for (JsonNode property : new ObjectMapper().readTree(json).path("properties")) {
            String name = property.path("name").asText();
            if (name.contains("secretmanager")) {
              types.put(name, property.path("type").asText());
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return types;
  }

  private static Set<String> profiles() {
    return Stream.concat(Stream.of("."), MODULES.stream())
        .map(module -> Pom.read(ROOT.resolve(module).resolve("pom.xml")))
        .flatMap(pom -> pom.anywhere("profile").stream().map(profile -> pom.value(profile, "id")))
        .collect(Collectors.toSet());
  }

  private static Set<String> variables() {
    return files("src/main", ".java")
        .flatMap(file -> matches(VARIABLE, read(file)))
        .collect(Collectors.toSet());
  }

  private static Set<String> tests() {
    return files("src/test", "Test.java")
        .map(file -> file.getFileName().toString().replace(".java", ""))
        .collect(Collectors.toSet());
  }

  private static Set<String> texts(Pom pom, String name) {
    return pom.anywhere(name).stream()
        .map(element -> element.getTextContent().strip())
        .collect(Collectors.toSet());
  }

  private static Stream<Path> files(String directory, String suffix) {
    List<Path> found = new ArrayList<>();
    for (String module : MODULES) {
      Path sources = ROOT.resolve(module).resolve(directory);
      if (Files.isDirectory(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          files.filter(file -> file.toString().endsWith(suffix)).forEach(found::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return found.stream();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(MatchResult::group);
  }
}
