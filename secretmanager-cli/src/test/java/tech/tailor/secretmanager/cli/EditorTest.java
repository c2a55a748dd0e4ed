package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Editing a value: in memory alone, and nothing is left of it. */
class EditorTest {

  @TempDir
  Path directory;

  private CliRun cli;

  @BeforeEach
  void makeStore() throws IOException {
    EditorMemory.assume(true);
    cli = CliRun.overFile(directory);
    assertThat(cli.run("init").code()).isZero();
    assertThat(cli.run("vault", "create", "default").code()).isZero();
    assertThat(cli.runWith("first value", "put", "default/api-key").code()).isZero();
  }

  /** Sets an editor that notes the file that it gets, and then does something with {@code $1}. */
  private void editor(String script) throws IOException {
    Path file = Files.writeString(
        directory.resolve("editor.sh"), "echo \"$1\" > '" + directory + "/seen'\n" + script);
    cli.set("EDITOR", "sh " + file);
  }

  private Path editedFile() throws IOException {
    return Path.of(Files.readString(directory.resolve("seen")).strip());
  }

  @Test
  void value_isChanged_inMemoryAlone() throws IOException {
    editor("tr '\\0' ' ' < /proc/$$/cmdline > '" + directory + "/arguments'; ls -l \"$1\" > '"
        + directory + "/listed'; sed -i 's/first/second/' \"$1\";"
        + " cp \"$1\" \"$1~\"");
    CliRun.Result result = cli.run("edit", "default/api-key");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cli.run("get", "default/api-key", "--reveal").out()).isEqualTo("second value");
    assertThat(directory.resolve("listed")).content().startsWith("-rw-------");
    assertThat(directory.resolve("arguments")).content().doesNotContain("first value");
    assertThat(editedFile()).startsWithRaw(EditorMemory.DIRECTORY);
    assertThat(editedFile().getParent()).doesNotExist();
  }

  @Test
  void noChange_makesNoVersion() throws IOException {
    editor("true");
    assertThat(cli.run("edit", "default/api-key").err()).contains("nothing was changed");
    editor("false");
    assertThat(cli.run("edit", "default/api-key").code()).isEqualTo(1);
    assertThat(cli.run("versions", "default/api-key", "--json").out())
        .doesNotContain("\"version\":2");
  }

  /** The file between the two can't be overwritten, since it is a program that runs. */
  @Test
  void whatCantBeWiped_isReported_onceTheRestIs() throws Exception {
    Path inside = Files.createDirectories(directory.resolve("memory/inside"));
    List<Path> kept = new ArrayList<>();
    for (Path file : List.of(inside.resolve("a"), inside.resolve("z"))) {
      Files.writeString(file, "value");
      kept.add(Files.createLink(directory.resolve("kept-" + file.getFileName()), file));
    }
    Path program = Files.copy(
        Path.of("/bin/sleep").toRealPath(),
        inside.resolve("sleep"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Process running = new ProcessBuilder(program.toString(), "60").start();
    try {
      assertThatThrownBy(() -> MemoryDirectory.wipe(inside.getParent()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("sleep");
    } finally {
      running.destroyForcibly();
    }
    assertThat(kept).allSatisfy(file -> assertThat(file).hasBinaryContent(new byte[5]));
    assertThat(inside.getParent()).doesNotExist();
    MemoryDirectory.wipe(inside.getParent());
  }

  @Test
  void signal_endsTheEditor_andWipesTheFile() throws Exception {
    endsEditor("TERM", "exit 0");
  }

  /** The second editor doesn't end by itself. */
  @ParameterizedTest
  @Tag("suite")
  @CsvSource({"HUP, exit 0", "TERM, true"})
  void otherSignals_andOtherEditors(String signal, String onSignal) throws Exception {
    if (signal.equals("HUP") && isHangUpIgnored()) {
      System.out.println("SKIPPED: SIGHUP during edit: it is ignored here, as under nohup");
      Assumptions.abort("SIGHUP is ignored, as under nohup");
    }
    endsEditor(signal, onSignal);
  }

  /** A program that is started with SIGHUP ignored, as by nohup, leaves it so; and so does Java. */
  private static boolean isHangUpIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16) % 2 == 1);
  }

  private void endsEditor(String signal, String onSignal) throws Exception {
    editor("trap 'echo ended > \"" + directory + "/ended\"; " + onSignal + "' TERM\n"
        + "echo $$ > '" + directory + "/pid.new'; mv '" + directory + "/pid.new' '" + directory
        + "/pid'\nwhile :; do sleep 0.1; done");
    Process edit = start("edit", "default/api-key");
    try {
      Path pid = directory.resolve("pid");
      while (edit.isAlive() && !Files.exists(pid)) {
        Thread.onSpinWait();
      }
      assertThat(edit.isAlive()).as(Files.readString(directory.resolve("err"))).isTrue();
      long editor = Long.parseLong(Files.readString(pid).strip());
      signal(signal, edit.pid());
      assertThat(edit.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(edit.exitValue()).isEqualTo(1);
      assertThat(directory.resolve("err")).content().contains("Ended by SIG" + signal);
      assertThat(directory.resolve("ended")).exists();
      assertThat(isRunning(editor)).isFalse();
      assertThat(editedFile().getParent()).doesNotExist();
    } finally {
      edit.descendants().forEach(ProcessHandle::destroyForcibly);
      edit.destroyForcibly();
    }
    assertThat(cli.run("get", "default/api-key", "--reveal").out()).isEqualTo("first value");
  }

  /** The program in a process of its own, since it is to get a signal. */
  private Process start(String... arguments) throws IOException {
    List<String> command = Stream.concat(
            Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()),
            Stream.of(arguments))
        .toList();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(cli.environment());
    return builder
        .redirectOutput(Redirect.DISCARD)
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-s", name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  /** Not one that has ended and waits for its parent to notice. */
  private static boolean isRunning(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "stat");
    return Files.exists(status) && !Files.readString(status).matches("(?s).*\\) Z .*");
  }
}
