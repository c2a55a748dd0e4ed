package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * The module calls classes that are internal to Tink, and an application may bring another Tink. So
 * {@link EnvelopeProgram} runs with each version that the POM names, and with no other library.
 */
@Tag("suite")
class TinkVersionsTest {

  /** Where the POM's profiles {@code suites} and {@code deep} put the jars. */
  private static final Path JARS = Path.of("target", "tink");

  private static final String PREFIX = "tink-";
  private static final String SUFFIX = ".jar";

  private Path current;

  @BeforeEach
  void requireTheJars() {
    current = Jvm.origin(Aead.class);
    boolean present = Files.isDirectory(JARS);
    if (!present) {
      System.out.println("SKIPPED: versions of Tink: no " + JARS.toAbsolutePath()
          + ", which Maven makes with -Psuites or -Pdeep");
    }
    assumeTrue(present, "SKIPPED: the jars are not there");
  }

  @Test
  void everyVersionOfTink_servesAlone() throws Exception {
    List<Path> jars = jars();
    assertThat(jars)
        .as("the version that the module is built with is one of them")
        .anyMatch(jar -> jar.getFileName().equals(current.getFileName()));
    List<Jdk> jdks = Jdk.oldestAndNewest("versions of Tink");
    List<String> failures = new ArrayList<>();
    for (Jdk jdk : jdks) {
      for (Path jar : jars) {
        Jvm.Result result = run(jdk, jar);
        if (result.exitCode() != 0 || !result.output().strip().equals(EnvelopeProgram.DONE)) {
          failures.add(jar.getFileName() + " on " + jdk + ": " + result);
        }
      }
    }
    int runs = jdks.size() * jars.size();
    System.out.println("Tink alone on the class path: "
        + String.join(", ", jars.stream().map(TinkVersionsTest::version).toList()) + "; on "
        + String.join(" and ", jdks.stream().map(Jdk::toString).toList()) + ": "
        + (runs - failures.size()) + " of " + runs + " OK");
    assertThat(failures).isEmpty();
  }

  /** Negative control: a Tink that lacks what the module calls is noticed. */
  @Test
  void tinkWithoutAnInternalClass_isNoticed(@TempDir Path directory) throws Exception {
    Jdk jdk = Jdk.current();
    List<String> needed = List.of(
        "com/google/crypto/tink/aead/internal/XAesGcm.class",
        "com/google/crypto/tink/hybrid/internal/HpkeEncrypt.class",
        "com/google/crypto/tink/hybrid/internal/HpkeDecrypt.class");
    for (String name : needed) {
      Path stripped = directory.resolve(current.getFileName());
      copyWithout(name, current, stripped);

      Jvm.Result result = run(jdk, stripped);

      assertThat(result.exitCode()).as("without %s", name).isNotZero();
      assertThat(result.output())
          .contains("NoClassDefFoundError: " + name.replace(".class", ""))
          .doesNotContain(EnvelopeProgram.DONE);
    }
    Path whole = directory.resolve(current.getFileName());
    copyWithout("nothing", current, whole);
    assertThat(run(jdk, whole).exitCode()).as("a copy of the whole jar").isZero();
    System.out.println("Tink without an internal class: noticed for " + needed.size());
  }

  /** The program, the two modules, and one jar: neither protobuf nor Gson nor annotations. */
  private static Jvm.Result run(Jdk jdk, Path tink) throws IOException, InterruptedException {
    List<Path> classPath = List.of(
        Jvm.origin(EnvelopeProgram.class),
        Jvm.origin(Envelope.class),
        Jvm.origin(SecretStorageException.class),
        tink);
    return Jvm.run(jdk.home(), List.of(), classPath, EnvelopeProgram.class);
  }

  private static List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.list(JARS)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .sorted(Comparator.comparingInt(jar -> Integer.parseInt(version(jar).split("\\.")[1])))
          .toList();
    }
  }

  private static String version(Path jar) {
    String name = jar.getFileName().toString();
    return name.substring(PREFIX.length(), name.length() - SUFFIX.length());
  }

  private static void copyWithout(String name, Path from, Path to) throws IOException {
    try (JarFile jar = new JarFile(from.toFile());
        JarOutputStream copy = new JarOutputStream(Files.newOutputStream(to))) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (!entry.getName().equals(name)) {
          copy.putNextEntry(new JarEntry(entry.getName()));
          try (InputStream input = jar.getInputStream(entry)) {
            input.transferTo(copy);
          }
          copy.closeEntry();
        }
      }
    }
  }
}
