package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user that this process runs as, and what the system's own files tell about other users. Where
 * the system doesn't tell, as where {@code /proc} is hidden, the user is unknown.
 */
final class ThisUser {

  private static final int ROOT = 0;
  private static final int DEFAULT_OVERFLOW = 65_534;
  private static final Pattern EFFECTIVE_UID = Pattern.compile("Uid:\\s+\\d+\\s+(\\d+)\\s.*");

  private final Path root;
  private final OptionalInt uid;

  private ThisUser(Path root) {
    this.root = root;
    this.uid = effectiveUid(lines("proc/self/status"));
  }

  /** The user now. */
  static ThisUser current() {
    return new ThisUser(Path.of("/"));
  }

  /** For tests: with {@code proc} and {@code etc} of their own below a directory. */
  static ThisUser of(Path root) {
    return new ThisUser(root);
  }

  /** The effective user; empty if it is unknown. */
  OptionalInt uid() {
    return uid;
  }

  /** Whether this process runs as root; by the user's name where its number is unknown. */
  boolean isRoot() {
    return uid.isPresent()
        ? uid.getAsInt() == ROOT
        : "root".equals(System.getProperty("user.name"));
  }

  /** Whether that is another user than this one and root; false where this one is unknown. */
  boolean isOther(int owner) {
    return uid.isPresent() && owner != ROOT && owner != uid.getAsInt();
  }

  /**
   * Whether the owner stands for users outside of this process's user namespace: inside a sandbox
   * or a container without root, what the machine's root owns appears so.
   */
  boolean isOutside(int owner) {
    int overflow = lines("proc/sys/kernel/overflowuid").stream()
        .findFirst()
        .map(line -> number(line.strip()))
        .orElse(DEFAULT_OVERFLOW);
    return owner == overflow
        && lines("proc/self/uid_map").stream().noneMatch(line -> {
          String[] range = line.strip().split("\\s+", -1);
          return range.length != 3
              || (owner >= Long.parseLong(range[0])
                  && owner < Long.parseLong(range[0]) + Long.parseLong(range[2]));
        });
  }

  /**
   * Whether this user has the group for itself: it is the user's primary group, and neither
   * {@code /etc/group} nor {@code /etc/passwd} knows another member. Never so of root's group,
   * which containers give to users that are named nowhere.
   */
  boolean isAloneIn(int gid) {
    if (uid.isEmpty() || gid == ROOT || includesNetwork("etc/passwd", "etc/group")) {
      return false;
    }
    Set<String> names = new HashSet<>();
    boolean primary = false;
    for (String[] user : entries("etc/passwd", 4)) {
      if (number(user[2]) == uid.getAsInt()) {
        names.add(user[0]);
        primary |= number(user[3]) == gid;
      } else if (number(user[3]) == gid) {
        return false;
      }
    }
    boolean known = false;
    for (String[] group : entries("etc/group", 4)) {
      if (number(group[2]) == gid) {
        known = true;
        List<String> members = new ArrayList<>(Arrays.asList(group[3].split(",", -1)));
        members.removeIf(String::isEmpty);
        if (!names.containsAll(members)) {
          return false;
        }
      }
    }
    return known && primary;
  }

  /** By a line that begins with a plus sign, which brings entries from elsewhere. */
  private boolean includesNetwork(String... files) {
    return Arrays.stream(files)
        .flatMap(file -> lines(file).stream())
        .anyMatch(line -> line.startsWith("+"));
  }

  private static OptionalInt effectiveUid(List<String> status) {
    for (String line : status) {
      Matcher matcher = EFFECTIVE_UID.matcher(line);
      if (matcher.matches()) {
        return OptionalInt.of(number(matcher.group(1)));
      }
    }
    return OptionalInt.empty();
  }

  private List<String[]> entries(String file, int fields) {
    return lines(file).stream()
        .map(line -> line.split(":", -1))
        .filter(entry -> entry.length >= fields)
        .toList();
  }

  /** None if it can't be read. */
  private List<String> lines(String file) {
    try {
      return Files.readAllLines(root.resolve(file), ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Parses an id of up to 32 bits; -1 if the text is not an id. */
  private static int number(String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
