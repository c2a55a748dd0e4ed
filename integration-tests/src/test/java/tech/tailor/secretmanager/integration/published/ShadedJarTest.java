package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jdk;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * An application in one jar, as Maven's shade plugin makes it with {@code minimizeJar} and what
 * docs/operations.md says to add, reads its secrets.
 */
@Tag("deep")
class ShadedJarTest {

  private static final String PLUGINS = "org.apache.maven.plugins:";
  private static final String SHADE = PLUGINS + "maven-shade-plugin:3.6.1:shade";

  private static final Application APPLICATION = Application.of(
      "shaded",
      "tech.tailor.secretmanager:secretmanager-file",
      "tech.tailor.secretmanager:secretmanager-http");

  /** The sample of the document: the filter alone. */
  private static final Pattern FILTER =
      Pattern.compile("(?s)With `minimizeJar`.*?```xml\\n(?<filter><filter>.*?</filter>)");

  private static final Reactor REACTOR = Reactor.ours();

  @TempDir
  static Path directory;

  private static TemporaryInstall library;

  @BeforeAll
  static void install() {
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
  }

  @AfterAll
  static void removeLibrary() {
    library.close();
  }

  @Test
  void minimizedJar_readsEverySecret_withTheFilterOfTheDocument() throws IOException {
    String document = Files.readString(REACTOR.root().resolve("docs/operations.md"));
    Matcher sample = FILTER.matcher(document);
    assertThat(sample.find()).isTrue();

    assertThat(run(shaded(sample.group("filter")))).isEqualTo(ApplicationRun.SUCCESS);
  }

  @Test
  void control_withoutTheFilter_classesAreMissing() throws IOException {
    ApplicationRun run = run(shaded(""));

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.errors()).contains("com.github.benmanes.caffeine");
  }

  private static ApplicationRun run(Path jar) throws IOException {
    try (SecretManagerEmulator server = SecretManagerEmulator.start()) {
      return ApplicationRun.on(Jdk.current().home(), List.of(jar), server, directory);
    }
  }

  /** The jar of an application that is {@link ReadsOneOfEach}. */
  private static Path shaded(String filter) throws IOException {
    Path project = Files.createTempDirectory(directory, "shaded");
    Path classes = project.resolve("target/classes");
    ApplicationRun.copyClasses(ReadsOneOfEach.class, classes);
    String bom = "tech.tailor.secretmanager:secretmanager-bom:" + library.version();
    Files.writeString(
        project.resolve("pom.xml"), APPLICATION.pom(bom).replace("</project>", """
            <build><plugins><plugin>
            <groupId>org.apache.maven.plugins</groupId>
            <artifactId>maven-shade-plugin</artifactId>
            <configuration>
              <minimizeJar>true</minimizeJar>
              <createDependencyReducedPom>false</createDependencyReducedPom>
              <filters>%s</filters>
              <transformers>
                <transformer implementation="%s"/>
              </transformers>
            </configuration>
            </plugin></plugins></build>
            </project>""".formatted(
                filter, "org.apache.maven.plugins.shade.resource.ServicesResourceTransformer")));
    String log = Maven.run(
        project,
        List.of(
            PLUGINS + "maven-jar-plugin:" + REACTOR.pluginVersion("maven-jar-plugin") + ":jar",
            SHADE));
    boolean built = log.contains("BUILD SUCCESS");
    if (!built && log.contains("maven-shade-plugin:jar:3.6.1")) {
      System.out.println("SKIPPED: an application in one jar: Maven can't get " + SHADE);
      assumeTrue(false, "SKIPPED: no shade plugin");
    }
    assertThat(built).as(log).isTrue();
    return project.resolve("target/shaded-1.jar");
  }
}
