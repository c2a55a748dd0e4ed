package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * Stores and keys as containers have them: with real users, groups, modes and mounts. What is
 * refused is refused before anything is made, and its message names everything that mends it: the
 * test runs the commands, and tries once more.
 */
@Tag("suite")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ContainersTest {

  private static final int USER = 43_210;
  private static final int OTHER_USER = 43_211;
  private static final int FS_GROUP = 43_220;
  private static final String AS_USER = "exec setpriv --reuid " + USER + " --regid " + USER
      + " --groups " + FS_GROUP + " --inh-caps=-all --pdeathsig KILL";
  private static final List<String> ALONE =
      List.of("unshare", "--mount", "--propagation", "private");
  private static final Pattern REMEDY = Pattern.compile("run: (ch\\w+ .*)");

  /** Makes the root file system read-only for this process, or fails. */
  private static final String READ_ONLY_ROOT = "mount -o remount,ro,bind /;"
      + " if touch /secretmanager-probe 2>/dev/null; then exit 9; fi; set +e; ";

  @TempDir
  static Path shared;

  private static String classPath = "";

  @TempDir
  Path parent;

  private Path volume = Path.of("");
  private Path mount = Path.of("");
  private Path key = Path.of("");

  @BeforeAll
  static void copyTheClassPath() throws Exception {
    for (String tool : List.of("unshare", "setpriv", "mount")) {
      Tools.require(Tools.has(tool), "containers", tool + " is not installed");
    }
    Tools.require(Tools.isRoot(), "containers", "other users and mounts need root");
    Tools.require(
        ends(ALONE, "mount -t tmpfs tmpfs /mnt") && ends(List.of(), AS_USER + " true"),
        "containers",
        "this root may neither mount nor become another user");
    Files.setAttribute(shared, "unix:mode", 0755);
    classPath = ContainerProcess.readableClassPath(shared);
  }

  /** A volume, and a secret that is mounted as Kubernetes does it under {@code fsGroup}. */
  @BeforeEach
  void mountTheSecret() throws IOException {
    Files.setAttribute(parent, "unix:mode", 0755);
    volume = directory(parent.resolve("volume"), 0777, 0, 0);
    mount = directory(parent.resolve("mount"), 03777, 0, FS_GROUP);
    Path content = directory(mount.resolve("..2026_11_30"), 02755, 0, FS_GROUP);
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_11_30"));
    Files.createSymbolicLink(mount.resolve("key"), Path.of("..data/key"));
    key = mount.resolve("key");
    file(content.resolve("key"), 0440, 0, FS_GROUP);
  }

  @Test
  void emptyDir_isRefusedBeforeAnythingIsMade_andAllowedBySetting() throws Exception {
    try (ContainerProcess pod = pod()) {
      for (Path store : List.of(volume.resolve("secrets"), volume.resolve("a/b/secrets"), volume)) {
        String answer = pod.ask("create", url(store), keyFile(key));
        assertThat(answer)
            .startsWith("SecretStorageException")
            .contains(
                "\"" + volume + "\" can be written by every user (777)",
                "allowSharedDirectory()",
                "TAILOR_SECRETMANAGER_ALLOW=shared-directory");
        assertThat(volume).isEmptyDirectory();
        // A key that is yet to be made is not made either.
        Path missing = volume.resolve("key");
        assertThat(pod.ask("create", url(store), keyFile(missing))).contains("every user");
        assertThat(volume).isEmptyDirectory();
      }
      Path store = volume.resolve("secrets");
      assertThat(pod.ask("create", url(store), keyFile(key), "ALLOW=shared-directory"))
          .isEqualTo("ok");
      assertThat(pod.ask("open", url(store), keyFile(key))).contains("every user");
      assertThat(pod.ask("open", url(store), keyFile(key), "ALLOW=shared-directory"))
          .isEqualTo("ok");
      // The sticky bit, too, keeps others from replacing it.
      Files.setAttribute(volume, "unix:mode", 01777);
      assertThat(pod.ask("open", url(store), keyFile(key))).isEqualTo("ok");
    }
  }

  @Test
  void restartUnderFsGroup_isRefusedInOneMessage_thatMendsIt() throws Exception {
    Path store = volume.resolve("secrets");
    Path own = volume.resolve("keys/key");
    String allow = "ALLOW=shared-directory";
    try (ContainerProcess pod = pod()) {
      Files.setAttribute(volume, "unix:mode", 01777);
      assertThat(pod.ask("create", url(store), keyFile(own))).isEqualTo("ok");
      Files.setAttribute(volume, "unix:mode", 0777);
      asTheKubeletDoes(volume);
      String answer = pod.ask("open", url(store), keyFile(own));
      assertThat(answer)
          .contains(
              "\"" + volume + "\" can be written by every user (2777)",
              "\"" + store + "\" can be written by its group " + FS_GROUP + " (2770)",
              "\"" + TestStore.file(store) + "\" can be written by its group " + FS_GROUP
                  + " (660)",
              "\"" + own.getParent() + "\" can be written by its group",
              "open to others than its owner (rw-rw----)");
      assertThat(mended(pod, answer, "open", url(store), keyFile(own))).isEqualTo("ok");
      asTheKubeletDoes(volume);
      assertThat(pod.ask("open", url(store), keyFile(key), allow)).contains("not the master key");
      assertThat(pod.ask("create", url(volume.resolve("other")), keyFile(key), allow))
          .isEqualTo("ok");
      asTheKubeletDoes(volume);
      assertThat(pod.ask("open", url(volume.resolve("other")), keyFile(key), allow))
          .isEqualTo("ok");
    }
  }

  /** A member of the group can't reach the file through a directory that is closed to it. */
  @Test
  void groupAccess_isJudgedByWhatAMemberCouldDo() throws Exception {
    Path store = volume.resolve("secrets");
    Files.setAttribute(volume, "unix:mode", 0755);
    directory(store, 0700, USER, USER);
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
      Files.setAttribute(TestStore.file(store), "unix:mode", 0660);
      assertThat(pod.ask("read", url(store), keyFile(key))).isEqualTo("ok");
      for (int mode : new int[] {0750, 0710, 0701, 0711}) {
        Files.setAttribute(store, "unix:mode", mode);
        assertThat(pod.ask("read", url(store), keyFile(key)))
            .as(Integer.toOctalString(mode))
            .contains("written by its group " + USER + " (660)");
      }
      Files.setAttribute(TestStore.file(store), "unix:mode", 0640);
      assertThat(pod.ask("open", url(store), keyFile(key))).as("who may read").isEqualTo("ok");
      // A directory above lets a member put another store in the place of this one.
      Files.setAttribute(volume, "unix:mode", 0775);
      Files.setAttribute(volume, "unix:gid", FS_GROUP);
      String answer = pod.ask("open", url(store), keyFile(key));
      assertThat(answer).contains("\"" + volume + "\" can be written by its group " + FS_GROUP);
      assertThat(mended(pod, answer, "open", url(store), keyFile(key))).isEqualTo("ok");
      Files.setAttribute(volume, "unix:gid", 0);
      Files.setAttribute(volume, "unix:mode", 0775);
      assertThat(pod.ask("open", url(store), keyFile(key))).as("root's group").isEqualTo("ok");
    }
  }

  /** The volumes as file systems in memory, mounted as a kubelet does it. */
  @Test
  void mountedVolumes_ofAPod_workWithTheSetting() throws Exception {
    String script =
        "mount -t tmpfs -o mode=0777 tmpfs " + volume + "; mount -t tmpfs -o mode=3777,gid="
            + FS_GROUP + " tmpfs " + mount + "; cd " + mount + "; mkdir -m 2755 ..1; cp " + parent
            + "/line ..1/key; chgrp -R " + FS_GROUP + " ..1; chmod 0440 ..1/key; ln -s ..1 ..data;"
            + " ln -s ..data/key key; ";
    file(parent.resolve("line"), 0644, 0, 0);
    try (ContainerProcess pod = ContainerProcess.start(ALONE, script + AS_USER, classPath)) {
      Path store = volume.resolve("secrets");
      assertThat(pod.ask("create", url(store), keyFile(key)))
          .contains("\"" + volume + "\" can be written by every user (777)")
          .doesNotContain("\"" + mount);
      assertThat(pod.ask("create", url(store), keyFile(key), "ALLOW=shared-directory"))
          .isEqualTo("ok");
      assertThat(pod.ask("open", url(store), keyFile(key), "ALLOW=shared-directory"))
          .isEqualTo("ok");
    }
  }

  /** What a umask of 002 makes is the user's own where the group is the user's own. */
  @Test
  void checkoutUnderUmask002_isTakenWhereNobodyElseIsInTheGroup() throws Exception {
    Path store = directory(volume.resolve("checkout"), 0700, USER, USER);
    Files.setAttribute(volume, "unix:mode", 0755);
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
      Files.setAttribute(store, "unix:mode", 0775);
      Files.setAttribute(TestStore.file(store), "unix:mode", 0664);
      String answer = pod.ask("open", url(store), keyFile(key));
      assertThat(answer).contains(USER + " (775)", USER + " (664)");
      assertThat(mended(pod, answer, "open", url(store), keyFile(key))).isEqualTo("ok");
    }
    Files.setAttribute(store, "unix:mode", 0775);
    Files.setAttribute(TestStore.file(store), "unix:mode", 0664);
    String users = "root:x:0:0::/:/bin/sh\nme:x:" + USER + ":" + USER + "::/:/bin/sh\n";
    String groups = "root:x:0:\nme:x:" + USER + ":";
    assertThat(withUsers(users, groups + "\n", store)).isEqualTo("ok");
    assertThat(withUsers(users, groups + "me\n", store)).isEqualTo("ok");
    for (String[] each : new String[][] {
      {users, groups + "me,another\n"},
      {users + "another:x:" + OTHER_USER + ":" + USER + "::/:/bin/sh\n", groups + "\n"},
      {users, "root:x:0:\n"},
      {users + "+::::::\n", groups + "\n"},
      {"root:x:0:0::/:/bin/sh\n", groups + "\n"},
    }) {
      assertThat(withUsers(each[0], each[1], store)).contains("written by its group");
    }
  }

  /** A umask of 002 opens every directory of a clone, not the store's alone. */
  @Test
  void checkoutOfASharedGroup_isMendedByTheCommandsOfTheMessage() throws Exception {
    Files.setAttribute(volume, "unix:mode", 0755);
    Path checkout = directory(volume.resolve("checkout"), 0755, USER, FS_GROUP);
    Path config = directory(checkout.resolve("config"), 0755, USER, FS_GROUP);
    Path store = directory(config.resolve("secrets"), 0755, USER, FS_GROUP);
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
      for (Path each : List.of(checkout, config, store)) {
        Files.setAttribute(each, "unix:mode", 0775);
      }
      Files.setAttribute(TestStore.file(store), "unix:mode", 0664);
      String answer = pod.ask("open", url(store), keyFile(key));
      assertThat(answer)
          .contains("\"" + checkout + "\" can", "\"" + config + "\" can", "\"" + store + "\" can");
      assertThat(mended(pod, answer, "open", url(store), keyFile(key))).isEqualTo("ok");
    }
  }

  private String withUsers(String users, String groups, Path store) throws Exception {
    Path passwd = file(parent.resolve("passwd"), 0644, 0, 0);
    Path group = file(parent.resolve("group"), 0644, 0, 0);
    Files.writeString(passwd, users);
    Files.writeString(group, groups);
    String script =
        "mount --bind " + passwd + " /etc/passwd; mount --bind " + group + " /etc/group; ";
    try (ContainerProcess pod = ContainerProcess.start(ALONE, script + AS_USER, classPath)) {
      return pod.ask("read", url(store), keyFile(key));
    }
  }

  @Test
  void mountedKeys_areTakenAsTheyAre_andOthersAreRefused() throws Exception {
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("key", key.toString())).isEqualTo("ok");
      for (int mode : new int[] {0440, 0640}) {
        assertThat(pod.ask("key", file(parent.resolve("k1"), mode, 0, FS_GROUP).toString()))
            .isEqualTo("ok");
      }
      for (int mode : new int[] {0400, 0600}) {
        assertThat(pod.ask("key", file(parent.resolve("k2"), mode, USER, USER).toString()))
            .isEqualTo("ok");
      }
      for (int mode : new int[] {0444, 0644, 0460, 0450, 0441}) {
        Path open = file(parent.resolve("k3"), mode, 0, FS_GROUP);
        String answer = pod.ask("key", open.toString());
        assertThat(answer).contains("fromEnvironment", "fromFileDescriptor", "(0440)");
        assertThat(mended(pod, answer, "key", open.toString())).isEqualTo("ok");
      }
      for (int mode : new int[] {0440, 0640, 0604, 0660}) {
        Path open = file(parent.resolve("k4"), mode, USER, FS_GROUP);
        String answer = pod.ask("key", open.toString());
        assertThat(answer).contains("chmod 600");
        assertThat(mended(pod, answer, "key", open.toString())).isEqualTo("ok");
      }
      Path others = file(parent.resolve("k5"), 0440, OTHER_USER, FS_GROUP);
      String answer = pod.ask("key", others.toString());
      assertThat(answer).contains("belongs to another user (" + OTHER_USER + ")");
      assertThat(mended(pod, answer, "key", others.toString())).isEqualTo("ok");
      // Where it lies counts, also where a link leads to it from there.
      Path open = directory(parent.resolve("open"), 0777, 0, 0);
      Path safe = file(parent.resolve("k6"), 0400, USER, USER);
      Path link = Files.createSymbolicLink(open.resolve("link"), safe);
      for (Path each : List.of(file(open.resolve("k7"), 0400, USER, USER), link)) {
        Files.setAttribute(open, "unix:mode", 0777);
        answer = pod.ask("key", each.toString());
        assertThat(answer).contains("\"" + open + "\" can be written by every user");
        assertThat(mended(pod, answer, "key", each.toString())).isEqualTo("ok");
      }
      Files.setAttribute(open, "unix:mode", 01777);
      assertThat(pod.ask("key", link.toString())).as("a link of root's").isEqualTo("ok");
      Files.setAttribute(link, "unix:uid", OTHER_USER, NOFOLLOW_LINKS);
      answer = pod.ask("key", link.toString());
      assertThat(answer).contains("the link \"" + link + "\" belongs to another user");
      assertThat(mended(pod, answer, "key", link.toString())).isEqualTo("ok");
      Path none = directory(parent.resolve("none"), 0777, 0, 0);
      assertThat(pod.ask("new-key", none.resolve("a/key").toString())).contains("every user");
      assertThat(none).isEmptyDirectory();
    }
  }

  @Test
  void storeBelowADirectoryOfAnotherUser_isRefused() throws Exception {
    Path above = directory(parent.resolve("theirs"), 0755, OTHER_USER, OTHER_USER);
    Path store = directory(above.resolve("secrets"), 0700, USER, USER);
    try (ContainerProcess pod = pod()) {
      String answer = pod.ask("create", url(store), keyFile(key));
      assertThat(answer).contains("\"" + above + "\" belongs to another user (" + OTHER_USER + ")");
      assertThat(store).isEmptyDirectory();
      assertThat(pod.ask("create", url(store), keyFile(key), "ALLOW=shared-directory"))
          .isEqualTo("ok");
      assertThat(mended(pod, answer, "create", url(store), keyFile(key))).isEqualTo("ok");
    }
  }

  /** As OpenShift does it: another user each time, always with root's group. */
  @Test
  void randomUser_opensWhatThePreviousOneMade_ifThatIsAllowed() throws Exception {
    Files.setAttribute(volume, "unix:mode", 02775);
    Files.setAttribute(volume, "unix:gid", FS_GROUP);
    Path store = volume.resolve("secrets");
    String allow = "ALLOW=shared-directory";
    for (int uid : new int[] {USER, OTHER_USER, USER}) {
      String script = "exec setpriv --reuid " + uid + " --regid 0 --groups " + FS_GROUP
          + " --bounding-set=-all --inh-caps=-all --pdeathsig KILL";
      try (ContainerProcess pod = ContainerProcess.start(List.of(), script, classPath)) {
        assertThat(pod.ask("create", url(store), keyFile(key), allow)).isEqualTo("ok");
        asTheKubeletDoes(volume);
      }
    }
  }

  @Test
  void keyWithoutAFile_comesFromAVariableOrADescriptor() throws Exception {
    Path store = directory(parent.resolve("secrets"), 0700, USER, USER);
    String line = new String(EnvelopeFixtures.keyLine(1), US_ASCII).strip();
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), "KEY=" + line)).isEqualTo("ok");
      assertThat(pod.ask("open", url(store), "KEY=" + line)).isEqualTo("ok");
      assertThat(pod.ask("open", url(store), keyFile(key)))
          .as("of the same key")
          .isEqualTo("ok");
    }
    try (ContainerProcess pod =
        ContainerProcess.start(List.of(), "exec 3< " + key + "; " + AS_USER, classPath)) {
      assertThat(pod.ask("open", url(store), "KEY_FILE=fd:3")).isEqualTo("ok");
    }
  }

  /** The system opens other descriptors again, with the rights of the user. */
  @Test
  void keyThatRootAloneMayRead_comesAsStandardInput() throws Exception {
    Path own = file(parent.resolve("own"), 0400, 0, 0);
    for (String input : List.of("exec < " + own + "; ", "cat " + own + " | ")) {
      assertThat(descriptor(0, input)).as(input).isEqualTo("ok");
    }
    for (String input :
        List.of("exec 3< " + own + " < /dev/null; ", "cat " + own + " | 3<&0 0< /dev/null ")) {
      assertThat(descriptor(3, input))
          .as(input)
          .contains("file descriptor 3", "passed to this process", "descriptor 0");
    }
  }

  private static String descriptor(int number, String script) throws Exception {
    Process process = new ProcessBuilder(
            "/bin/sh",
            "-ec",
            script + AS_USER + " \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            classPath,
            ReaderOfADescriptor.class.getName(),
            "" + number)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  /** Prints {@code ok}, or why the key can't be read. */
  static final class ReaderOfADescriptor {
    public static void main(String[] args) {
      try {
        MasterKey.fromFileDescriptor(Integer.parseInt(args[0]));
        System.out.print("ok");
      } catch (SecretStorageException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  /** Nothing is written outside the volume, not even a temporary file. */
  @Test
  void readOnlyRoot_withAWritableVolume_isEnough() throws Exception {
    Path store = directory(volume.resolve("secrets"), 0700, USER, USER);
    Files.setAttribute(volume, "unix:mode", 0755);
    Path outside = directory(volume.resolveSibling("outside"), 0700, USER, USER);
    String script = "set -e; mount --bind " + volume + " " + volume + "; " + READ_ONLY_ROOT;
    try (ContainerProcess pod = ContainerProcess.start(ALONE, script + AS_USER, classPath)) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
      assertThat(pod.ask("read", url(store), keyFile(key))).isEqualTo("ok");
      assertThat(pod.ask("open", url(store), keyFile(key))).isEqualTo("ok");
      assertThat(pod.ask("new-key", outside.resolve("key").toString()))
          .as("control: outside the volume nothing can be made")
          .startsWith("SecretStorageException");
    }
  }

  /** A root file system that is read-only, and the volume as well. */
  @Test
  void readOnlyMount_isRead_andChangesAreRefused() throws Exception {
    Path store = directory(volume.resolve("secrets"), 0700, USER, USER);
    Files.setAttribute(volume, "unix:mode", 0755);
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
    }
    String script = "set -e; mount --bind " + volume + " " + volume + "; mount -o remount,ro,bind "
        + volume + "; " + READ_ONLY_ROOT;
    try (ContainerProcess pod = ContainerProcess.start(ALONE, script + AS_USER, classPath)) {
      assertThat(pod.ask("read", url(store), keyFile(key))).isEqualTo("ok");
      assertThat(pod.ask("open", url(store), keyFile(key)))
          .startsWith("SecretStorageException")
          .contains("read-only");
    }
  }

  /** A whole store in a secret of Kubernetes: each file is a link into {@code ..data}. */
  @Test
  void linkedStore_isRefused_andTheDirectoryToOpenIsNamed() throws Exception {
    Path store = directory(volume.resolve("secrets"), 0700, USER, USER);
    Files.setAttribute(volume, "unix:mode", 0755);
    try (ContainerProcess pod = pod()) {
      assertThat(pod.ask("create", url(store), keyFile(key))).isEqualTo("ok");
      Path content = file(mount.resolve("..data/secrets.json"), 0440, 0, FS_GROUP);
      Files.copy(TestStore.file(store), content, REPLACE_EXISTING);
      Files.setAttribute(content, "unix:mode", 0440);
      Files.setAttribute(content, "unix:gid", FS_GROUP);
      Files.createSymbolicLink(mount.resolve("secrets.json"), Path.of("..data/secrets.json"));
      Files.setAttribute(mount, "unix:mode", 0755);
      assertThat(pod.ask("read", url(mount), keyFile(key)))
          .contains("symbolic link", "\"" + mount.resolve("..data") + "\"");
      Files.setAttribute(mount, "unix:mode", 03777);
      assertThat(pod.ask("read", url(mount.resolve("..data")), keyFile(key))).isEqualTo("ok");
      assertThat(pod.ask("read", url(mount), keyFile(key), "ALLOW=shared-directory"))
          .contains("symbolic link", "\"" + mount.resolve("..data") + "\"");
    }
  }

  @Test
  void hiddenProc_isNamed_andAllowedBySetting() throws Exception {
    Path store = directory(parent.resolve("secrets"), 0700, USER, USER);
    // Hidden once the JVM runs, which needs it at its start.
    Path go = parent.resolve("hidden");
    String script = "(sleep 1; mount -t tmpfs -o mode=0555 tmpfs /proc; touch " + go + ") & ";
    try (ContainerProcess pod = ContainerProcess.start(ALONE, script + AS_USER, classPath)) {
      for (int i = 0; i < 300 && !Files.exists(go); i++) {
        Thread.sleep(100);
      }
      String answer = pod.ask("create", url(store), keyFile(key));
      assertThat(answer)
          .startsWith("SecretStorageException")
          .contains("allowNetworkFileSystem()", "TAILOR_SECRETMANAGER_ALLOW=network-file-system");
      assertThat(store).isEmptyDirectory();
      // A key that is yet to be made is not made either.
      Path missing = directory(parent.resolve("keys"), 0700, USER, USER).resolve("key");
      assertThat(pod.ask("create", url(store), keyFile(missing))).isEqualTo(answer);
      assertThat(missing).doesNotExist();
      assertThat(pod.ask("create", url(store), keyFile(key), "ALLOW=network-file-system"))
          .isEqualTo("ok");
    }
  }

  /** There, what the machine's root owns seems to be nobody's. */
  @Test
  void userNamespace_doesNotMakeAnotherUserOfRoot() throws Exception {
    Path store = directory(parent.resolve("secrets"), 0700, USER, USER);
    Path own = file(parent.resolve("own"), 0400, USER, USER);
    List<String> sandbox = List.of(
        "setpriv",
        "--reuid",
        "" + USER,
        "--regid",
        "" + USER,
        "--clear-groups",
        "unshare",
        "--user",
        "--map-root-user");
    Tools.require(ends(sandbox, "true"), "user namespaces", "a user can't make one here");
    try (ContainerProcess pod = ContainerProcess.start(sandbox, "exec", classPath)) {
      assertThat(pod.ask("create", url(store), keyFile(own))).isEqualTo("ok");
    }
  }

  /** Whether a script ends well. */
  private static boolean ends(List<String> prefix, String script) throws Exception {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("/bin/sh", "-ec", script));
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  private ContainerProcess pod() throws IOException {
    return ContainerProcess.start(List.of(), AS_USER, classPath);
  }

  /** Runs all the commands that the message names, and asks once more. */
  private static String mended(
      ContainerProcess pod, String message, String action, String... arguments) throws Exception {
    Matcher remedy = REMEDY.matcher(message);
    int run = 0;
    while (remedy.find()) {
      assertThat(new ProcessBuilder("/bin/sh", "-c", remedy.group(1))
              .inheritIO()
              .start()
              .waitFor())
          .as(remedy.group(1))
          .isZero();
      run++;
    }
    assertThat(run).as(message).isPositive();
    return pod.ask(action, arguments);
  }

  /** What happens to a volume when a pod with {@code fsGroup} starts. */
  private static void asTheKubeletDoes(Path volume) throws Exception {
    String script = "chgrp -R " + FS_GROUP + " '" + volume + "'; chmod -R ug+rw '" + volume
        + "'; find '" + volume + "' -type d -exec chmod g+sx {} +";
    assertThat(new ProcessBuilder("/bin/sh", "-ec", script).inheritIO().start().waitFor())
        .isZero();
  }

  private static String url(Path store) {
    return "URL=file:" + store;
  }

  private static String keyFile(Path key) {
    return "KEY_FILE=" + key;
  }

  private static Path directory(Path path, int mode, int uid, int gid) throws IOException {
    Files.createDirectory(path);
    return owned(path, mode, uid, gid);
  }

  /** With the line of a key, which is the same each time. */
  private static Path file(Path path, int mode, int uid, int gid) throws IOException {
    Files.deleteIfExists(path);
    Files.write(path, EnvelopeFixtures.keyLine(1));
    return owned(path, mode, uid, gid);
  }

  private static Path owned(Path path, int mode, int uid, int gid) throws IOException {
    Files.setAttribute(path, "unix:uid", uid);
    Files.setAttribute(path, "unix:gid", gid);
    Files.setAttribute(path, "unix:mode", mode);
    return path;
  }
}
