package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/** What the jars of a published module must hold. */
final class JarRules {

  private static final Predicate<String> MODULE_INFO =
      Pattern.compile("(META-INF/versions/\\d+/)?module-info\\.class").asMatchPredicate();

  private JarRules() {}

  /**
   * What the jars of a module lack, as the build has made them.
   *
   * @param license the file whose bytes are the license's
   */
  static List<String> violations(Pom module, Path license) {
    List<String> violations = new ArrayList<>();
    inspect(violations, module.built(""), jar -> {
      requireEntry(
          violations,
          jar,
          "a class",
          name -> name.endsWith(".class") && !name.endsWith("-info.class"));
      requireLicense(violations, jar, license);
      requireManifest(violations, jar, module.version());
    });
    inspect(
        violations,
        module.built("sources"),
        jar -> requireEntry(violations, jar, "a .java file", name -> name.endsWith(".java")));
    inspect(
        violations,
        module.built("javadoc"),
        jar -> requireEntry(violations, jar, "an index.html", "index.html"::equals));
    return violations;
  }

  private static void inspect(List<String> violations, Path file, Consumer<JarFile> rules) {
    if (!Files.isRegularFile(file)) {
      violations.add(file.getFileName()
          + ": missing in target/. Run `mvn verify -Psuites`, which makes sources and Javadoc: it"
          + " builds the jars of the modules that this one depends on before it runs this test");
      return;
    }
    try (JarFile jar = new JarFile(file.toFile())) {
      rules.accept(jar);
    } catch (IOException e) {
      violations.add(file.getFileName() + ": " + e);
    }
  }

  private static void requireEntry(
      List<String> violations, JarFile jar, String what, Predicate<String> is) {
    if (jar.stream().noneMatch(entry -> is.test(entry.getName()))) {
      violations.add(name(jar) + ": must hold " + what);
    }
  }

  private static void requireLicense(List<String> violations, JarFile jar, Path license) {
    JarEntry entry = jar.getJarEntry("META-INF/LICENSE");
    if (entry == null) {
      violations.add(name(jar) + ": must hold META-INF/LICENSE");
      return;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      if (!Arrays.equals(in.readAllBytes(), Files.readAllBytes(license))) {
        violations.add(name(jar) + ": META-INF/LICENSE must be the repository's LICENSE");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireManifest(List<String> violations, JarFile jar, String version) {
    Attributes attributes = mainAttributes(jar);
    if (!version.equals(attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION))) {
      violations.add(name(jar) + ": Implementation-Version must be " + version);
    }
    String title = attributes.getValue(Attributes.Name.IMPLEMENTATION_TITLE);
    if (title == null || title.isBlank()) {
      violations.add(name(jar) + ": Implementation-Title must be there");
    }
    if (attributes.getValue("Automatic-Module-Name") == null) {
      requireEntry(violations, jar, "a module-info.class or an Automatic-Module-Name", MODULE_INFO);
    }
  }

  private static Attributes mainAttributes(JarFile jar) {
    try {
      Manifest manifest = jar.getManifest();
      return manifest == null ? new Attributes() : manifest.getMainAttributes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path name(JarFile jar) {
    return Path.of(jar.getName()).getFileName();
  }
}
