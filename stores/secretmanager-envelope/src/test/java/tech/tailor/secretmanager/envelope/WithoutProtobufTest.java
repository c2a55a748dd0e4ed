package tech.tailor.secretmanager.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The module uses Tink's primitives alone, so an application may have any version of protobuf and
 * Gson on its class path, or none.
 */
class WithoutProtobufTest {

  private static final List<String> FOREIGN =
      List.of("com.google.protobuf.", "com.google.gson.", "com.google.crypto.tink.proto.");

  private static final List<String> LOGGED = List.of("-Xlog:class+load=info:stdout:none");

  /** The name of a class at the start of a line, as the log has it. */
  private static final Pattern LINE = Pattern.compile("(?m)^(\\S+)(?: \\S+)? source: ");

  @TempDir
  Path directory;

  @Test
  void everyUse_loadsNeitherProtobufNorGson() throws Exception {
    Jvm.Result result = Jvm.run(Jvm.home(), LOGGED, Jvm.classPath(), EnvelopeProgram.class);

    assertThat(result.output()).contains(EnvelopeProgram.DONE);
    assertThat(result.exitCode()).isZero();
    List<String> loaded = classesIn(result.output());
    assertThat(loaded)
        .contains(
            "com.google.crypto.tink.aead.internal.XAesGcm",
            "com.google.crypto.tink.hybrid.internal.HpkeDecrypt",
            "com.google.crypto.tink.hybrid.internal.HpkeEncrypt",
            Envelope.class.getName());
    assertThat(foreignIn(loaded)).isEmpty();
    System.out.println("classes loaded: " + loaded.size() + ", of Tink "
        + loaded.stream()
            .filter(name -> name.startsWith("com.google.crypto.tink."))
            .count()
        + ", of protobuf and Gson 0");
  }

  @Test
  void classPath_hasNeitherProtobufNorGson() throws IOException {
    List<Path> entries = Jvm.classPath();

    assertThat(holdersOf("com/google/protobuf/", entries)).isEmpty();
    assertThat(holdersOf("com/google/gson/", entries)).isEmpty();
    assertThat(holdersOf("com/google/crypto/tink/", entries)).hasSize(1);
    assertThat(holdersOf("tech/tailor/secretmanager/envelope/", entries)).hasSize(2);
  }

  /** Negative control of the log: it shows such classes when a program loads them. */
  @Test
  void loadedProtobufAndGson_areSeen() throws Exception {
    compileStubs();
    List<Path> classPath = new ArrayList<>(Jvm.classPath());
    classPath.add(directory);

    Jvm.Result result = Jvm.run(Jvm.home(), LOGGED, classPath, LoadsThem.class);

    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(foreignIn(classesIn(result.output())))
        .contains(
            "com.google.protobuf.GeneratedMessage",
            "com.google.gson.Gson",
            "com.google.crypto.tink.proto.KeyTemplate");
    assertThat(holdersOf("com/google/protobuf/", classPath)).containsExactly(directory);
    assertThat(holdersOf("com/google/gson/", classPath)).containsExactly(directory);
  }

  /** Negative control of the class path: Tink's keysets need protobuf, which is missing. */
  @Test
  void keysets_doNotWorkHere() throws Exception {
    Jvm.Result result = Jvm.run(Jvm.home(), List.of(), Jvm.classPath(), UsesKeysets.class);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains("NoClassDefFoundError: com/google/protobuf/");
  }

  /** Loads classes without initialising them, which would need more than the stubs have. */
  static final class LoadsThem {
    public static void main(String[] args) throws ClassNotFoundException {
      ClassLoader loader = LoadsThem.class.getClassLoader();
      Class.forName("com.google.crypto.tink.proto.KeyTemplate", false, loader);
      Class.forName("com.google.gson.Gson", false, loader);
    }
  }

  static final class UsesKeysets {
    public static void main(String[] args) throws Exception {
      AeadConfig.register();
      System.out.println(KeysetHandle.newBuilder().build());
    }
  }

  private static List<String> classesIn(String log) {
    return LINE.matcher(log).results().map(match -> match.group(1)).toList();
  }

  private static List<String> foreignIn(List<String> classes) {
    return classes.stream()
        .filter(name -> FOREIGN.stream().anyMatch(name::startsWith))
        .toList();
  }

  /** The directories and jars that hold files in a package or below it. */
  private static List<Path> holdersOf(String prefix, List<Path> classPath) throws IOException {
    List<Path> holders = new ArrayList<>();
    for (Path entry : classPath) {
      if (Files.isRegularFile(entry)) {
        try (JarFile jar = new JarFile(entry.toFile());
            Stream<String> names = jar.stream().map(file -> file.getName())) {
          if (names.anyMatch(name -> name.contains(prefix))) {
            holders.add(entry);
          }
        }
      } else if (Files.exists(entry.resolve(prefix))) {
        holders.add(entry);
      }
    }
    return holders;
  }

  private void compileStubs() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled = compiler
        .getTask(
            messages,
            null,
            null,
            List.of("-d", directory.toString(), "-proc:none"),
            null,
            List.of(
                source("com/google/protobuf/GeneratedMessage", "public class GeneratedMessage {}"),
                source(
                    "com/google/protobuf/MessageOrBuilder", "public interface MessageOrBuilder {}"),
                source("com/google/gson/Gson", "public class Gson {}")))
        .call();
    assertThat(compiled).as(messages.toString()).isTrue();
  }

  private static SimpleJavaFileObject source(String path, String text) {
    String name = path.substring(0, path.lastIndexOf('/')).replace('/', '.');
    URI uri = URI.create("string:///" + path + ".java");
    return new SimpleJavaFileObject(uri, SimpleJavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return "package " + name + "; " + text;
      }
    };
  }
}
