package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.EtcdServer;

/** The commands over a real etcd, whose commits are small. */
@Tag("suite")
class EtcdTest {

  private static final int MANY = Boolean.getBoolean("deep") ? 10_000 : 1_000;

  @TempDir
  Path directory;

  /** More than one commit of etcd takes. How long the copy takes is printed. */
  @Test
  void importAndCopy_takeManySecrets() throws Exception {
    EtcdServer.require("the command line over etcd");
    CliRun source = CliRun.overFile(directory.resolve("source"));
    ok(source.run("init"));
    ok(source.run("vault", "create", "default"));
    Path many = secrets(MANY);
    ok(source.run("import", many.toString(), "-V", "default"));

    try (EtcdServer server = EtcdServer.start(directory)) {
      String url = "etcd://127.0.0.1:" + server.port() + "/secretmanager/orders";
      CliRun cli = new CliRun()
          .set("TAILOR_SECRETMANAGER_URL", url)
          .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString());
      ok(cli.run("init"));
      String[] copy = {
        "copy", "--to", url, "--to-key-file", directory.resolve("key").toString(), "--json"
      };

      long start = System.nanoTime();
      assertThat(ok(source.run(copy)).out()).contains("\"secrets\":" + MANY, "\"written\":" + MANY);
      System.out.printf(
          Locale.ROOT,
          "copy of %d secrets from a file to etcd: %.1f s%n",
          MANY,
          (System.nanoTime() - start) / 1e9);

      assertThat(ok(source.run(copy)).out()).contains("\"written\":0");
      assertThat(ok(cli.run("get", "default/secret-999", "--reveal")).out()).isEqualTo("value-999");
      assertThat(ok(cli.run("import", secrets(100).toString(), "-V", "other", "--create-vault"))
              .err())
          .contains("100 created");
      assertThat(ok(cli.run("secret", "list", "-V", "default", "--json")).out().split("\"name\""))
          .hasSize(MANY + 1);
    }
  }

  /** Two commands that hold the whole store against its last commit. */
  @Test
  void verifyAndAcceptRewind_areThereForEtcdToo() throws Exception {
    EtcdServer.require("the command line over etcd");
    try (EtcdServer server = EtcdServer.start(directory)) {
      CliRun cli = new CliRun()
          .set(
              "TAILOR_SECRETMANAGER_URL",
              "etcd://127.0.0.1:" + server.port() + "/secretmanager/orders")
          .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString());
      ok(cli.run("init"));
      ok(cli.run("vault", "create", "default"));
      ok(cli.runWith("made-up-value", "put", "default/api-key"));
      Matcher mark = Pattern.compile("\"mark\":\"([^\"]+)\"")
          .matcher(ok(cli.run("verify", "--json")).out());
      assertThat(mark.find()).isTrue();
      ok(cli.run("accept-rewind", mark.group(1), "--yes"));
      ok(cli.run("key", "rotate", "--data-key"));
      assertThat(ok(cli.run("verify")).err()).contains("Verified: 1 secret in 1 vault, as the");
      assertThat(cli.run("history").err()).contains("keeps no trail");
    }
  }

  private Path secrets(int count) throws Exception {
    String json = IntStream.range(0, count)
        .mapToObj(i -> "\"secret-" + i + "\":\"value-" + i + "\"")
        .collect(Collectors.joining(",", "{", "}"));
    return Files.writeString(directory.resolve(count + ".json"), json);
  }

  private static CliRun.Result ok(CliRun.Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }
}
