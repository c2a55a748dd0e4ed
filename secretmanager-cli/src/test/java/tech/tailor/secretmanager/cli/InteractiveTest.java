package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.SecretStore;

/** Watching, completing, and the display of progress. */
class InteractiveTest {

  @TempDir
  Path directory;

  private CliRun cli;

  @BeforeEach
  void makeStore() {
    cli = CliRun.overFile(directory);
    assertThat(cli.run("init").code()).isZero();
    assertThat(cli.run("vault", "create", "default").code()).isZero();
    assertThat(cli.runWith("first value", "put", "default/api-key").code()).isZero();
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void watch_printsEachChange() throws Exception {
    PipedInputStream notes = new PipedInputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Io io = new Io(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(new PipedOutputStream(notes), true, StandardCharsets.UTF_8),
        Map.of(
            "TAILOR_SECRETMANAGER_URL",
            "file:" + directory.resolve("store"),
            "TAILOR_SECRETMANAGER_KEY_FILE",
            directory.resolve("key").toString()),
        new CliRun.NoTerminal(),
        Clock.fixed(Instant.parse("2026-11-30T10:00:00Z"), ZoneOffset.UTC),
        false);
    CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(
        () -> new Cli(io).run("watch", "--interval", "1", "--count", "2"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(notes, StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).contains("Watching 1 secret");
    }
    assertThat(cli.runWith("second", "put", "default/api-key").code()).isZero();
    // Each by itself, since two changes between two looks would be one.
    while (out.size() == 0 && !watch.isDone()) {
      Thread.onSpinWait();
    }
    assertThat(cli.run("delete", "default/api-key", "--yes").code()).isZero();
    assertThat(watch.get()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
            {"time":"2026-11-30T10:00:00.000Z","change":"changed","vaultName":"default","name":"api-key","version":2}
            {"time":"2026-11-30T10:00:00.000Z","change":"deleted","vaultName":"default","name":"api-key","version":2}
            """);
  }

  /** Each look that fails is one at which something changed, so the next one is at once. */
  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @SuppressWarnings("unchecked") // what a proxy gets has no types
  void watch_goesOnAfterAnOutage_andSaysItOnce() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Io io = new Io(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of(),
        new CliRun.NoTerminal(),
        Clock.fixed(Instant.parse("2026-11-30T10:00:00Z"), ZoneOffset.UTC),
        false);
    AtomicInteger looks = new AtomicInteger();
    AtomicReference<Consumer<Set<SecretRef>>> tell = new AtomicReference<>();
    try (SecretStore store = InMemorySecretStore.create()) {
      store.createVault("default");
      SecretStore unsteady = (SecretStore) Proxy.newProxyInstance(
          SecretStore.class.getClassLoader(),
          new Class<?>[] {SecretStore.class},
          (proxy, method, arguments) -> {
            if (method.getName().equals("listVaults")) {
              int look = looks.incrementAndGet();
              if (look == 2 || look == 3) {
                store.put("default", "api-key", SecretValue.of("value " + look));
                tell.get().accept(Set.of(SecretRef.of("default", "api-key")));
                throw new SecretUnavailableException("made up");
              }
            }
            if (method.getName().equals("watch")) {
              tell.set((Consumer<Set<SecretRef>>) arguments[0]);
              return (SecretBackend.Watch) () -> {};
            }
            return method.invoke(store, arguments);
          });
      WatchCommand watch = new WatchCommand(io);
      watch.count = 1;
      assertThat(watch.run(unsteady)).isZero();
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("\"change\":\"created\"")
        .contains("\"version\":2");
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            begin -> assertThat(begin).contains("Watching 0 secrets"),
            outage -> assertThat(outage)
                .contains("The store doesn't answer, and is asked again every 10 seconds: made up"),
            end -> assertThat(end).contains("The store answers again"));
  }

  @Test
  void completion_isAScriptThatKnowsTheCommands() throws Exception {
    for (String shell : List.of("bash", "zsh")) {
      CliRun.Result result = cli.run("completion", shell);
      assertThat(result.out()).contains("rollback").contains("--vault-name");
      Path script = Files.writeString(directory.resolve(shell), result.out());
      Process check =
          new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
      assertThat(check.waitFor()).isZero();
    }
  }

  /** A clock that a test turns. */
  private static final class Hand extends Clock {
    private Instant now = Instant.parse("2026-11-30T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static String progress(Terminal terminal, Duration stepTime) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Hand clock = new Hand();
    Io io = new Io(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of(),
        terminal,
        clock,
        false);
    try (Progress progress = new Progress(io, "import", 4)) {
      for (int i = 0; i < 4; i++) {
        clock.now = clock.now.plus(stepTime);
        progress.step(1);
      }
    }
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void progress_isShownOnATerminal_afterASecond() {
    Terminal terminal = new CliRun.Typist("");
    assertThat(progress(terminal, Duration.ofMillis(600))).contains("import").contains("100%");
    assertThat(progress(terminal, Duration.ofMillis(200))).isEmpty();
    assertThat(progress(new CliRun.NoTerminal(), Duration.ofMillis(600))).isEmpty();
  }

  /** Work of unknown length, which ends when its display was seen. */
  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void waiting_isShownOnATerminal_onceItTakesLong() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Io io = io(new CliRun.Typist(""), err);
    Waiting shown = new Waiting(io, "rotate", Duration.ZERO);
    while (!err.toString(StandardCharsets.UTF_8).contains("rotate")) {
      Thread.onSpinWait();
    }
    shown.close();
    ByteArrayOutputStream none = new ByteArrayOutputStream();
    new Waiting(io(new CliRun.Typist(""), none), "", Duration.ofDays(1)).close();
    new Waiting(io(new CliRun.NoTerminal(), none), "", Duration.ZERO).close();
    assertThat(none.size()).isZero();
  }

  private static Io io(Terminal terminal, OutputStream err) {
    return new Io(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of(),
        terminal,
        Clock.systemUTC(),
        false);
  }
}
