package tech.tailor.secretmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;

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
  void hearOfAChange_isToldThoughNobodyReads() throws Exception {
    assertThat(Output.of(HearOfAChange::main)).isEqualTo("logged in\nreplaced: true\n");
  }

  @Test
  void keepAPoolLoggedIn_findsTheRotatedPassword() throws Exception {
    assertThat(Output.of(KeepAPoolLoggedIn::main)).isEqualTo("connected: true\nconnected: true\n");
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
  void myVersionedStore_updatesByVersion_andRollsBack() throws Exception {
    assertThat(Output.of(MyVersionedStore::main)).isEqualTo("""
            updated to version 2
            The secret default/api-token is at version 2, not at version 1 as expected; nothing was changed. Read it again, and decide again
            There is no vault "other"; create it, or check the name
            versions: 2
            """);
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
  void shareAStore_tellsWhoChangedWhat() throws Exception {
    assertThat(Output.of(
            ShareAStore::main, TestDatabase.empty().url(), directory.resolve("master.key")))
        .isEqualTo("""
            Ada: create default/db-password
            Ada: create default/
            verified: true, secrets: 1
            """);
  }

  @Test
  void shareAStoreInEtcd_writesAndReads() throws Exception {
    EtcdServer.require("the recipe ShareAStoreInEtcd");
    try (EtcdServer server = EtcdServer.start(directory)) {
      assertThat(Output.of(ShareAStoreInEtcd::main, server.url(), directory.resolve("master.key")))
          .isEqualTo("verified: true, secrets: 1\nversion: 1\n");
    }
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
              my-secrets/db-password (Password of the orders database): The value of the secret my-secrets/db-password is not as declared: it must have 12 to 64 bytes; to do: store a value that is as declared, or change the declaration
            2 of 3 declared secrets can't be used:
              my-secrets/api-key (External API key): missing
                There is no secret my-secrets/api-key: the vault exists, but has no secret "api-key"
                To do: create it, or apply the declaration; if the application can do without it, declare it optional
              my-secrets/db-password (Password of the orders database): malformed
                The value of the secret my-secrets/db-password is not as declared: it must have 12 to 64 bytes
                To do: store a value that is as declared, or change the declaration
            verified; webhook-token present: false
            """);
  }

  @Test
  void planAndApply_sendsAValueOnceForEachVersion() throws Exception {
    assertThat(Output.of(PlanAndApply::main)).isEqualTo("""
            Plan of "my-service": 3 to create, 0 to update, 0 to delete, 0 left
              + vault my-secrets: it does not exist
              + my-secrets/signing-key (Signs sessions): it does not exist; value version 1 from 32 random bytes
              + my-secrets/webhook-token (Token of the shop): it does not exist; value version 1 from the application
            Plan of "my-service": 0 to create, 0 to update, 0 to delete, 3 left
              = vault my-secrets: it exists
              = my-secrets/signing-key (Signs sessions): value version 1 is applied
              = my-secrets/webhook-token (Token of the shop): value version 1 is applied
            Plan of "my-service": 0 to create, 1 to update, 1 to delete, 2 left
              = vault my-secrets: it exists
              = my-secrets/signing-key (Signs sessions): value version 1 is applied
              ~ my-secrets/webhook-token (Token of the shop): value version 1 -> 2 from the application
              - my-secrets/left-over: it is not declared
            Applied "my-service": 0 done, 0 skipped, 1 failed, 1 not tried
              ~ my-secrets/webhook-token (Token of the shop): value version 1 -> 2 from the application [failed]
                  The value of the secret my-secrets/webhook-token is not as declared: it must match the pattern shop_[a-z-]+
              - my-secrets/left-over: it is not declared [not tried]
                  nothing is deleted after a failure
            Plan of "my-service": 0 to create, 1 to update, 1 to delete, 2 left
              = vault my-secrets: it exists
              = my-secrets/signing-key (Signs sessions): value version 1 is applied
              ~ my-secrets/webhook-token (Token of the shop): value version 1 -> 2 from the application
              - my-secrets/left-over: it is not declared
            Plan of "my-service": 0 to create, 0 to update, 0 to delete, 3 left
              = vault my-secrets: it exists
              = my-secrets/signing-key (Signs sessions): value version 1 is applied
              = my-secrets/webhook-token (Token of the shop): value version 2 is applied
            """);
  }

  @Test
  void watchTheCache_countsHitsAndMisses() throws Exception {
    assertThat(Output.of(WatchTheCache::main)).isEqualTo("hits: 9, misses: 1\n");
  }

  @Test
  void hideSecretsInLogs_printsNoValue() throws Exception {
    assertThat(Output.of(HideSecretsInLogs::main)).isEqualTo("401 for the key ***\n");
  }

  @Test
  void readByConfig_printsTheHeader() throws Exception {
    assertThat(Output.of(ReadByConfig::main)).isEqualTo("Bearer made-up\n");
  }

  @Test
  void noExample_isUntested() throws Exception {
    String sources = "src/main/java/tech/tailor/secretmanager/examples";
    try (Stream<Path> files = Files.list(Path.of(sources));
        Stream<Path> first = Files.list(Path.of("../first-read", sources))) {
      assertThat(Stream.concat(files, first)
              .map(file -> file.getFileName().toString().replace(".java", "")))
          .containsExactlyInAnyOrder(
              "CallAWebhook",
              "FirstRead",
              "HearOfAChange",
              "HideSecretsInLogs",
              "KeepAPoolLoggedIn",
              "LogInToAnAuthServer",
              "MyBackend",
              "MyVersionedStore",
              "PlanAndApply",
              "RollBackAVersion",
              "ReadByConfig",
              "ReadFromThePlatform",
              "RotateAPassword",
              "RotateTheMasterKey",
              "ShareAStore",
              "ShareAStoreInEtcd",
              "SurviveAnOutage",
              "UseWithoutString",
              "VerifyAtStart",
              "WatchTheCache");
    }
  }
}
