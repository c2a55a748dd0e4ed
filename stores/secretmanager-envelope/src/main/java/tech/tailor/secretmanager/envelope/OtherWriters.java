package tech.tailor.secretmanager.envelope;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what lets other users than this one and root write a file, or put another one in its place:
 * by owner and mode of the file, and of each directory and link that its path leads through.
 * Another user can:
 *
 * <ul>
 *   <li>rename what is in a directory that the user owns or may write, unless its sticky bit is
 *       set;
 *   <li>write a file that the user may write, and can reach through its directory.
 * </ul>
 *
 * <p>A group that this user has for itself is no other user. Root's group is trusted with the
 * directories above, since images give it those for users that are chosen at random. What is not
 * there is not looked at, nor is a file system without owners and modes in the manner of Unix.
 */
final class OtherWriters {

  private static final String OWNER_AND_MODE = "unix:mode,uid,gid";
  private static final int OTHERS_WRITE = 0002;
  private static final int GROUP_WRITES = 0020;
  private static final int STICKY = 01000;
  private static final int REACHED_BY_OTHERS = 0011;
  private static final int ROOT = 0;
  private static final int MOST_LINKS = 40;

  private final ThisUser user;

  /** Each with its remedy. */
  private final List<String> findings = new ArrayList<>();

  OtherWriters(ThisUser user) {
    this.user = user;
  }

  /**
   * Of a store's file. In its directory nobody else may put anything: the sticky bit is no help.
   */
  List<String> ofStore(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !hasOwners(file)) {
      return findings;
    }
    Passed passed = Passed.along(directory);
    Status own = passed.isWhole ? passed.last() : null;
    for (Map.Entry<Path, Status> each : passed.directories.entrySet()) {
      if (each.getValue() != own) {
        judgeAbove(each.getKey(), each.getValue());
      }
    }
    judgeLinks(passed);
    if (own != null) {
      judge("directory", directory, own, true, "chmod 700");
      if (Files.isRegularFile(file, NOFOLLOW_LINKS)) {
        judge("file", file, new Status(file), own.has(REACHED_BY_OTHERS), "chmod 600");
      }
    }
    return findings;
  }

  /** Of the directories that lead to a file which itself is looked at by its reader. */
  List<String> ofDirectories(Path file) throws IOException {
    if (hasOwners(file)) {
      Passed passed = Passed.along(file);
      passed.directories.forEach(this::judgeAbove);
      judgeLinks(passed);
    }
    return findings;
  }

  static boolean hasOwners(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  private void judge(String kind, Path path, Status status, boolean reached, String remedy) {
    if (user.isOther(status.uid)) {
      addOwner(kind, path, status);
    }
    if (reached && status.has(OTHERS_WRITE)) {
      add(kind, path, "can be written by every user (" + status.octal() + ")", remedy);
    } else if (reached && status.has(GROUP_WRITES) && !user.isAloneIn(status.gid)) {
      add(kind, path, writtenByGroup(status), remedy);
    }
  }

  private void judgeAbove(Path path, Status status) {
    if (user.isOther(status.uid) && !user.isOutside(status.uid)) {
      addOwner("directory", path, status);
    }
    if (status.has(STICKY)) {
      return;
    }
    boolean byGroup = status.has(GROUP_WRITES) && status.gid != ROOT && !user.isAloneIn(status.gid);
    if (status.has(OTHERS_WRITE)) {
      String what = "can be written by every user (" + status.octal() + ")";
      add("directory", path, what, byGroup ? "chmod o-w,g-w" : "chmod o-w");
    } else if (byGroup) {
      add("directory", path, writtenByGroup(status), "chmod g-w");
    }
  }

  /** A user without write access to the directory can't replace a link in it, even its owner. */
  private void judgeLinks(Passed passed) {
    passed.links.forEach((path, status) -> {
      Status directory = passed.directories.get(path.getParent());
      boolean replaceable = directory != null && directory.has(OTHERS_WRITE | GROUP_WRITES);
      if (replaceable && user.isOther(status.uid)) {
        addOwner("link", path, status);
      }
    });
  }

  private static String writtenByGroup(Status status) {
    return "can be written by its group " + Integer.toUnsignedString(status.gid) + " ("
        + status.octal() + ")";
  }

  private void addOwner(String kind, Path path, Status status) {
    add(
        kind,
        path,
        "belongs to another user (" + Integer.toUnsignedString(status.uid) + ")",
        "chown -h " + Integer.toUnsignedString(user.uid().orElse(ROOT)));
  }

  private void add(String kind, Path path, String what, String remedy) {
    findings.add("the " + kind + " " + quote(path) + " " + what + "; run: " + remedy + " "
        + ShellWord.of(path));
  }

  /** Owner and mode. No record: which one it is matters. */
  private static final class Status {

    private final int mode;
    private final int uid;
    private final int gid;

    private Status(Path path) throws IOException {
      Map<String, Object> attributes = Files.readAttributes(path, OWNER_AND_MODE, NOFOLLOW_LINKS);
      this.mode = number(attributes, "mode");
      this.uid = number(attributes, "uid");
      this.gid = number(attributes, "gid");
    }

    private static int number(Map<String, Object> attributes, String name) {
      return (Integer) requireNonNull(attributes.get(name));
    }

    private boolean has(int anyOf) {
      return (mode & anyOf) != 0;
    }

    private String octal() {
      return Integer.toOctalString(mode & 07777);
    }
  }

  /** What a path leads through, as far as it is there. */
  private static final class Passed {

    /** Without links in their names, in the order in which they are passed. */
    private final Map<Path, Status> directories = new LinkedHashMap<>();

    private final Map<Path, Status> links = new LinkedHashMap<>();

    private boolean isWhole = true;
    private int followed;
    private Path at;

    private Passed(Path start) throws IOException {
      this.at = start;
      directories.put(start, new Status(start));
    }

    private static Passed along(Path path) throws IOException {
      Path absolute = path.toAbsolutePath();
      Passed passed = new Passed(absolute.getRoot());
      Deque<Path> left = new ArrayDeque<>();
      absolute.forEach(left::add);
      while (passed.isWhole && !left.isEmpty()) {
        passed.enter(left.removeFirst(), left);
      }
      return passed;
    }

    private Status last() {
      return requireNonNull(directories.get(at));
    }

    private void enter(Path name, Deque<Path> left) throws IOException {
      String text = name.toString();
      if (text.isEmpty() || text.equals(".")) {
        return;
      }
      if (text.equals("..")) {
        at = at.getParent() == null ? at : at.getParent();
        return;
      }
      Path next = at.resolve(name);
      if (Files.isSymbolicLink(next)) {
        follow(next, left);
      } else if (Files.isDirectory(next, NOFOLLOW_LINKS)) {
        directories.put(next, new Status(next));
        at = next;
      } else {
        isWhole = false; // a file, or nothing
      }
    }

    private void follow(Path link, Deque<Path> left) throws IOException {
      links.put(link, new Status(link));
      followed++;
      if (followed > MOST_LINKS) {
        throw new FileSystemLoopException(link.toString());
      }
      Path target = Files.readSymbolicLink(link);
      if (target.isAbsolute()) {
        at = target.getRoot();
      }
      Deque<Path> names = new ArrayDeque<>();
      target.forEach(names::addFirst);
      names.forEach(left::addFirst);
    }
  }
}
