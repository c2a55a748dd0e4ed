package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** Ctrl-C while values are read: no file is left behind, whole or in part. */
@Tag("launcher")
@Tag("suite")
@Timeout(120)
class InterruptedExportLauncherTest {

  @TempDir
  Path directory;

  @Test
  void interrupt_leavesNoFile() throws Exception {
    Path output = Files.createDirectory(directory.resolve("output"));
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    try (SecretValue value = SecretValue.of("made up")) {
      store.createSecret("default", "one", value);
    }
    Semaphore reading = new Semaphore(0);
    CountDownLatch released = new CountDownLatch(1);
    try (SecretManagerEmulator emulator = SecretManagerEmulator.builder()
        .store(heldAtFetch(store, reading, released))
        .start()) {
      Launcher launcher = Launcher.over(directory)
          .with("TAILOR_SECRETMANAGER_URL", emulator.endpoint().toString())
          .with("TAILOR_PLATFORM_TOKEN", emulator.adminToken())
          .with("TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId());
      List<String> defaults = Launcher.withDefaultSignals();
      List<String> export =
          List.of(Launcher.path().toString(), "export", "-V", "default", "--output");
      for (List<String> target : List.of(
          List.of(output.resolve("app.json").toString(), "--format", "json"),
          List.of(output.resolve("credentials").toString(), "--format", "systemd"))) {
        reading.drainPermits();
        Process process = launcher.start(
            Stream.of(defaults, export, target).flatMap(List::stream).toList());
        while (!reading.tryAcquire(100, TimeUnit.MILLISECONDS)) {
          assertThat(process.isAlive()).isTrue();
        }
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(output).isEmptyDirectory();
      }
      released.countDown();
      Launcher.Result control = launcher.run(
          "export",
          "-V",
          "default",
          "--format",
          "json",
          "--output",
          output.resolve("app.json").toString());
      assertThat(control.code()).as(control.err()).isZero();
      assertThat(output.resolve("app.json")).as("the control").isRegularFile();
    }
  }

  private static VersionedSecretStore heldAtFetch(
      VersionedSecretStore store, Semaphore reading, CountDownLatch released) {
    return (VersionedSecretStore) Proxy.newProxyInstance(
        VersionedSecretStore.class.getClassLoader(),
        new Class<?>[] {VersionedSecretStore.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("fetch")) {
            reading.release();
            released.await();
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
