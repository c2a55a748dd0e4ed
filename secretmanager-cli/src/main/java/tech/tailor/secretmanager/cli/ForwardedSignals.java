package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands the signals of this process to a child, in place of ending this process. A signal that
 * comes before there is a child is kept for it.
 */
final class ForwardedSignals implements AutoCloseable {

  private static final String INTERRUPT = "INT";

  private final List<Signals.Handler> handlers = new ArrayList<>();
  private final List<String> early = new ArrayList<>();
  private @Nullable Process child;

  private ForwardedSignals() {}

  /**
   * Installs the handlers.
   *
   * @param onTerminal whether the terminal itself sends SIGINT to the child, which must not get it
   *     twice
   */
  static ForwardedSignals install(boolean onTerminal) {
    ForwardedSignals signals = new ForwardedSignals();
    for (String name : List.of("TERM", "HUP", INTERRUPT, "USR1")) {
      boolean ignored = name.equals(INTERRUPT) && onTerminal;
      Signals.handle(name, ignored ? () -> {} : () -> signals.received(name))
          .ifPresent(signals.handlers::add);
    }
    return signals;
  }

  private synchronized void received(String name) {
    if (child == null) {
      early.add(name);
    } else {
      send(child, name);
    }
  }

  /** From now on the child gets them, beginning with those that came before it. */
  synchronized void forwardTo(Process process) {
    child = process;
    early.forEach(name -> send(process, name));
    early.clear();
  }

  private static void send(Process process, String name) {
    if (name.equals(
        "TERM")) { // not Process.destroy, which also drops the output that is yet to come
      process.toHandle().destroy();
      return;
    }
    try {
      // No shell is needed for SIGTERM, which containers are stopped with.
      Process kill = new ProcessBuilder(
              "sh", "-c", "kill -s \"$1\" \"$2\"", "sh", name, Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      kill.waitFor();
    } catch (IOException e) {
      process.toHandle().destroy(); // without a shell, the nearest to what was asked for
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Restores the handlers of before. */
  @Override
  public void close() {
    handlers.forEach(Signals.Handler::close);
  }
}
