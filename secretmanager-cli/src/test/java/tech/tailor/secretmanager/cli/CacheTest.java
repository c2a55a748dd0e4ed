package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which cache of loaded classes the launcher makes, uses and leaves. In place of Java there is a
 * script that makes a file as Java would, and says how it was started.
 */
class CacheTest {

  private static final String JAVA = """
      #!/bin/sh
      for word in "$@"; do
        case $word in
          -XX:AOTCacheOutput=*) echo cache > "${word#*=}"; exit "${FAIL:-0}" ;;
        esac
      done
      echo "$@"
      """;

  @TempDir
  Path directory;

  private final Map<String, String> environment = new TreeMap<>();
  private Path home;

  @BeforeEach
  void makeDistribution() throws IOException {
    home = Files.createDirectories(directory.resolve("a home"));
    executable(
        home.resolve("bin/secretmanager"),
        Files.readString(Path.of("src/main/dist/bin/secretmanager")));
    Files.createDirectory(home.resolve("lib"));
    Files.writeString(home.resolve("lib/one.jar"), "one");
    Files.writeString(home.resolve("lib/picocli-4.jar"), "two");
    executable(directory.resolve("jdk/bin/java"), JAVA);
    Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    environment.put("JAVA_HOME", directory.resolve("jdk").toString());
    environment.put("HOME", directory.resolve("user").toString());
    environment.put("XDG_CACHE_HOME", "");
  }

  private static void executable(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Starts the launcher, and returns the cache that it uses. */
  private Optional<Path> start() throws Exception {
    // In a shell with the strictest umask.
    ProcessBuilder builder = new ProcessBuilder(
        "sh",
        "-c",
        "umask 077; exec \"$0\" vault list",
        home.resolve("bin/secretmanager").toString());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed).contains("tech.tailor.secretmanager.cli.Main vault list");
    String option = "-XX:AOTCache=";
    int at = printed.indexOf(option);
    return at < 0
        ? Optional.empty()
        : Optional.of(Path.of(
            printed.substring(at + option.length(), printed.indexOf(" -Dsecretmanager.tty", at))));
  }

  private List<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("cache"))) {
      return files.sorted().toList();
    }
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void cacheOfTheDistribution_isMadeOnce_whateverTheTimeZone_andOthersMayReadIt() throws Exception {
    environment.put("TZ", "UTC");
    Path cache = start().orElseThrow();
    assertThat(caches()).containsExactly(cache);
    assertThat(mode(cache)).isEqualTo("rw-r--r--");
    assertThat(mode(cache.getParent())).isEqualTo("rwxr-xr-x");
    FileTime made = Files.getLastModifiedTime(cache);
    environment.put("TZ", "Asia/Tokyo");
    assertThat(start()).contains(cache);
    assertThat(caches()).containsExactly(cache);
    assertThat(Files.getLastModifiedTime(cache)).isEqualTo(made);
  }

  @Test
  void otherJars_haveAnotherCache_andFreshOnesStay() throws Exception {
    Path first = start().orElseThrow();
    Files.writeString(home.resolve("lib/store.jar"), "another store");
    Path second = start().orElseThrow();
    assertThat(second).isNotEqualTo(first);
    assertThat(caches()).contains(first, second);
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(60)));
    Files.setLastModifiedTime(first, old);
    Files.setAttribute(first, "lastAccessTime", old);
    Files.writeString(home.resolve("lib/store.jar"), "a newer one");
    Path third = start().orElseThrow();
    assertThat(caches()).contains(second, third).doesNotContain(first);
  }

  @Test
  void newerJar_hasTheCacheMadeAgain_once() throws Exception {
    Path cache = start().orElseThrow();
    FileTime later = FileTime.from(Instant.now().plus(Duration.ofDays(1)));
    Files.setLastModifiedTime(home.resolve("lib/one.jar"), later);
    Files.writeString(cache, "stale");
    assertThat(start()).contains(cache);
    assertThat(cache).hasContent("cache");
    Files.writeString(cache, "made before");
    Files.setLastModifiedTime(cache, later);
    assertThat(start()).contains(cache);
    assertThat(cache).hasContent("made before");
  }

  @Test
  void cacheThatOthersCanWrite_isNotUsed() throws Exception {
    Path cache = start().orElseThrow();
    for (String mode : List.of("rw-rw-r--", "rw-r--rw-")) {
      mode(cache, mode);
      assertThat(start().orElseThrow()).startsWithRaw(directory.resolve("user/.cache"));
    }
    mode(cache, "rw-r--r--");
    mode(cache.getParent(), "rwxrwxrwx");
    Path own = start().orElseThrow();
    assertThat(own).startsWithRaw(directory.resolve("user/.cache/secretmanager"));
    assertThat(mode(own.getParent())).isEqualTo("rwx------");
    mode(own.getParent(), "rwxrwx---");
    assertThat(start()).isEmpty();
  }

  @Test
  void linkInPlaceOfACache_isNotUsed() throws Exception {
    Path cache = start().orElseThrow();
    Path elsewhere = Files.move(cache, directory.resolve("elsewhere"));
    Files.createSymbolicLink(cache, elsewhere);
    assertThat(start()).isNotEqualTo(Optional.of(cache));
  }

  @Test
  void cacheOfAnotherUser_isNotUsed() throws Exception {
    Path cache = start().orElseThrow();
    boolean isRoot = Files.getAttribute(cache, "unix:uid").equals(0);
    if (!isRoot) {
      System.out.println("SKIPPED: to give a file to another user, the test has to be root");
    }
    assumeTrue(isRoot);
    Files.setAttribute(cache, "unix:uid", 65534);
    assertThat(start().orElseThrow()).startsWithRaw(directory.resolve("user/.cache"));
  }

  @Test
  void failure_isNotTriedAgain_andLeavesNothing() throws Exception {
    environment.put("FAIL", "1");
    assertThat(start()).isEmpty();
    assertThat(caches()).hasSize(1).allSatisfy(file -> assertThat(file).isEmptyFile());
    environment.remove("FAIL");
    assertThat(start()).isEmpty();
    environment.put("SECRETMANAGER_CACHE", "off");
    assertThat(start()).isEmpty();
  }

  /** Also where two containers with processes of the same numbers share the folder. */
  @Test
  void whatKilledStartsLeft_isRemovedAfterADay_andThatOfStartsUnderWayStays() throws Exception {
    Path cache = Files.createDirectories(home.resolve("cache"));
    Path left = Files.createFile(cache.resolve("new-left"));
    Path config = Files.createFile(cache.resolve("new-left.config"));
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(left, old);
    Files.setLastModifiedTime(config, old);
    Path underWay = Files.createFile(cache.resolve("new-other"));
    Path made = start().orElseThrow();
    assertThat(caches()).containsExactlyInAnyOrder(made, underWay);
  }

  /** What users set for listings of their own: the launcher reads names and sizes all the same. */
  @Test
  void settingsOfLs_changeNothing() throws Exception {
    Path cache = start().orElseThrow();
    environment.put("TIME_STYLE", "+%Y %m %d %H %M");
    assertThat(start()).contains(cache);
    environment.put("TIME_STYLE", "full-iso");
    environment.put("QUOTING_STYLE", "c");
    environment.put("BLOCK_SIZE", "1G");
    assertThat(start()).contains(cache);
    assertThat(caches()).containsExactly(cache);
  }
}
