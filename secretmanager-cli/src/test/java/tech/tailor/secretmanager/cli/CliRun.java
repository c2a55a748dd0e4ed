package tech.tailor.secretmanager.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Runs command lines in this process, as the given environment and terminal have it. */
final class CliRun {

  /** What a command line printed and how it ended. */
  record Result(int code, String out, String err) {}

  private static final String INPUT = " <<< ";

  private final Map<String, String> environment = new HashMap<>();
  private Terminal terminal = new NoTerminal();
  private Clock clock = Clock.systemUTC();

  /** Over an encrypted store in the directory, which is made by {@code init}. */
  static CliRun overFile(Path directory) {
    CliRun cli = new CliRun();
    cli.set("TAILOR_SECRETMANAGER_URL", "file:" + directory.resolve("store"));
    cli.set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString());
    return cli;
  }

  CliRun set(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** What was set. */
  Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  CliRun terminal(Terminal other) {
    terminal = other;
    return this;
  }

  CliRun at(Instant now) {
    clock = Clock.fixed(now, ZoneOffset.UTC);
    return this;
  }

  /** Whenever the time is asked for, another second has passed. */
  CliRun slowly() {
    clock = new Clock() {
      private final AtomicLong seconds = new AtomicLong();

      @Override
      public Instant instant() {
        return Instant.ofEpochSecond(seconds.incrementAndGet());
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }
    };
    return this;
  }

  Result run(String... arguments) {
    return runWith("", arguments);
  }

  /** A line as in {@code src/test/golden}: what follows {@code <<<} is standard input. */
  Result runLine(String line) {
    int input = line.indexOf(INPUT);
    String command = input < 0 ? line : line.substring(0, input);
    String typed = input < 0 ? "" : line.substring(input + INPUT.length()) + "\n";
    return runWith(typed, command.strip().split(" +"));
  }

  /** With a text on standard input. */
  Result runWith(String input, String... arguments) {
    return runWith(input.getBytes(StandardCharsets.UTF_8), arguments);
  }

  Result runWith(byte[] input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = new Cli(io(input, out, err)).run(arguments);
    return result(code, out, err);
  }

  /** A command line that runs on a thread of its own. */
  record Started(CompletableFuture<Result> end, ByteArrayOutputStream err) {

    /** Waits until it has said something, or has ended. */
    void awaitError() throws InterruptedException {
      while (err.size() == 0 && !end.isDone()) {
        Thread.sleep(5);
      }
    }
  }

  /** Starts a line, without standard input. */
  Started start(String line) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Cli cli = new Cli(io(new byte[0], out, err));
    return new Started(
        CompletableFuture.supplyAsync(() -> result(cli.run(line.strip().split(" +")), out, err)),
        err);
  }

  private Io io(byte[] input, ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new Io(
        new ByteArrayInputStream(input),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.copyOf(environment),
        terminal,
        clock,
        false);
  }

  private static Result result(int code, ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** All streams are pipes. */
  static class NoTerminal implements Terminal {
    @Override
    public boolean isInput() {
      return false;
    }

    @Override
    public boolean isOutput() {
      return false;
    }

    @Override
    public boolean isError() {
      return false;
    }

    @Override
    public char[] readHidden(String prompt) {
      throw new AssertionError("nobody can be asked");
    }
  }

  /** All streams are a terminal, at which somebody types the given text when asked. */
  record Typist(String typed) implements Terminal {
    @Override
    public boolean isInput() {
      return true;
    }

    @Override
    public boolean isOutput() {
      return true;
    }

    @Override
    public boolean isError() {
      return true;
    }

    @Override
    public char[] readHidden(String prompt) {
      return typed.toCharArray();
    }
  }
}
