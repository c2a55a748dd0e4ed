package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A canary planted in each sink is found in it; else "no leak" would mean nothing. */
class SinksTest {

  private final Canary canary = Canary.awkward();
  private final Sinks sinks = new Sinks(new LeakScanner(List.of(canary)));

  @Test
  void leakInAnObject_isFoundInEverySinkOfObjects() {
    sinks.object("planted", new Everywhere(canary.text()));

    assertThat(leakingSinks())
        .containsExactlyInAnyOrder(
            "toString",
            "toString in a list",
            "toString of what is kept inside",
            "Java serialisation",
            "Jackson",
            "Jackson, lenient",
            "Jackson, as a property",
            "Gson",
            "Gson, tolerant");
  }

  @Test
  void leakBehindAnAccessor_isFound() {
    sinks.object("planted", new Outer(new Everywhere(canary.text())));

    assertThat(sinks.leaks()).anyMatch(leak -> leak.startsWith("toString: planted -> Everywhere"));
  }

  @Test
  void leakInAnException_isFoundInEverySinkOfExceptions() {
    IllegalStateException thrown =
        new IllegalStateException(canary.text(), new IllegalArgumentException(canary.text()));
    thrown.addSuppressed(new UnsupportedOperationException(canary.text()));
    sinks.object("planted", thrown);

    assertThat(leakingSinks())
        .containsExactlyInAnyOrder(
            "toString",
            "exception message",
            "exception localized message",
            "exception toString",
            "stack trace",
            "cause",
            "suppressed exception");
  }

  @Test
  void leakDeepInAnException_isFoundInTheStackTrace() {
    sinks.object(
        "planted",
        new IllegalStateException(
            "a", new IllegalStateException("b", new IllegalStateException(canary.text()))));

    assertThat(leakingSinks()).containsExactly("stack trace");
  }

  @Test
  void leakInTheLog_isFound() {
    LogRecord entry = new LogRecord(Level.FINEST, canary.text() + " {0}");
    entry.setParameters(new Object[] {canary.text()});
    entry.setThrown(new IllegalStateException(canary.text()));
    sinks.logRecord(entry);

    assertThat(leakingSinks())
        .contains("log message", "log line", "log parameter", "exception message", "stack trace");
  }

  @Test
  void leakInTheSurroundings_isFound(@TempDir Path directory) throws Exception {
    ObjectName name = new ObjectName("planted:type=Leak");
    Thread thread = new Thread(() -> pause(), canary.text());
    thread.setDaemon(true);
    thread.start();
    System.setProperty("planted", canary.text());
    ManagementFactory.getPlatformMBeanServer().registerMBean(new Leak(canary.text()), name);
    try (Surroundings surroundings = Surroundings.watch()) {
      System.getLogger("planted").log(System.Logger.Level.TRACE, canary.text());
      thrownAndCaught();
      surroundings.takeLogRecords().forEach(sinks::logRecord);
      surroundings.lookAtThreads(sinks);
      surroundings.lookAtProcess(sinks);
      surroundings.lookAtManagementBeans(sinks);
      surroundings.lookAtRecording(sinks, directory);
      Files.write(directory.resolve("a file"), canary.text().getBytes(UTF_8));
      Files.createDirectory(
          directory.resolve(canary.text().substring(canary.text().length() / 2)));
      surroundings.lookAtFiles(sinks, directory);
    } finally {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
      System.clearProperty("planted");
      thread.interrupt();
    }

    assertThat(leakingSinks())
        .contains(
            "log message",
            "log line",
            "thread name",
            "thread dump",
            "system properties",
            "management bean",
            "flight recording",
            "file",
            "file name");
  }

  @Test
  void leakInTheStandardStreams_isFound() {
    try (Surroundings surroundings = Surroundings.watch()) {
      System.out.println(canary.text());
      System.err.println(canary.text());
      surroundings.lookAtStreams(sinks);
    }

    assertThat(leakingSinks()).containsExactlyInAnyOrder("standard output", "standard error");
  }

  @Test
  void leakInAFile_isFoundByItsBytes() {
    sinks.bytes("/proc/self/cmdline", "planted", canary.text().getBytes(UTF_8));

    assertThat(leakingSinks()).containsExactly("/proc/self/cmdline");
  }

  private void thrownAndCaught() {
    try {
      throw new IllegalStateException(canary.text());
    } catch (IllegalStateException e) {
      // It is in the flight recording now.
    }
  }

  private static void pause() {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Set<String> leakingSinks() {
    Set<String> names = new TreeSet<>();
    sinks.leaks().forEach(leak -> names.add(leak.substring(0, leak.indexOf(':'))));
    return names;
  }

  /** Shows its value wherever it can. */
  record Everywhere(String text) implements Serializable {}

  /** Leads to the other. */
  record Outer(Everywhere inner) {
    @Override
    public String toString() {
      return "Outer";
    }
  }

  /** A management bean. */
  public interface LeakMBean {
    /** The attribute. */
    String getText();
  }

  private record Leak(String text) implements LeakMBean, Serializable {
    @Override
    public String getText() {
      return text;
    }
  }
}
