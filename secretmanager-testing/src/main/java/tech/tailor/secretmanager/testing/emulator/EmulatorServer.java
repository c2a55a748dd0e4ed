package tech.tailor.secretmanager.testing.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import wiremock.jakarta.servlet.http.HttpServletRequest;
import wiremock.jakarta.servlet.http.HttpServletResponse;
import wiremock.org.eclipse.jetty.http.HttpFields;
import wiremock.org.eclipse.jetty.http.UriCompliance;
import wiremock.org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import wiremock.org.eclipse.jetty.server.HttpConfiguration;
import wiremock.org.eclipse.jetty.server.HttpConnectionFactory;
import wiremock.org.eclipse.jetty.server.Request;
import wiremock.org.eclipse.jetty.server.Server;
import wiremock.org.eclipse.jetty.server.ServerConnector;
import wiremock.org.eclipse.jetty.server.handler.ErrorHandler;
import wiremock.org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server inside WireMock, without WireMock's stubs: those read a body before anybody can
 * object, keep it, and come with an administration on the same port. HTTP/1.1 and HTTP/2 with prior
 * knowledge on one port of the loopback interface.
 */
final class EmulatorServer {

  static final String HOST = "127.0.0.1";

  private static final int MAX_THREADS = 64;
  private static final int MIN_THREADS = 4;
  private static final int IDLE_MILLIS = 30_000;
  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final int MIN_BODY_BYTES_PER_SECOND = 256;
  private static final int ACCEPT_QUEUE = 1_024;
  private static final long WATCH_MILLIS = 500;

  private final Server server;
  private final ServerConnector connector;
  private final ScheduledExecutorService scheduler;

  private EmulatorServer(
      Server server, ServerConnector connector, ScheduledExecutorService scheduler) {
    this.server = server;
    this.connector = connector;
    this.scheduler = scheduler;
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any that is free
   * @throws UncheckedIOException if the port is taken
   */
  static EmulatorServer start(
      int port, FrontDoor frontDoor, Doorman doorman, ScheduledExecutorService scheduler) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS, IDLE_MILLIS);
    threads.setName("secretmanager-emulator");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration configuration = configuration();
    ServerConnector connector = new ServerConnector(
        server,
        1,
        1,
        new HttpConnectionFactory(configuration),
        new HTTP2CServerConnectionFactory(configuration));
    connector.setHost(HOST);
    connector.setPort(port);
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.addBean(doorman);
    server.addConnector(connector);
    server.setHandler(frontDoor);
    server.setErrorHandler(new SilentErrors());
    server.setStopTimeout(0);
    EmulatorServer started = new EmulatorServer(server, connector, scheduler);
    try {
      server.start();
    } catch (Exception e) {
      started.stop();
      throw new UncheckedIOException(
          "The emulator can't listen on port " + port + " of " + HOST + "; is it taken?",
          e instanceof IOException io ? io : new IOException(e));
    }
    ScheduledFuture<?> unused = scheduler.scheduleWithFixedDelay(
        doorman::closeTheSlow, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    return started;
  }

  int port() {
    return connector.getLocalPort();
  }

  /** Closes all connections and ends all threads. A second call does nothing. */
  void stop() {
    scheduler.shutdownNow();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The emulator's server did not stop", e);
    }
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setSendDateHeader(false);
    // Who is refused is told so before the body has come.
    configuration.setDelayDispatchUntilContent(false);
    configuration.setRequestHeaderSize(MAX_HEADER_BYTES);
    configuration.setMinRequestDataRate(MIN_BODY_BYTES_PER_SECOND);
    // Odd paths come through to us, who know every path to the letter.
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    return configuration;
  }

  /** What the server itself refuses gets a status and nothing else. */
  private static final class SilentErrors extends ErrorHandler {

    @Override
    public void handle(
        String target, Request base, HttpServletRequest request, HttpServletResponse response) {
      base.setHandled(true);
    }

    @Override
    public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
      return ByteBuffer.allocate(0);
    }
  }
}
