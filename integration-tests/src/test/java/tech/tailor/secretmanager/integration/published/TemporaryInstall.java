package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The published artifacts in a local repository, as {@code mvn install} would put them there, but
 * under a version that only this object uses. Closing removes them; so does the end of the JVM.
 */
final class TemporaryInstall implements AutoCloseable {

  private final Path localRepository;
  private final String version = "0.0.0-test-" + UUID.randomUUID();
  private final List<Path> directories = new ArrayList<>();

  private TemporaryInstall(Path localRepository) {
    this.localRepository = localRepository;
  }

  /** Installs what the reactor publishes, which the build must have packaged. */
  static TemporaryInstall of(Reactor reactor, Path localRepository) {
    TemporaryInstall install = new TemporaryInstall(localRepository);
    Runtime.getRuntime().addShutdownHook(new Thread(install::close));
    try {
      reactor.published().forEach(install::install);
    } catch (RuntimeException e) {
      install.close();
      throw e;
    }
    return install;
  }

  String version() {
    return version;
  }

  @Override
  public void close() {
    try {
      for (Path directory : directories) {
        removeAll(directory);
        removeEmpty(directory.getParent());
      }
      directories.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the directory of an artifact in this version, which closing removes too. */
  Path directoryOf(String groupId, String artifactId) throws IOException {
    Path directory =
        localRepository.resolve(groupId.replace('.', '/')).resolve(artifactId).resolve(version);
    directories.add(directory);
    createDirectories(directory);
    return directory;
  }

  private void install(Pom pom) {
    try {
      Path directory = directoryOf(pom.groupId(), pom.artifactId());
      String text = Files.readString(pom.file());
      Files.writeString(
          file(directory, pom, ".pom"), text.replace(tag(pom.version()), tag(version)));
      if (pom.packaging().equals("jar")) {
        Files.copy(builtJar(pom), file(directory, pom, ".jar"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(Path directory, Pom pom, String extension) {
    return directory.resolve(pom.artifactId() + "-" + version + extension);
  }

  private static String tag(String version) {
    return "<version>" + version + "</version>";
  }

  private static Path builtJar(Pom pom) {
    Path jar = pom.built("");
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          jar + " is missing. Run `mvn verify`: it builds the jars of the"
              + " modules that this one depends on before it runs this test");
    }
    return jar;
  }

  /** Repeats it if another run has just removed an empty directory above. */
  private static void createDirectories(Path directory) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Files.createDirectories(directory);
        return;
      } catch (NoSuchFileException e) {
        if (attempt == 100) {
          throw e;
        }
      }
    }
  }

  private static void removeAll(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Up to the local repository, which stays. */
  private void removeEmpty(Path directory) throws IOException {
    try {
      for (Path empty = directory; !empty.equals(localRepository); empty = empty.getParent()) {
        Files.deleteIfExists(empty);
      }
    } catch (DirectoryNotEmptyException e) {
      // Another version or another artifact is there.
    }
  }
}
