package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** A profile of Tailor's own command line says which workspace, and with whose login. */
class ProfileTest {

  @TempDir
  Path directory;

  @Test
  void profile_isChosenByAnOption() throws Exception {
    try (SecretManagerEmulator platform = SecretManagerEmulator.start()) {
      String url = platform.endpoint().toString();
      Path configuration = Files.createDirectories(directory.resolve("tailor-platform"));
      Files.writeString(configuration.resolve("config.yaml"), """
          version: 2
          users:
            "%s|joe":
              storage: file
              access_token: %s
              token_expires_at: "2099-01-01T00:00:00Z"
          profiles:
            work:
              user: joe
              workspace_id: %s
              platform_url: %s
          """.formatted(
              url, platform.adminToken(), platform.workspaceId(), url));
      CliRun cli = new CliRun().set("XDG_CONFIG_HOME", directory.toString());

      CliRun.Result created = cli.run("vault", "create", "default", "--profile", "work");
      assertThat(created.code()).as(created.err()).isZero();
      assertThat(cli.run("vault", "list", "-p", "work", "--json").out()).contains("\"default\"");
      CliRun.Result missing = cli.run("vault", "list", "-p", "none");
      assertThat(missing.code()).isEqualTo(1);
      assertThat(missing.err())
          .contains("no profile \"none\"")
          .doesNotContain(platform.adminToken());
    }
  }
}
