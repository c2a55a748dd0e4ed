package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * Systems that do without something: file systems that can't force a directory or have no hard
 * links, by a library in front of the C library; and a limit of threads.
 */
@Tag("suite")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class OddSystemsTest {

  private static final int EPERM = 1;
  private static final int EIO = 5;
  private static final int EACCES = 13;
  private static final int EINVAL = 22;
  private static final int EMLINK = 31;
  private static final int ENOSYS = 38;
  private static final int ENOTSUP = 95;

  /** Lets fsync of a directory, and link, fail with the number that a variable has. */
  private static final String SHIM = """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <stdlib.h>
      #include <sys/stat.h>
      #include <sys/syscall.h>
      #include <unistd.h>

      int fsync(int fd) {
        struct stat status;
        char *number = getenv("SHIM_FSYNC");
        if (number && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
          errno = atoi(number);
          return -1;
        }
        return syscall(SYS_fsync, fd);
      }

      int link(const char *from, const char *to) {
        char *number = getenv("SHIM_LINK");
        if (number) {
          errno = atoi(number);
          return -1;
        }
        return syscall(SYS_linkat, -100, from, -100, to, 0);
      }
      """;

  @TempDir
  Path parent;

  private Path shim = Path.of("");

  @BeforeEach
  void name() {
    shim = parent.resolve("shim.so");
  }

  @Test
  void directoryThatCanNotBeForced_isNoReasonToDoubtAChange() throws Exception {
    buildTheShim();
    for (int error : new int[] {EINVAL, ENOTSUP, ENOSYS}) {
      try (ContainerProcess process = shimmed("SHIM_FSYNC=" + error)) {
        Path directory = Files.createDirectory(parent.resolve("fsync-" + error));
        assertThat(anchored(process, directory)).as("error %s", error).isEqualTo("ok");
        assertThat(anchored(process, directory)).as("error %s", error).isEqualTo("ok");
      }
    }
    // The control: an error of the disk is one.
    Path directory = Files.createDirectory(parent.resolve("fsync-" + EIO));
    try (ContainerProcess process = shimmed("SHIM_FSYNC=" + EIO)) {
      assertThat(anchored(process, directory)).startsWith("SecretStorageException");
    }
    try (ContainerProcess process = shimmed("UNUSED=1")) {
      assertThat(anchored(process, directory)).isEqualTo("ok");
    }
    try (ContainerProcess process = shimmed("SHIM_FSYNC=" + EIO)) {
      assertThat(anchored(process, directory)).startsWith("SecretOutcomeUnknownException");
    }
  }

  @Test
  void directoryThatCanNotBeForced_isRecognisedInAnotherLanguage() throws Exception {
    buildTheShim();
    String what = "the system's messages in German";
    Tools.require(
        Files.exists(Path.of("/usr/share/locale/de/LC_MESSAGES/libc.mo")),
        what,
        "the package libc-l10n is not installed");
    Tools.require(Tools.has("localedef"), what, "localedef is not installed");
    Path locales = Files.createDirectory(parent.resolve("locales"));
    int made = new ProcessBuilder(
            "localedef",
            "-i",
            "de_DE",
            "-f",
            "UTF-8",
            locales.resolve("de_DE.UTF-8").toString())
        .inheritIO()
        .start()
        .waitFor();
    Tools.require(made == 0, what, "localedef can't make the locale; is locales installed?");
    String german = "LC_ALL=de_DE.UTF-8";
    try (ContainerProcess process = shimmed(german, "LOCPATH=" + locales, "SHIM_FSYNC=" + EINVAL)) {
      Path directory = Files.createDirectory(parent.resolve("german"));
      assertThat(anchored(process, directory)).isEqualTo("ok");
      assertThat(anchored(process, directory)).isEqualTo("ok");
    }
    try (ContainerProcess process = shimmed(german, "LOCPATH=" + locales, "SHIM_FSYNC=" + EIO)) {
      Path directory = Files.createDirectory(parent.resolve("german-disk"));
      assertThat(anchored(process, directory)).startsWith("SecretStorageException");
    }
  }

  @Test
  void withoutHardLinks_keyAndAnchorAreMadeExclusively() throws Exception {
    buildTheShim();
    for (int error : new int[] {EPERM, ENOTSUP, ENOSYS, EMLINK, EACCES}) {
      try (ContainerProcess process = shimmed("SHIM_LINK=" + error)) {
        Path directory = Files.createDirectory(parent.resolve("link-" + error));
        assertThat(anchored(process, directory)).as("error %s", error).isEqualTo("ok");
        byte[] key = TestStore.bytes(directory.resolve("key"));
        assertThat(anchored(process, directory)).as("error %s", error).isEqualTo("ok");
        assertThat(TestStore.bytes(directory.resolve("key"))).isEqualTo(key);
        assertThat(TestStore.filesIn(directory))
            .extracting(file -> file.getFileName().toString())
            .containsExactly("anchor", "anchor.lock", "key", "store");
      }
    }
  }

  @Test
  void atTheLimitOfThreads_aChangeIsRefusedAndNothingIsChanged() throws Exception {
    String what = "limit of threads";
    Tools.require(Tools.isRoot(), what, "a user of its own needs root");
    for (String tool : List.of("prlimit", "setpriv")) {
      Tools.require(Tools.has(tool), what, tool + " is not installed");
    }
    int user = 43_230;
    Files.setAttribute(parent, "unix:mode", 0755);
    Path shared = Files.createDirectory(parent.resolve("class-path"));
    Files.setAttribute(shared, "unix:mode", 0755);
    Path own = Files.createDirectory(parent.resolve("own"));
    Files.setAttribute(own, "unix:uid", user);
    List<String> limited = List.of("prlimit", "--nproc=60");
    String asUser = "exec setpriv --reuid " + user + " --regid " + user + " --clear-groups"
        + " --bounding-set=-all --inh-caps=-all --pdeathsig KILL";
    String classPath = ContainerProcess.readableClassPath(shared);
    try (ContainerProcess process = ContainerProcess.start(limited, asUser, classPath)) {
      assertThat(process.ask("crowded", own.resolve("store").toString())).isEqualTo("ok");
    }
  }

  private static String anchored(ContainerProcess process, Path directory) throws IOException {
    String made = process.ask("new-key", directory.resolve("key").toString());
    return made.equals("ok")
        ? process.ask(
            "anchored",
            directory.resolve("store").toString(),
            directory.resolve("key").toString(),
            directory.resolve("anchor").toString())
        : made;
  }

  private ContainerProcess shimmed(String... variables) throws IOException {
    List<String> command = new ArrayList<>(List.of("env", "LD_PRELOAD=" + shim));
    command.addAll(List.of(variables));
    return ContainerProcess.start(command, "exec", System.getProperty("java.class.path"));
  }

  private void buildTheShim() throws Exception {
    Tools.require(
        Files.exists(Path.of("/proc/self")) && Tools.has("gcc"), "odd file systems", "no gcc here");
    Path source = Files.writeString(parent.resolve("shim.c"), SHIM);
    int built = new ProcessBuilder(
            "gcc", "-shared", "-fPIC", "-o", shim.toString(), source.toString())
        .inheritIO()
        .start()
        .waitFor();
    Tools.require(built == 0, "odd file systems", "gcc can't build a library here");
  }
}
