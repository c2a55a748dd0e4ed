package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.fixtures.Jdk;

/** A web application in a JVM of its own, which says in a line of its output where it listens. */
final class WebProcess implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("(?m)^LISTENS ON (\\d+)$");

  private final Process process;
  private final Path output;
  private final URI uri;

  private WebProcess(Process process, Path output) throws IOException, InterruptedException {
    this.process = process;
    this.output = output;
    this.uri = awaitAddress();
  }

  static WebProcess start(
      String mainClass, List<Path> classPath, Path directory, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path output = directory.resolve("output.txt");
    ProcessBuilder builder = new ProcessBuilder(
            Jdk.current().home().resolve("bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            ApplicationRun.joined(classPath),
            mainClass)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return new WebProcess(process, output);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private URI awaitAddress() throws IOException, InterruptedException {
    while (true) {
      boolean alive = process.isAlive();
      Matcher matcher = ADDRESS.matcher(output());
      if (matcher.find()) {
        return URI.create("http://127.0.0.1:" + matcher.group(1) + "/");
      }
      if (!alive) {
        throw new IllegalStateException("The application ended: " + output());
      }
      Thread.sleep(20);
    }
  }

  URI uri() {
    return uri;
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
