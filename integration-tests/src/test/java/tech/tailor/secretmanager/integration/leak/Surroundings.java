package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/**
 * What the process writes and shows while the suite runs: its logs at the finest level, its
 * standard streams, a flight recording, its threads, its management beans, its files.
 */
final class Surroundings implements AutoCloseable {

  private final PrintStream originalOut = System.out;
  private final PrintStream originalErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Logger rootLogger = Logger.getLogger("");
  private final Level originalLevel = rootLogger.getLevel();

  /** Finer, drivers write a line for each message of their protocol: a million of them. */
  private final List<Logger> driverLoggers = Stream.of(
          "org.postgresql", "io.grpc", "io.netty", "io.vertx")
      .map(Logger::getLogger)
      .toList();

  private final CapturingHandler handler = new CapturingHandler();
  private final Recording recording;

  private Surroundings(Recording recording) {
    this.recording = recording;
  }

  /** Begins to watch. The standard streams lead here until the end. */
  static Surroundings watch() {
    try {
      Recording recording = new Recording(Configuration.getConfiguration("profile"));
      recording.enable("jdk.JavaExceptionThrow").withStackTrace();
      recording.start();
      Surroundings surroundings = new Surroundings(recording);
      System.setOut(new PrintStream(surroundings.out, true, UTF_8));
      System.setErr(new PrintStream(surroundings.err, true, UTF_8));
      surroundings.rootLogger.setLevel(Level.ALL);
      surroundings.driverLoggers.forEach(logger -> logger.setLevel(Level.FINE));
      surroundings.rootLogger.addHandler(surroundings.handler);
      return surroundings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was logged since the last call; it is kept no longer. */
  List<LogRecord> takeLogRecords() {
    List<LogRecord> taken = new ArrayList<>();
    for (LogRecord entry; (entry = handler.entries.poll()) != null; ) {
      taken.add(entry);
    }
    return taken;
  }

  void lookAtStreams(Sinks sinks) {
    sinks.bytes("standard output", "the whole run", out.toByteArray());
    sinks.bytes("standard error", "the whole run", err.toByteArray());
  }

  void lookAtThreads(Sinks sinks) {
    Thread.getAllStackTraces()
        .keySet()
        .forEach(thread -> sinks.text("thread name", "thread", thread.getName()));
    for (ThreadInfo info : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
      sinks.text("thread dump", "thread", info.toString());
    }
  }

  void lookAtProcess(Sinks sinks) throws IOException {
    sinks.text("system properties", "process", System.getProperties().toString());
    sinks.text("environment", "process", System.getenv().toString());
    for (String file : List.of("/proc/self/cmdline", "/proc/self/environ")) {
      if (Files.isReadable(Path.of(file))) {
        sinks.bytes(file, "process", Files.readAllBytes(Path.of(file)));
      }
    }
  }

  void lookAtManagementBeans(Sinks sinks) throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    for (ObjectName name : server.queryNames(null, null)) {
      for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
        sinks.text(
            "management bean", name + " " + attribute.getName(), read(server, name, attribute));
      }
    }
  }

  private static String read(MBeanServer server, ObjectName name, MBeanAttributeInfo attribute)
      throws JMException {
    try {
      Object value = server.getAttribute(name, attribute.getName());
      return value instanceof Object[] values ? List.of(values).toString() : String.valueOf(value);
    } catch (RuntimeMBeanException e) {
      return "unsupported";
    }
  }

  /** Every file below the directory: its name and what is in it. */
  void lookAtFiles(Sinks sinks, Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        sinks.text("file name", "file", file.toString());
        if (Files.isRegularFile(file)) {
          sinks.bytes("file", directory.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
  }

  /** Searched by a scanner of its own: what tests throw on purpose is in the recording. */
  void lookAtRecording(Sinks sinks, Path directory) throws IOException {
    Path file = directory.resolve("recording.jfr");
    recording.dump(file);
    sinks.bytes("flight recording", "the whole run", Files.readAllBytes(file));
    Files.delete(file);
  }

  @Override
  public void close() {
    rootLogger.removeHandler(handler);
    rootLogger.setLevel(originalLevel);
    driverLoggers.forEach(logger -> logger.setLevel(null));
    System.setOut(originalOut);
    System.setErr(originalErr);
    recording.close();
  }

  /** Keeps every entry until it is taken. */
  private static final class CapturingHandler extends Handler {

    private final Queue<LogRecord> entries = new ConcurrentLinkedQueue<>();

    private CapturingHandler() {
      setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
      entries.add(entry);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
