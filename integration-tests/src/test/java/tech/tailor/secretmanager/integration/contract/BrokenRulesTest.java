package tech.tailor.secretmanager.integration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;

/**
 * The rules of a versioned store are in one class, so one broken rule there breaks every store: the
 * contracts over memory, a file, the example's store, PostgreSQL and etcd, and of the fake, must
 * notice. The editor's source is changed, compiled, and put before the library in a process of its
 * own, which runs the contracts.
 */
@Tag("suite")
class BrokenRulesTest {

  static final String EDITOR = "tech.tailor.secretmanager.spi.StoreEditor";

  /** A store that the library doesn't have. */
  static final String EXAMPLE = "tech.tailor.secretmanager.examples.MyVersionedStore";

  private static final Path SOURCE = source(EDITOR, "secretmanager-api");
  private static final int PROCESSES = 3;
  private static final int LONGEST_RUN_MINUTES = 5;

  private static final Class<?> IN_MEMORY = StoreContracts.InMemory.class;
  private static final Class<?> IN_A_FILE = StoreContracts.InAFile.class;
  private static final Class<?> AN_EXAMPLE = StoreContracts.AnExample.class;
  private static final Class<?> IN_POSTGRESQL = StoreContracts.InPostgresql.class;
  private static final Class<?> IN_ETCD = StoreContracts.InEtcd.class;
  private static final Class<?> FAKE = StoreContracts.Fake.class;

  /** Rules that are broken over databases, too, whose contracts take longer: by their tests. */
  private static final Set<String> ALSO_OVER_DATABASES = Set.of(
      "updateOfAnotherVersionThanExpected_isAConflict",
      "commitInACommit_isAPartOfIt",
      "fetch_saysThatTheSecretIsMissing");

  /**
   * A rule, and how it is broken.
   *
   * @param broken what the editor does then
   * @param caughtBy the test that must notice
   * @param original stands once in the source
   * @param replacement stands there in its place
   */
  private record Rule(String broken, String caughtBy, String original, String replacement) {}

  private static final List<Rule> RULES = List.of(
      new Rule(
          "updates a version that was not expected",
          "updateOfAnotherVersionThanExpected_isAConflict",
          "if (current != expectedVersion) {",
          "if (current < 0) {"),
      new Rule(
          "creates a secret that exists",
          "createSecret_ofExistingName_isRefused",
          "if (content.secret(vault, name) != null) {",
          "if (name.isEmpty()) {"),
      new Rule(
          "creates a vault that exists",
          "createVault_ofExistingName_isRefused",
          "if (content().vault(vault) != null) {",
          "if (vault.isEmpty()) {"),
      new Rule(
          "deletes a vault that holds secrets",
          "deleteVault_thatHoldsSecrets_isRefused",
          "if (secrets > 0) {",
          "if (secrets < 0) {"),
      new Rule(
          "keeps one version too many",
          "oldestVersions_goWhenThereAreMoreThanAreKept",
          "old.size() + 1 - versionsKept",
          "old.size() - versionsKept"),
      new Rule(
          "reads a disabled version",
          "disabledVersion_canNotBeRead_untilItIsEnabled",
          "if (version.state() != State.ENABLED) {",
          "if (version.state() == State.DESTROYED) {"),
      new Rule(
          "reads an earlier version than a disabled one",
          "disabledCurrentVersion_isNeverReplacedByAnEarlierOne",
          "read(ref, vault, secret, secret.current())",
          "read(ref, vault, secret, secret.versions().stream()"
              + ".filter(version -> version.state() == State.ENABLED)"
              + ".reduce((older, newer) -> newer).orElse(secret.current()))"),
      new Rule(
          "enables a destroyed version",
          "destroyedVersion_isGoneForEver",
          "if (version.state() == State.DESTROYED) {",
          "if (number < 0) {"),
      new Rule(
          "rolls back without a new version",
          "rollBack_isANewVersionWithTheOldValue",
          "return append(ref, found, secret, old);",
          "return info(secret);"),
      new Rule(
          "forgets the description when labels are set",
          "description_isReplaced_andIsNoNewVersion",
          "secret.description(),",
          "\"\","),
      new Rule(
          "keeps what a failed commit in a commit changed",
          "commitInACommit_isAPartOfIt",
          "        takeBack.run();",
          "        if (versionsKept < 0) takeBack.run();"),
      new Rule(
          "goes on after the commit",
          "commitThatIsOver_canNotBeUsed",
          "if (ended) {",
          "if (ended && versionsKept < 0) {"),
      new Rule(
          "says that the secret is missing where the vault is",
          "fetch_saysThatTheVaultIsMissing",
          "new SecretOutcome.Missing(Missing.VAULT)",
          "new SecretOutcome.Missing(Missing.SECRET)"),
      new Rule(
          "leaves out what is missing",
          "fetch_saysThatTheSecretIsMissing",
          "return outcomes;",
          "outcomes.keySet().retainAll(secrets.keySet());\n    return outcomes;"));

  /** What became of one contract: how many tests it has, and those that failed. */
  private record Result(int tests, Set<String> failed) {}

