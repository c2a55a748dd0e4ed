package tech.tailor.secretmanager.testing.emulator;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.common.Notifier;
import com.github.tomakehurst.wiremock.core.Options.ChunkedEncodingPolicy;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A WireMock server that {@link EmulatorExtension} answers for: HTTP/1.1 and HTTP/2 with prior
 * knowledge on one port of the loopback interface. It has no stubs, no files and no journal, logs
 * nothing, and refuses every call of its own administration.
 */
final class EmulatorServer {

  static final String HOST = "127.0.0.1";

  /** A delayed answer holds one for as long as it is delayed. */
  private static final int MAX_THREADS = 256;

  private static final long IDLE_MILLIS = 30_000;
  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final int ACCEPT_QUEUE = 1_024;

  /** A directory that is not there: WireMock would serve and load what it finds in its own. */
  private static final String NO_FILES = "secretmanager-emulator-has-no-files";

  private final WireMockServer server;
  private final EmulatorExtension extension;

  private EmulatorServer(WireMockServer server, EmulatorExtension extension) {
    this.server = server;
    this.extension = extension;
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any that is free
   * @throws UncheckedIOException if the port is taken
   */
  static EmulatorServer start(int port, EmulatorExtension extension) {
    WireMockServer server = new WireMockServer(WireMockConfiguration.options()
        .bindAddress(HOST)
        .port(port)
        .containerThreads(MAX_THREADS)
        .jettyAcceptQueueSize(ACCEPT_QUEUE)
        .jettyHeaderRequestSize(MAX_HEADER_BYTES)
        .jettyIdleTimeout(IDLE_MILLIS)
        .jettyStopTimeout(0L)
        .useChunkedTransferEncoding(ChunkedEncodingPolicy.NEVER)
        .withRootDirectory(NO_FILES)
        .notifier(new Silence())
        .disableRequestJournal()
        .stubRequestLoggingDisabled(true)
        .adminAuthenticator(request -> false)
        .extensionScanningEnabled(false)
        .extensions(extension));
    EmulatorServer started = new EmulatorServer(server, extension);
    try {
      server.start();
    } catch (RuntimeException e) {
      started.stop();
      throw new UncheckedIOException(
          "The emulator can't listen on port " + port + " of " + HOST + "; is it taken?",
          new IOException(e));
    }
    return started;
  }

  int port() {
    return server.port();
  }

  /** Lets the answers go that are held back to be late. */
  void releaseLateAnswers() {
    extension.releaseLateAnswers();
  }

  /** Closes all connections and ends all threads. A second call does nothing. */
  void stop() {
    extension.close();
    server.stop();
  }

  /** Drops what WireMock has to say, which may quote a request. */
  private static final class Silence implements Notifier {

    @Override
    public void info(String message) {}

    @Override
    public void error(String message) {}

    @Override
    public void error(String message, Throwable t) {}
  }
}
