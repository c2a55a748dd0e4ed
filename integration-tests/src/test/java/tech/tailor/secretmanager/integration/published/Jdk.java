package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JDK of this machine.
 *
 * @param feature its version, such as 17
 * @param home its directory
 */
record Jdk(int feature, Path home) {

  private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

  /** The usual places: a directory that holds JDKs, and the path of the home in each of them. */
  private static final Map<Path, String> PLACES = Map.of(
      Path.of("/usr/lib/jvm"), "",
      Path.of("/opt"), "",
      Path.of(System.getProperty("user.home"), ".sdkman/candidates/java"), "",
      Path.of("/Library/Java/JavaVirtualMachines"), "Contents/Home");

  /** The one that runs this test. */
  static Jdk current() {
    return new Jdk(Runtime.version().feature(), Path.of(System.getProperty("java.home")));
  }

  /** The newest JDK in the usual places whose version, 17 or newer, is not the current one's. */
  static Optional<Jdk> newestOther() {
    List<Jdk> found = new ArrayList<>();
    PLACES.forEach((place, inside) -> {
      if (Files.isDirectory(place)) {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(place)) {
          homes.forEach(home -> at(home.resolve(inside)).ifPresent(found::add));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
    return found.stream()
        .filter(jdk -> jdk.feature >= 17 && jdk.feature != current().feature)
        .max(Comparator.comparingInt(Jdk::feature));
  }

  private static Optional<Jdk> at(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
      return Optional.empty();
    }
    try {
      Matcher version = VERSION.matcher(Files.readString(release));
      return version.find()
          ? Optional.of(new Jdk(Integer.parseInt(version.group(1)), home))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
