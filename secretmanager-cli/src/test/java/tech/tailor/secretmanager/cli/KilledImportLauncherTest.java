package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** An import of 10,000 secrets that is killed at any moment: the next one ends it. */
@Tag("launcher")
@Tag("deep")
class KilledImportLauncherTest {

  private static final int COUNT = 10_000;
  private static final int KILLED_AT = 500;

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
      if (!process.waitFor(random.nextInt(1_500), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        kills++;
      }
      String list = launcher.run("list", "-V", "default", "--json").out();
      int there = list.split("\"name\"", -1).length - 1;
      assertThat(there).as("seed %s", seed).isIn(0, COUNT);
    }
    assertThat(kills).isPositive();
    Launcher.Result last = launcher.run("import", file.toString(), "-V", "default", "--json");
    assertThat(last.code()).as(last.err()).isZero();
    assertThat(launcher.run("verify", "--json").out())
        .isEqualTo("{\"secrets\":" + COUNT + ",\"problems\":[]}\n");
  }

  @Test
  void intoAFile_figureIsPrinted() throws Exception {
    Path file = secrets();
    Launcher launcher = Launcher.over(directory);
    assertThat(launcher.run("init").code()).isZero();
    assertThat(launcher.run("vault", "create", "default").code()).isZero();
    long start = System.nanoTime();
    Launcher.Result result = launcher.run("import", file.toString(), "-V", "default", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    print("into a file store", start);
  }

  @Test
  void overHttp_goesOnWhereItWasKilled() throws Exception {
    Path file = secrets();
    SecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);
    try (SecretManagerEmulator emulator = SecretManagerEmulator.builder()
        .store(heldAt(KILLED_AT, store, reached, killed))
        .start()) {
      Launcher launcher = over(emulator);
      Process process = launcher.start("import", file.toString(), "-V", "default");
      while (!reached.await(100, TimeUnit.MILLISECONDS)) {
        assertThat(process.isAlive()).isTrue();
      }
      process.destroyForcibly().waitFor();
      assertThat(store.listSecrets("default")).hasSize(KILLED_AT);
      killed.countDown(); // the call that it was killed in is carried out
      long start = System.nanoTime();
      importAll(launcher, file);
      print("over HTTP, the " + (COUNT - KILLED_AT) + " that a kill left", start);
      assertThat(store.listSecrets("default")).hasSize(COUNT);
      try (SecretValue value = store.readSecret("default", "secret-9999")) {
        assertThat(value.revealString()).isEqualTo("value-9999");
      }
    }
  }

  @Test
  void overHttp_figureIsPrinted() throws Exception {
    Path file = secrets();
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      Launcher launcher = over(emulator);
      assertThat(launcher.run("vault", "create", "default").code()).isZero();
      long start = System.nanoTime();
      importAll(launcher, file);
      print("over HTTP", start);
    }
  }

  private Launcher over(SecretManagerEmulator emulator) {
    return Launcher.over(directory)
        .with("TAILOR_SECRETMANAGER_URL", emulator.endpoint().toString())
        .with("TAILOR_PLATFORM_TOKEN", emulator.adminToken())
        .with("TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId());
  }

  /** A call times out on a machine that is slow enough; then the import is repeated. */
  private static void importAll(Launcher launcher, Path file) throws Exception {
    Launcher.Result last = launcher.run("import", file.toString(), "-V", "default", "--json");
    for (int more = 0; last.code() != 0 && more < 5; more++) {
      last = launcher.run("import", file.toString(), "-V", "default", "--json");
    }
    assertThat(last.code()).as(last.err()).isZero();
  }

  /** The store, which holds the call that would create one secret more than the given number. */
  private static SecretStore heldAt(
      int count, SecretStore store, CountDownLatch reached, CountDownLatch released) {
    AtomicInteger created = new AtomicInteger();
    Class<?> type =
        store instanceof VersionedSecretStore ? VersionedSecretStore.class : SecretStore.class;
    return (SecretStore) Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          if (method.getName().equals("createSecret") && created.getAndIncrement() == count) {
            reached.countDown();
            released.await();
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static void print(String what, long start) {
    System.out.printf(
        "import of %d secrets %s: %.1f s%n",
        COUNT, what, Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0);
  }
}
