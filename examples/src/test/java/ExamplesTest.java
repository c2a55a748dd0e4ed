import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.examples.CallAWebhook;
import tech.tailor.secretmanager.examples.FirstRead;
import tech.tailor.secretmanager.examples.LogInToAnAuthServer;
import tech.tailor.secretmanager.examples.MyBackend;
import tech.tailor.secretmanager.examples.RollBackAVersion;
import tech.tailor.secretmanager.examples.RotateAPassword;
import tech.tailor.secretmanager.examples.RotateTheMasterKey;
import tech.tailor.secretmanager.examples.SurviveAnOutage;
import tech.tailor.secretmanager.examples.UseWithoutString;
import tech.tailor.secretmanager.examples.VerifyAtStart;

/** Every example runs, and prints what it is there to show. */
class ExamplesTest {

  @TempDir
  private Path directory;

  @Test
  void firstRead_makesWhatIsMissing_andPrintsWhatTheDocumentationPrints() throws Exception {
    Path store = directory.resolve("nested/store");
    Path key = directory.resolve("nested/master.key");
    String expected = """
        start
        getSecrets: {"test-secret-1":"secret-value-1","test-secret-2":"secret-value-2"}
        getSecret with test-secret-1: secret-value-1
        """;

    assertThat(Output.of(FirstRead::main, store, key)).isEqualTo(expected);
    byte[] firstKey = Files.readAllBytes(key);
    assertThat(Output.of(FirstRead::main, store, key)).as("the second start").isEqualTo(expected);
    assertThat(Files.readAllBytes(key)).as("the key is made once").isEqualTo(firstKey);
  }

  @Test
  void callAWebhook_findsTheRotatedToken() throws Exception {
    assertThat(Output.of(CallAWebhook::main)).isEqualTo("""
            delivered: 204
            delivered after the rotation: 204
            3 requests, 2 calls to the store
            """);
  }

  @Test
  void logInToAnAuthServer_findsTheRotatedSecret() throws Exception {
    assertThat(Output.of(LogInToAnAuthServer::main)).isEqualTo("access-token-1\naccess-token-2\n");
  }

  @Test
  void myBackend_answers() throws Exception {
    assertThat(Output.of(MyBackend::main))
        .isEqualTo("api-token has 13 bytes\nother present: false\n");
  }

  @Test
  void rotateAPassword() throws Exception {
    assertThat(Output.of(RotateAPassword::main)).isEqualTo("""
            logged in with version 1
            logged in with version 2
            2 calls to the store
            """);
  }

  @Test
  void rollBackAVersion_disablesTheBadOne() throws Exception {
    assertThat(Output.of(RollBackAVersion::main)).isEqualTo("""
            version 1 ENABLED
            version 2 DISABLED
            version 3 ENABLED
            rolled back from version 2
            """);
  }

  @Test
  void rotateTheMasterKey_keepsTheSecrets() throws Exception {
    assertThat(Output.of(RotateTheMasterKey::main, directory.resolve("rotated")))
        .isEqualTo("""
            db-password: correct horse
            generation 7
            """);
  }

  @Test
  void surviveAnOutage_tellsFreshFromStale() throws Exception {
    assertThat(Output.of(SurviveAnOutage::main))
        .isEqualTo(
            "fresh: version 1\nstale: the vault default can't be reached; try again later\n");
  }

  @Test
  void useWithoutString_signs() throws Exception {
    // echo -n hello | openssl dgst -sha256 -hmac made-up-signing-key
    assertThat(Output.of(UseWithoutString::main))
        .isEqualTo("signature: eb2951e57d970fce\nsame from another thread: true\n");
  }

  @Test
  void verifyAtStart_namesEverythingThatIsMissing() throws Exception {
    assertThat(Output.of(VerifyAtStart::main)).isEqualTo("""
            2 declared secrets can't be used:
              my-secrets/api-key (External API key): There is no secret my-secrets/api-key: the vault exists, but has no secret "api-key"; to do: create it, or apply the declaration; if the application can do without it, declare it optional
              my-secrets/db-password (Password of the orders database): There is no secret my-secrets/db-password: the vault exists, but has no secret "db-password"; to do: create it, or apply the declaration; if the application can do without it, declare it optional
            verified; webhook-token present: false
            """);
  }

  @Test
  void noExample_isUntested() throws Exception {
    Path sources = Path.of("src/main/java/tech/tailor/secretmanager/examples");
    try (Stream<Path> files = Files.list(sources)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".java", "")))
          .containsExactlyInAnyOrder(
              "CallAWebhook",
              "FirstRead",
              "LogInToAnAuthServer",
              "MyBackend",
              "RollBackAVersion",
              "ReadFromThePlatform",
              "RotateAPassword",
              "RotateTheMasterKey",
              "SurviveAnOutage",
              "UseWithoutString",
              "VerifyAtStart");
    }
  }
}
