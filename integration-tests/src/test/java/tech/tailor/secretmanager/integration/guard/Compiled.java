package tech.tailor.secretmanager.integration.guard;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Sources that a test writes and compiles: a consumer of the library, or a planted violation that a
 * guard must catch.
 *
 * @param classes the directory of the compiled classes
 * @param messages what the compiler said; empty if it was content
 */
record Compiled(Path classes, String messages) {

  /** A source file; its name and package are read from its text. */
  record Source(String file, String text) {
    static Source of(String text) {
      if (text.startsWith("module ")) {
        return new Source("module-info.java", text);
      }
      String packageName = text.replaceFirst("(?s)^package ([\\w.]+);.*", "$1");
      String typeName =
          text.replaceFirst("(?s).*?\\b(?:class|interface|record|enum) (\\w+).*", "$1");
      return new Source(packageName.replace('.', '/') + "/" + typeName + ".java", text);
    }
  }

  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  /** Has the class path of the tests open: to open its hundred jars takes most of the time. */
  private static final StandardJavaFileManager OF_THE_TESTS = fileManager();

  /** Compiles the sources below the given directory, every warning an error. */
  static Compiled compile(Path directory, List<String> options, String... sources) {
    try (StandardJavaFileManager manager = fileManager()) {
      return compile(manager, directory, options, sources);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized Compiled compile(
      StandardJavaFileManager manager, Path directory, List<String> options, String... sources) {
    try {
      List<Path> files = new ArrayList<>();
      for (String text : sources) {
        Source source = Source.of(text);
        Path file = directory.resolve("src").resolve(source.file());
        Files.createDirectories(file.getParent());
        files.add(Files.writeString(file, source.text()));
      }
      Path classes = Files.createDirectories(directory.resolve("classes"));
      List<String> all = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
      all.addAll(options);
      StringWriter messages = new StringWriter();
      boolean success = COMPILER
          .getTask(messages, manager, null, all, null, manager.getJavaFileObjectsFromPaths(files))
          .call();
      String said = messages.toString();
      return new Compiled(classes, success ? said : said + "(failed)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, against everything on the test's own class path; must succeed. */
  static Compiled compilePlanted(Path directory, String... sources) {
    Compiled compiled = compile(
        OF_THE_TESTS, directory, List.of("-cp", System.getProperty("java.class.path")), sources);
    if (!compiled.messages().isEmpty()) {
      throw new IllegalArgumentException(compiled.messages());
    }
    return compiled;
  }

  private static StandardJavaFileManager fileManager() {
    return COMPILER.getStandardFileManager(null, null, null);
  }
}
