package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** What the kernel is asked for, in which order: seen from outside, by strace. */
class SystemCallTest {

  private static final Path STRACE = Path.of("/usr/bin/strace");
  private static final String HEX = "[0-9a-f]{32}";

  @TempDir
  Path parent;

  @Test
  @Timeout(120)
  void keyAndCommit_areDurableBeforeTheyAreAcknowledged() throws Exception {
    Path directory = parent.toRealPath().resolve("new");
    List<String> trace = trace(directory);
    String key = Pattern.quote(directory + "/key/");
    String store = Pattern.quote(directory + "/store/");
    String keyDirectory = Pattern.quote(directory + "/key");
    String storeDirectory = Pattern.quote(directory + "/store");
    String above = Pattern.quote(directory.toString());
    List<String> makingTheKey = List.of(
        "openat\\(.*\"" + key + "\\.key-" + HEX + "\\.tmp\", .*O_EXCL.*, 0600\\).*",
        "write\\(\\d+<" + key + "\\.key-" + HEX + "\\.tmp>.*= 72",
        "fsync\\(\\d+<" + key + "\\.key-" + HEX + "\\.tmp>\\).*= 0",
        "link\\(\"" + key + "\\.key-" + HEX + "\\.tmp\", \"" + key + "master\\.key\"\\).*= 0",
        "fsync\\(\\d+<" + keyDirectory + ">\\).*= 0");
    List<String> commit = List.of(
        "openat\\(.*\"" + store + "\\.secrets-" + HEX + "\\.tmp\", .*O_EXCL.*, 0600\\).*",
        "write\\(\\d+<" + store + "\\.secrets-" + HEX + "\\.tmp>.*",
        "fsync\\(\\d+<" + store + "\\.secrets-" + HEX + "\\.tmp>\\).*= 0",
        "rename\\(\"" + store + "\\.secrets-" + HEX + "\\.tmp\", \"" + store
            + "secrets\\.json\"\\).*= 0",
        "fsync\\(\\d+<" + storeDirectory + ">\\).*= 0");
    // The empty store, a vault, a secret and its update.
    List<String> all = new ArrayList<>(makingTheKey);
    for (int i = 0; i < 4; i++) {
      all.addAll(commit);
      all.add(i == 0 ? ".*" : "write\\(1<.*\"acknowledged.*");
    }
    // Directories: made by us, or by somebody else a moment ago.
    List<String> directories = List.of(
        "mkdir\\(\"" + above + "\", 0700\\).*= 0",
        "fsync\\(\\d+<" + Pattern.quote(parent.toRealPath().toString()) + ">\\).*= 0",
        "mkdir\\(\"" + keyDirectory + "\", 0700\\).*= 0",
        "fsync\\(\\d+<" + above + ">\\).*= 0",
        "write\\(1<.*\"directory.*",
        "fsync\\(\\d+<" + above + ">\\).*= 0",
        "write\\(1<.*\"once more.*");

    assertInOrder(trace, all);
    assertInOrder(trace, directories);
    for (String forced : List.of("<" + key, "<" + store, "<" + storeDirectory + ">")) {
      List<String> without = trace.stream()
          .filter(line -> !line.matches("fsync\\(\\d+" + forced + ".*"))
          .toList();
      assertThat(without.size()).as("the control removes something").isLessThan(trace.size());
      assertThatThrownBy(() -> assertInOrder(without, all)).isInstanceOf(AssertionError.class);
    }
    System.out.println("system calls: " + trace.size() + " of the child, 1 key and 4 commits in"
        + " order; without the fsyncs of the key, the file or the directory: noticed, 3 of 3");
  }

  /** Each pattern matches a line after the one that the pattern before it matched. */
  private static void assertInOrder(List<String> trace, List<String> patterns) {
    int at = 0;
    for (String pattern : patterns) {
      int from = at;
      while (at < trace.size() && !trace.get(at).matches(pattern)) {
        at++;
      }
      assertThat(at)
          .as("%s after line %s of%n%s", pattern, from, String.join("\n", trace))
          .isLessThan(trace.size());
      at++;
    }
  }

  private List<String> trace(Path directory) throws IOException, InterruptedException {
    boolean possible = Files.isExecutable(STRACE)
        && new ProcessBuilder(STRACE.toString(), "-o", "/dev/null", "/bin/true")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            == 0;
    if (!possible) {
      System.out.println("SKIPPED: system calls can be seen on Linux with strace only");
    }
    assumeTrue(possible, "SKIPPED: system calls can be seen on Linux with strace only");
    Path output = Files.createDirectory(parent.resolve("trace"));
    Process child = new ProcessBuilder(
            STRACE.toString(),
            "-ff", // a file for each thread, so that no call is split by another thread's
            "-ttt",
            "-y",
            "-s",
            "16",
            "-e",
            "trace=openat,write,pwrite64,fsync,rename,link,mkdir",
            "-o",
            output.resolve("thread").toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            directory.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    try {
      assertThat(child.waitFor(100, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
    List<String> lines = new ArrayList<>();
    for (Path thread : TestStore.filesIn(output)) {
      lines.addAll(Files.readAllLines(thread, ISO_8859_1));
    }
    return lines.stream()
        .sorted() // by time
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .filter(
            line -> line.contains(directory.getParent().toString()) || line.contains("write(1<"))
        .toList();
  }

  /** Makes a key and a store, and changes it. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      MasterKey key = MasterKey.createFile(directory.resolve("key/master.key"));
      try (FileSecretStore store = FileSecretStore.create(directory.resolve("store"), key)) {
        store.createVault("default");
        System.out.println("acknowledged 1");
        TestStore.put(store, "default", "one", "first");
        System.out.println("acknowledged 2");
        TestStore.put(store, "default", "one", "second");
        System.out.println("acknowledged 3");
      }
      System.out.println("directory");
      StoreFiles.local().createDirectories(directory.resolve("key"));
      System.out.println("once more");
    }
  }
}
