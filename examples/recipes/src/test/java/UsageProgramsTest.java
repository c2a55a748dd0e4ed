import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.examples.Output;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;

/**
 * The programs beside this test are the contract of the public API: written as users write them, in
 * the unnamed package, kept to the letter. They compile, and they print what they promise.
 */
class UsageProgramsTest {

  @TempDir
  private Path directory;

  @Test
  void manageThenRead_printsWhatTheDocumentationPrints() throws Exception {
    Path store = directory.resolve("store");
    Path key = directory.resolve("master.key");

    assertThat(Output.of(ManageSecrets::main, store, key))
        .isEqualTo("test-secret-1 v1\ntest-secret-2 v1\n");
    for (int run = 0; run < 2; run++) {
      assertThat(Output.of(ReadSecrets::main, store, key)).isEqualTo("""
              start
              getSecrets: {"test-secret-1":"secret-value-1","test-secret-2":"secret-value-2"}
              getSecret with test-secret-1: secret-value-1
              """);
    }
  }

  @Test
  void platformOverHttp_printsWhatItPromises() throws Exception {
    assertThat(Output.of(PlatformOverHttp::main))
        .isEqualTo("getSecret with test-secret-1: secret-value-1\nmissing: false\n");
  }

  @Test
  void declareSecrets_printsWhatItPromises() throws Exception {
    assertThat(Output.of(DeclareSecrets::main))
        .isEqualTo("api-key has 6 characters\nwebhook-token present: false\n");
  }

  @Test
  void useSecrets_printsWhatItPromises() throws Exception {
    assertThat(Output.of(UseSecrets::main)).isEqualTo("""
            logged in as app with 6 characters
            logged in as app with 6 characters
            false
            told of the change: true
            """);
  }

  @Test
  void sharedStore_printsWhatItPromises() throws Exception {
    String url = TestDatabase.empty().url();
    assertThat(Output.of(SharedStore::main, url, directory.resolve("master.key")))
        .isEqualTo("""
            secret-value-1
            secret-value-2
            2 versions
            [test-secret-1]
            """);
  }

  @Test
  void etcdStore_printsWhatItPromises() throws Exception {
    EtcdServer.require("the program EtcdStore");
    try (EtcdServer server = EtcdServer.start(directory)) {
      assertThat(Output.of(EtcdStore::main, server.url(), directory.resolve("master.key")))
          .isEqualTo("secret-value-1\n");
    }
  }

  @Test
  void databasePool_printsWhatItPromises() throws Exception {
    assertThat(Output.of(DatabasePool::main)).isEqualTo("connected: true\n");
  }
}
