package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** What a platform refuses is one line with a code, and shows no value, whatever is asked for. */
class PlatformFaultsTest {

  private static final String CANARY = "canary-of-24-characters!";

  /** The codes of the platform, and what the command line calls them. */
  private static final Map<String, String> CODES = Map.of(
      "permission_denied", "RPC_PERMISSION_DENIED",
      "resource_exhausted", "RPC_RESOURCE_EXHAUSTED",
      "failed_precondition", "RPC_FAILED_PRECONDITION",
      "already_exists", "RPC_ALREADY_EXISTS");

  private SecretManagerEmulator platform;
  private CliRun cli;

  @BeforeEach
  void startPlatform() {
    platform = SecretManagerEmulator.start();
    cli = new CliRun()
        .set("PLATFORM_URL", platform.endpoint().toString())
        .set("TAILOR_PLATFORM_TOKEN", platform.adminToken())
        .set("TAILOR_PLATFORM_WORKSPACE_ID", platform.workspaceId());
    assertThat(cli.run("vault", "create", "default").code()).isZero();
  }

  @AfterEach
  void stopPlatform() {
    platform.close();
  }

  @Test
  void refusalOfAValue_isOneLine_andShowsNoValue() {
    CODES.forEach((platformCode, code) -> {
      platform.faults().always("CreateSecretManagerSecret", Fault.error(platformCode));
      CliRun.Result plain = create();
      assertThat(plain.code()).isEqualTo(1);
      assertThat(plain.out()).isEmpty();
      assertThat(plain.err().lines()).as(plain.err()).hasSize(1);
      assertThat(plain.err()).startsWith("✖ ").doesNotContain(CANARY);

      CliRun.Result json = create("--json");
      assertThat(json.err()).contains("\"code\":\"" + code + "\"").doesNotContain(CANARY);

      CliRun.Result verbose = create("--verbose");
      assertThat(verbose.err())
          .startsWith("✖ ")
          .contains("\tat tech.tailor.secretmanager.")
          .doesNotContain(CANARY);
    });
  }

  @Test
  void platformThatIsAway_isSaid_andNothingIsClaimed() {
    platform.close();
    CliRun.Result result = create("--verbose");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("✖ ").doesNotContain(CANARY);
  }

  private CliRun.Result create(String... more) {
    String[] line = {"create", "-V", "default", "-n", "api-key"};
    String[] all = new String[line.length + more.length];
    System.arraycopy(line, 0, all, 0, line.length);
    System.arraycopy(more, 0, all, line.length, more.length);
    return cli.runWith(CANARY + "\n", all);
  }
}
