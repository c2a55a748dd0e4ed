package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** An import of 10,000 secrets that is killed at any moment: the next one ends it. */
@Tag("launcher")
@Tag("deep")
class KilledImportLauncherTest {

  private static final int COUNT = 10_000;

  @TempDir
  Path directory;

  private Path secrets() throws Exception {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < COUNT; i++) {
      json.append(i == 0 ? "" : ",")
          .append("\"secret-")
          .append(i)
          .append("\":\"value-")
          .append(i);
      json.append('"');
    }
    return Files.writeString(directory.resolve("many.json"), json.append('}').toString());
  }

  @Test
  void intoAFile_isDoneWholeOrNotAtAll() throws Exception {
    Path file = secrets();
    Launcher launcher = Launcher.over(directory);
    assertThat(launcher.run("init").code()).isZero();
    assertThat(launcher.run("vault", "create", "default").code()).isZero();
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int kills = 0;
    for (int run = 0; run < 5; run++) {
      Process process = launcher.start("import", file.toString(), "-V", "default");
      // Whenever that is, what is asserted holds.
      if (!process.waitFor(random.nextInt(3_000), java.util.concurrent.TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        kills++;
      }
      String list = launcher.run("list", "-V", "default", "--json").out();
      int there = list.split("\"name\"", -1).length - 1;
      assertThat(there).as("seed %s", seed).isIn(0, COUNT);
    }
    long start = System.nanoTime();
    Launcher.Result last = launcher.run("import", file.toString(), "-V", "default", "--json");
    assertThat(last.code()).as(last.err()).isZero();
    print("into a file store, after " + kills + " kills", start);
    assertThat(launcher.run("verify", "--json").out())
        .isEqualTo("{\"secrets\":" + COUNT + ",\"problems\":[]}\n");
  }

  @Test
  void overHttp_goesOnWhereItWasKilled() throws Exception {
    Path file = secrets();
    SecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    try (SecretManagerEmulator emulator =
        SecretManagerEmulator.builder().store(store).start()) {
      Launcher launcher = Launcher.over(directory)
          .with("TAILOR_SECRETMANAGER_URL", emulator.endpoint().toString())
          .with("TAILOR_PLATFORM_TOKEN", emulator.adminToken())
          .with("TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId());
      Process process = launcher.start("import", file.toString(), "-V", "default");
      while (store.listSecrets("default").size() < 500 && process.isAlive()) {
        Thread.onSpinWait();
      }
      process.destroyForcibly().waitFor();
      int there = store.listSecrets("default").size();
      assertThat(there).isBetween(500, COUNT - 1);
      long start = System.nanoTime();
      Launcher.Result last = launcher.run("import", file.toString(), "-V", "default", "--json");
      for (int more = 0; last.code() != 0 && more < 5; more++) { // a slow machine times out
        last = launcher.run("import", file.toString(), "-V", "default", "--json");
      }
      assertThat(last.code()).as(last.err()).isZero();
      print("over HTTP, the " + (COUNT - there) + " that a kill left", start);
      assertThat(store.listSecrets("default")).hasSize(COUNT);
      try (SecretValue value = store.readSecret("default", "secret-9999")) {
        assertThat(value.revealString()).isEqualTo("value-9999");
      }
    }
  }

  private static void print(String what, long start) {
    System.out.printf(
        "import of %d secrets %s: %.1f s%n",
        COUNT, what, Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0);
  }
}
