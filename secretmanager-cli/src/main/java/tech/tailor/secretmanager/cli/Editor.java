package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of the user's editor. It ends before this process does: SIGTERM and SIGHUP end it, and
 * SIGINT is its own, from the terminal.
 */
final class Editor implements AutoCloseable {

  private static final String DEFAULT = "vi";

  /** How long an editor has to end by itself. */
  private static final long GRACE_SECONDS = 3;

  private final String command;
  private final List<Signals.Handler> handlers = new ArrayList<>();
  private @Nullable Process process;
  private @Nullable String signal;

  /**
   * The editor of the environment; from now on signals are this object's, until it is closed. But
   * SIGINT ends nothing from now on: the JVM may get one that was typed in the editor only after
   * the editor has ended, and what was edited is to be kept.
   */
  Editor(Io io) {
    command = Stream.of("VISUAL", "EDITOR")
        .map(name -> io.environment().getOrDefault(name, ""))
        .filter(each -> !each.isEmpty())
        .findFirst()
        .orElse(DEFAULT);
    Signals.handle("INT", () -> {});
    for (String name : List.of("TERM", "HUP")) {
      Signals.handle(name, () -> received(name)).ifPresent(handlers::add);
    }
  }

  /**
   * Opens a file, and waits.
   *
   * @throws CliException if the editor failed, or a signal ended it
   */
  void open(Path file) throws IOException, InterruptedException {
    int code = start(file).waitFor();
    String received = signal();
    if (received != null) {
      throw CliException.of(
          "CANCELLED", "Ended by SIG" + received + ", the editor too; nothing was changed.");
    }
    if (code != 0) {
      throw CliException.of(
          "CANCELLED", "The editor ended with exit code " + code + "; nothing was changed.");
    }
  }

  private synchronized Process start(Path file) throws IOException {
    if (signal != null) {
      throw CliException.of("CANCELLED", "Ended by SIG" + signal + "; nothing was changed.");
    }
    // By a shell, since an editor may be a command with options. The terminal sends SIGINT to the
    // shell too, which must not end by it; the editor gets the usual effect back.
    String script = "trap : INT; " + command + " \"$1\"";
    Process started = new ProcessBuilder("sh", "-c", script, "sh", file.toString())
        .inheritIO()
        .start();
    process = started;
    return started;
  }

  private synchronized @Nullable String signal() {
    return signal;
  }

  private void received(String name) {
    Process running;
    synchronized (this) {
      signal = name;
      running = process;
    }
    if (running == null) {
      return;
    }
    // The shell's children first: when it ends, nobody knows them any more.
    List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
    Collections.reverse(all);
    all.add(running.toHandle());
    for (ProcessHandle each : all) {
      each.destroy();
      try {
        each.onExit().get(GRACE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        each.destroyForcibly();
      } catch (InterruptedException e) {
        each.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Gives signals their usual effect again, but for SIGINT. */
  @Override
  public void close() {
    handlers.forEach(Signals.Handler::close);
  }
}
