package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {

  @TempDir
  Path directory;

  @Test
  void wordsThatWereDecodedWithLoss_areRefused_andNothingIsStored() {
    CliRun cli = CliRun.overFile(directory);
    cli.run("init");
    cli.run("vault", "create", "default");

    CliRun.Result created = cli.run("create", "-V", "default", "-n", "api-key", "-v", "p\ufffdss");
    assertThat(created.code()).isEqualTo(1);
    assertThat(created.err()).contains("LC_ALL=C.UTF-8").doesNotContain("ss ");
    assertThat(cli.run("list", "-V", "default", "--json").out()).isEqualTo("[]\n");
    assertThat(cli.run("run", "--vault", "default", "--", "echo", "\ufffd").err())
        .contains("LC_ALL=C.UTF-8");
  }
}