  @TempDir
  private Path directory;

  @BeforeAll
  static void sayWhatIsSkipped() {
    if (!Tools.has("etcd")) {
      System.out.println("SKIPPED: broken rules over etcd: etcd is not installed");
    }
  }

  @Test
  void brokenRule_failsTheContractOfEveryStore() throws Exception {
    ExecutorService processes = Executors.newFixedThreadPool(PROCESSES);
    try {
      Map<Rule, Future<Map<Class<?>, Result>>> running = new LinkedHashMap<>();
      for (Rule rule : RULES) {
        running.put(rule, processes.submit(() -> run(broken(rule), contracts(rule))));
      }
      StringBuilder table = new StringBuilder("Broken rules, and the tests that caught them:");
      for (Rule rule : RULES) {
        table.append(String.format("%n  The editor %s%n", rule.broken));
        running
            .get(rule)
            .get()
            .forEach((contract, result) -> table.append(String.format(
                "    %-10s %s%n", contract.getSimpleName(), String.join(", ", result.failed))));
      }
      System.out.println(table);
      for (Rule rule : RULES) {
        assertThat(running.get(rule).get())
            .containsOnlyKeys(contracts(rule))
            .allSatisfy((contract, result) -> assertThat(result.failed)
                .as("%s notices that the editor %s", contract.getSimpleName(), rule.broken)
                .contains(rule.caughtBy));
      }
    } finally {
      processes.shutdownNow();
    }
  }

  /** The same way, with the source as it is. */
  @Test
  void unbrokenRules_passTheContractOfEveryStore() throws Exception {
    List<Class<?>> contracts = contracts(true, true);
    Map<Class<?>, Result> results = run(Files.readString(SOURCE), contracts);
    assertThat(results).containsOnlyKeys(contracts);
    results.forEach((contract, result) -> {
      assertThat(result.failed).as(contract.getSimpleName()).isEmpty();
      assertThat(result.tests).as(contract.getSimpleName()).isGreaterThan(50);
    });
  }

  /** The fake has the tests of reading alone. */
  private static List<Class<?>> contracts(Rule rule) {
    boolean isOfReading = Stream.of(SecretBackendContract.class.getDeclaredMethods())
        .anyMatch(method -> method.getName().equals(rule.caughtBy));
    return contracts(isOfReading, ALSO_OVER_DATABASES.contains(rule.caughtBy));
  }

  private static List<Class<?>> contracts(boolean ofReading, boolean overDatabases) {
    List<Class<?>> contracts = new ArrayList<>(List.of(IN_MEMORY, IN_A_FILE, AN_EXAMPLE));
    if (ofReading) {
      contracts.add(FAKE);
    }
    if (overDatabases) {
      contracts.add(IN_POSTGRESQL);
    }
    if (overDatabases && Tools.has("etcd")) {
      contracts.add(IN_ETCD);
    }
    return contracts;
  }

  private static Path source(String type, String... module) {
    return Path.of("..", module)
        .resolve(Path.of("src", "main", "java"))
        .resolve(type.replace('.', '/') + ".java");
  }

  private static String broken(Rule rule) throws IOException {
    String source = Files.readString(SOURCE);
    assertThat(source.split(Pattern.quote(rule.original), -1))
        .as("the source has \"%s\" once", rule.original)
        .hasSize(2);
    return source.replace(rule.original, rule.replacement);
  }

  private Map<Class<?>, Result> run(String editor, List<Class<?>> contracts) throws Exception {
    Path home = Files.createTempDirectory(directory, "editor");
    Path classes = compile(editor, home);
    Path output = home.resolve("output");
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Djava.io.tmpdir=" + home,
        "-cp",
        classes + File.pathSeparator + System.getProperty("java.class.path"),
        ContractRun.class.getName()));
    contracts.forEach(contract -> command.add(contract.getName()));
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(LONGEST_RUN_MINUTES, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as("%s", lines).isZero();
    assertThat(lines).as("where the editor is from").contains(classes.toString());
    Map<Class<?>, Result> results = new LinkedHashMap<>();
    for (Class<?> contract : contracts) {
      for (String line : lines) {
        if (line.startsWith(contract.getName() + " ")) {
          List<String> words = List.of(line.split(" "));
          results.put(
              contract,
              new Result(
                  Integer.parseInt(words.get(1)), new TreeSet<>(words.subList(2, words.size()))));
        }
      }
    }
    return results;
  }

  private static Path compile(String source, Path home) throws IOException {
    Path file = home.resolve("StoreEditor.java");
    Files.writeString(file, source);
    Path classes = Files.createDirectory(home.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled = compiler
          .getTask(
              null,
              files,
              null,
              List.of(
                  "-proc:none",
                  "-d",
                  classes.toString(),
                  "-cp",
                  System.getProperty("java.class.path")),
              null,
              files.getJavaFileObjects(file, source(EXAMPLE, "examples", "recipes")))
          .call();
      assertThat(compiled).isTrue();
    }
    return classes;
  }
}
