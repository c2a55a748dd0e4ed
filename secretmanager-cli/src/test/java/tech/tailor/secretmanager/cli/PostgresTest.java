package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;

/** The commands of a shared store, over a real PostgreSQL. */
@Tag("suite")
class PostgresTest {

  private static final Pattern MARK = Pattern.compile("\"mark\":\"([^\"]+)\"");

  private static final int MANY = 10_000;

  @TempDir
  Path directory;

  private CliRun cli;
  private TestDatabase database;

  @BeforeEach
  void makeTheStore() throws Exception {
    database = TestDatabase.empty();
    cli = new CliRun()
        .set("TAILOR_SECRETMANAGER_URL", database.url() + "&secretmanager.workspace=orders")
        .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString())
        .set("TAILOR_SECRETMANAGER_ACTOR", "an operator");
    assertThat(cli.run("init").code()).isZero();
  }

  @Test
  void documentationsCommands_work() {
    ok(cli.run("secret", "vault", "create", "default"));
    ok(cli.runWith("my-secret-value\n", "secret", "create", "-V", "default", "-n", "my-secret"));
    ok(cli.runWith("second-value\n", "secret", "update", "-V", "default", "-n", "my-secret"));

    assertThat(ok(cli.run("secret", "list", "-V", "default", "--json")).out())
        .contains("\"name\":\"my-secret\"");
    assertThat(ok(cli.run("get", "default/my-secret", "--reveal")).out()).isEqualTo("second-value");
    ok(cli.run("secret", "delete", "-V", "default", "-n", "my-secret", "-y"));
    ok(cli.run("secret", "vault", "delete", "default", "-y"));
    assertThat(ok(cli.run("secret", "vault", "list", "--json")).out()).isEqualTo("[]\n");
  }

  @Test
  void history_saysWhoChangedWhat() {
    ok(cli.run("vault", "create", "default"));
    ok(cli.runWith("made-up-value", "put", "default/api-key"));
    ok(cli.set("TAILOR_SECRETMANAGER_ACTOR", "another").runWith("next", "put", "default/api-key"));

    CliRun.Result history = ok(cli.run("history", "--limit", "2"));

    assertThat(history.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
        .satisfiesExactly(
            header -> assertThat(header).isEqualTo("commit|time|actor|what|vault|name|version"),
            newest -> assertThat(newest)
                .matches("\\d+\\|just now\\|another\\|update\\|default\\|api-key\\|2"),
            older -> assertThat(older)
                .matches("\\d+\\|just now\\|an operator\\|create\\|default\\|api-key\\|1"));
    assertThat(history.out()).doesNotContain("made-up-value");
    assertThat(ok(cli.run("history", "--json")).out()).startsWith("[{\"commit\":");
    assertThat(cli.run("history", "--limit", "0").err()).contains("must be from 1 to");
  }

  @Test
  void history_namesTheUserOfTheSystem_whereNobodyElseIsNamed() {
    ok(new CliRun()
        .set("TAILOR_SECRETMANAGER_URL", database.url() + "&secretmanager.workspace=orders")
        .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString())
        .run("vault", "create", "default"));

    assertThat(ok(cli.run("history", "--limit", "1", "--json")).out())
        .contains("\"actor\":\"" + System.getProperty("user.name") + "\"");
  }

  @Test
  void verify_findsARecordThatIsGone() throws Exception {
    ok(cli.run("vault", "create", "default"));
    ok(cli.runWith("value", "put", "default/api-key"));
    ok(cli.runWith("value", "put", "default/other-key"));
    assertThat(ok(cli.run("verify")).err()).contains("Verified: 2 secrets in 1 vault");

    database.run("DELETE FROM secretmanager.secret WHERE name = 'other-key'");

    CliRun.Result found = cli.run("verify");
    assertThat(found.code()).isEqualTo(1);
    assertThat(found.out()).isNotBlank();
    assertThat(found.err()).contains("found. Restore what is damaged from a backup.");
  }

  @Test
  void acceptRewind_needsTheMarkOfThatCommit_andAConfirmation() {
    ok(cli.run("vault", "create", "default"));
    Matcher mark = MARK.matcher(ok(cli.run("verify", "--json")).out());
    assertThat(mark.find()).isTrue();

    assertThat(cli.run("accept-rewind", mark.group(1)).err()).contains("Add --yes to confirm");
    assertThat(cli.run("accept-rewind", "no mark", "--yes").code()).isEqualTo(1);
    ok(cli.run("accept-rewind", mark.group(1), "--yes"));
    assertThat(ok(cli.run("history", "--limit", "1", "--json")).out()).contains("accept-rewind");
    assertThat(cli.run("accept-rewind", mark.group(1), "--yes").code())
        .as("the store is at another commit by now")
        .isEqualTo(1);
  }

  /** An application runs while the database is restored from an older backup. */
  @Test
  void acceptRewind_letsAnApplicationGoOn() throws Exception {
    ok(cli.run("vault", "create", "default"));
    ok(cli.runWith("kept", "put", "default/api-key"));
    try (SecretManager application = SecretManagers.fromEnvironment(cli.environment())) {
      database.keepStore();
      ok(cli.runWith("lost", "put", "default/api-key"));
      assertThat(application.exists("default", "api-key")).isTrue();
      database.putBackStore();

      SecretStoreRewoundException refused = catchThrowableOfType(
          SecretStoreRewoundException.class, () -> application.refresh("default", "api-key"));
      assertThat(refused.mark()).isNotEmpty();
      ok(cli.run("accept-rewind", refused.mark(), "--yes"));

      application.refresh("default", "api-key");
      assertThat(application.<String, RuntimeException>withSecret(
              "default", "api-key", SecretValue::revealString))
          .isEqualTo("kept");
      ok(cli.run("verify"));
    }
  }

  /** From a file, as for those who outgrow one machine. How long it takes is printed. */
  @Test
  void copy_takesTenThousandSecrets_andIsRepeatable() throws Exception {
    CliRun source = CliRun.overFile(directory.resolve("source"));
    ok(source.run("init"));
    ok(source.run("vault", "create", "default"));
    String json = IntStream.range(0, MANY)
        .mapToObj(i -> "\"secret-" + i + "\":\"value-" + i + "\"")
        .collect(Collectors.joining(",", "{", "}"));
    Path file = Files.writeString(directory.resolve("many.json"), json);
    ok(source.run("import", file.toString(), "-V", "default"));
    String[] copy = {
      "copy",
      "--to",
      cli.environment().get("TAILOR_SECRETMANAGER_URL"),
      "--to-key-file",
      directory.resolve("key").toString(),
      "--json"
    };

    long start = System.nanoTime();
    CliRun.Result first = ok(source.terminal(new CliRun.Typist("")).slowly().run(copy));
    System.out.printf(
        Locale.ROOT,
        "copy of %d secrets from a file to PostgreSQL: %.1f s%n",
        MANY,
        (System.nanoTime() - start) / 1e9);
    assertThat(first.out()).contains("\"secrets\":" + MANY, "\"written\":" + MANY);
    assertThat(first.err()).as("progress bars").contains("read 100%", "write 100%");

    assertThat(ok(source.run(copy)).out()).contains("\"written\":0");
    assertThat(ok(cli.run("get", "default/secret-9999", "--reveal")).out()).isEqualTo("value-9999");
    assertThat(ok(cli.run("secret", "list", "-V", "default", "--json")).out().split("\"name\""))
        .hasSize(MANY + 1);
    ok(cli.run("verify"));
  }

  /** The calls that a message of the library names are commands here. */
  @Test
  void refusals_nameCommands() throws Exception {
    CliRun other = new CliRun()
        .set("TAILOR_SECRETMANAGER_URL", database.url() + "&secretmanager.workspace=none")
        .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString());
    assertThat(other.run("vault", "list").err()).contains("create it with secretmanager init");
    other.set(
        "TAILOR_SECRETMANAGER_URL", TestDatabase.empty().url() + "&secretmanager.workspace=orders");
    assertThat(other.run("vault", "list").err()).contains("run secretmanager init");
  }

  @Test
  void roles_printsTheScript() {
    assertThat(ok(cli.run("roles")).out()).contains("CREATE ROLE", "secretmanager_reader");
  }

  private static CliRun.Result ok(CliRun.Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }
}
