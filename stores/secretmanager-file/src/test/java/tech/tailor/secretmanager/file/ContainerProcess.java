package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * A process as a container would run it: as another user, in a mount namespace of its own, or under
 * a limit. It does what it is asked to, and answers {@code ok} or the exception.
 */
final class ContainerProcess implements AutoCloseable {

  private static final String LINE_FEED = "\u2028"; // so that an answer is one line

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream questions;

  private ContainerProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(UTF_8);
    this.questions = new PrintStream(process.getOutputStream(), true, UTF_8);
  }

  /**
   * Copies the class path of the test to where every user can read it.
   *
   * @return the new class path
   */
  static String readableClassPath(Path directory) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path source = Path.of(entry);
      Path target = directory.resolve(entries.size() + "-" + source.getFileName());
      if (Files.exists(source)) {
        copy(source, target);
        entries.add(target.toString());
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.walkFileTree(source, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
          throws IOException {
        Path made = target.resolve(source.relativize(each).toString());
        Files.createDirectories(made);
        Files.setAttribute(made, "unix:mode", 0755);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path each, BasicFileAttributes attributes)
          throws IOException {
        Path made = each.equals(source)
            ? target
            : target.resolve(source.relativize(each).toString());
        Files.copy(each, made);
        Files.setAttribute(made, "unix:mode", 0644);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  /**
   * Starts a process.
   *
   * @param script runs in a shell first, and ends in {@code exec} and a command that becomes the
   *     JVM, such as {@code exec setpriv --reuid 1000}, or in {@code exec} alone
   */
  static ContainerProcess start(List<String> prefix, String script, String classPath)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(
        "/bin/sh",
        "-ec",
        script + " \"$@\"",
        "sh",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Xlog:disable", // its warnings would be answers
        "-cp",
        classPath,
        ContainerProcess.class.getName()));
    return new ContainerProcess(new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start());
  }

  /** What the action answers: {@code ok}, or the class of the exception and its message. */
  String ask(String action, String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(action));
    line.addAll(List.of(arguments));
    questions.println(String.join("\t", line));
    String answer = answers.readLine();
    return answer == null ? "ended" : answer.replace(LINE_FEED, "\n");
  }

  @Override
  public void close() {
    questions.close();
    process.destroyForcibly().onExit().join();
  }

  public static void main(String[] args) throws IOException {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream output = new PrintStream(System.out, true, UTF_8);
    String line = input.readLine();
    while (line != null) {
      output.println(answer(line.split("\t", -1)).replace("\n", LINE_FEED));
      line = input.readLine();
    }
  }

  private static String answer(String[] question) {
    try {
      act(question);
      return "ok";
    } catch (SecretManagerException | IllegalArgumentException | IllegalStateException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    } catch (IOException | InterruptedException e) {
      return e.toString();
    }
  }

  private static void act(String[] question) throws IOException, InterruptedException {
    switch (question[0]) {
      case "create" -> write(SecretStores.create(environment(question)));
      case "open" -> write(SecretStores.open(environment(question)));
      case "read" -> {
        try (SecretStore store = SecretStores.open(environment(question))) {
          TestStore.read(store, "default", "one");
        }
      }
      case "key" -> MasterKey.fromFile(Path.of(question[1]));
      case "new-key" -> MasterKey.createFile(Path.of(question[1]));
      case "new-anchor" -> FileAnchor.create(Path.of(question[1]));
      case "crowded" -> crowded(Path.of(question[1]));
      case "anchored" ->
        write(
            FileSecretStore.builder(Path.of(question[1]), MasterKey.fromFile(Path.of(question[2])))
                .anchor(FileAnchor.create(Path.of(question[3])))
                .create());
      default -> throw new IllegalArgumentException(question[0]);
    }
  }

  /** Tries a change and a watch while the system gives no thread. */
  private static void crowded(Path directory) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    List<Thread> crowd = new ArrayList<>();
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "before");
      String value = "before";
      String change = "";
      String watch = "";
      try {
        // Now and then a thread of the JVM's own ends, and frees a slot for one.
        for (int i = 0; i < 100 && (change.isEmpty() || watch.isEmpty()); i++) {
          fill(ended, crowd);
          String next = "after-" + i;
          change = refusal(() -> TestStore.put(store, "default", "one", next));
          value = change.isEmpty() ? next : value;
          watch = refusal(() -> store.watch(changed -> {}).close());
        }
      } finally {
        ended.countDown();
      }
      for (Thread thread : crowd) {
        thread.join();
      }
      String read = TestStore.read(store, "default", "one");
      TestStore.put(store, "default", "one", "after");
      store.watch(changed -> {}).close();
      if (!read.equals(value) || change.isEmpty()) {
        throw new IllegalStateException(read + ", " + value + ", " + change + ", " + watch);
      }
    }
  }

  /** Starts threads for as long as there are any. */
  private static void fill(CountDownLatch ended, List<Thread> crowd) {
    for (int failed = 0; failed < 3; ) {
      Thread thread = new Thread(() -> {
        try {
          ended.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      thread.setDaemon(true);
      try {
        thread.start();
        crowd.add(thread);
      } catch (OutOfMemoryError e) {
        failed++;
      }
    }
  }

  private static String refusal(Runnable call) {
    try {
      call.run();
      return "";
    } catch (SecretUnavailableException e) {
      return e.getMessage();
    }
  }

  private static void write(SecretStore opened) {
    try (SecretStore store = opened) {
      TestStore.put(store, "default", "one", "value");
      TestStore.read(store, "default", "one");
    }
  }

  private static Map<String, String> environment(String[] question) {
    Map<String, String> environment = new TreeMap<>();
    for (int i = 1; i < question.length; i++) {
      int end = question[i].indexOf('=');
      environment.put(
          "TAILOR_SECRETMANAGER_" + question[i].substring(0, end), question[i].substring(end + 1));
    }
    return environment;
  }
}
