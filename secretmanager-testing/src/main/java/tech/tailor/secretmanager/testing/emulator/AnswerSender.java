package tech.tailor.secretmanager.testing.emulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import wiremock.jakarta.servlet.AsyncContext;
import wiremock.jakarta.servlet.AsyncEvent;
import wiremock.jakarta.servlet.AsyncListener;
import wiremock.jakarta.servlet.ReadListener;
import wiremock.jakarta.servlet.ServletInputStream;
import wiremock.jakarta.servlet.http.HttpServletRequest;
import wiremock.jakarta.servlet.http.HttpServletResponse;
import wiremock.org.eclipse.jetty.io.EndPoint;

/** Sends answers, well or as a fault has it. Waiting takes no thread of the server's. */
final class AnswerSender {

  private static final int MIN_GZIP_BYTES = 256;
  private static final int SLOW_PIECES = 10;
  private static final int DRAIN_MILLIS = 2_000;
  private static final int MAX_DRAINED_BYTES = 2 << 20;

  private final ScheduledExecutorService scheduler;

  AnswerSender(ScheduledExecutorService scheduler) {
    this.scheduler = scheduler;
  }

  /** One answer on its way. */
  private record Delivery(
      HttpServletRequest request,
      HttpServletResponse response,
      EndPoint endPoint,
      Answer answer,
      Runnable whenDone) {

    /** Sets the headers, and gives the body as it is to be written. */
    private byte[] prepare() {
      response.setStatus(answer.status());
      answer.headers().forEach(response::setHeader);
      byte[] body = answer.body().toByteArray();
      if (answer.status() == 200
          && body.length >= MIN_GZIP_BYTES
          && HttpRequests.takesGzip(request)) {
        body = gzip(body);
        response.setHeader("Content-Encoding", "gzip");
      }
      return body;
    }
  }

  /**
   * Sends the answer, now or later.
   *
   * @param bodyRead whether the request's body was read to its end
   * @param whenDone is run once nothing more is sent
   * @throws IOException if the connection breaks
   */
  void send(
      HttpServletRequest request,
      HttpServletResponse response,
      EndPoint endPoint,
      Answer answer,
      Fault.Kind how,
      long nanos,
      boolean bodyRead,
      Runnable whenDone)
      throws IOException {
    Delivery delivery = new Delivery(request, response, endPoint, answer, whenDone);
    switch (how) {
      case LATENCY -> sendLate(delivery, nanos);
      case SLOW_BODY -> sendSlowly(delivery, nanos);
      case RESET -> cut(delivery, true);
      case TRUNCATED_BODY -> sendHalf(delivery);
      default -> {
        if (bodyRead || !request.getProtocol().equals("HTTP/1.1")) {
          sendNow(delivery);
        } else {
          sendThenDrain(delivery);
        }
      }
    }
  }

  private static void sendNow(Delivery delivery) throws IOException {
    try {
      byte[] body = delivery.prepare();
      delivery.response().setContentLength(body.length);
      delivery.response().getOutputStream().write(body);
    } finally {
      delivery.whenDone().run();
    }
  }

  /**
   * Answers, then takes in what still comes of the body. Over HTTP/1.1 a client writes its whole
   * body before it looks for an answer, and would find the connection closed instead. No thread
   * waits for it, and not for long.
   */
  private static void sendThenDrain(Delivery delivery) throws IOException {
    AsyncContext context = delivery.request().startAsync();
    context.setTimeout(DRAIN_MILLIS);
    AtomicBoolean ended = new AtomicBoolean();
    Runnable end = () -> {
      if (ended.compareAndSet(false, true)) {
        context.complete();
        delivery.whenDone().run();
      }
    };
    try {
      byte[] body = delivery.prepare();
      delivery.response().setContentLength(body.length);
      delivery.response().getOutputStream().write(body);
      delivery.response().flushBuffer();
      context.addListener(new EndsInTime(end));
      delivery
          .request()
          .getInputStream()
          .setReadListener(new Drain(delivery.request().getInputStream(), end));
    } catch (IOException | RuntimeException e) {
      end.run();
      throw e;
    }
  }

  /** Reads and forgets, up to a limit. */
  private static final class Drain implements ReadListener {

    private final ServletInputStream in;
    private final Runnable end;
    private final byte[] buffer = new byte[8192];
    private long drained;

    private Drain(ServletInputStream in, Runnable end) {
      this.in = in;
      this.end = end;
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (in.isReady() && !in.isFinished()) {
        drained += Math.max(0, in.read(buffer));
        if (drained > MAX_DRAINED_BYTES) {
          end.run();
          return;
        }
      }
    }

    @Override
    public void onAllDataRead() {
      end.run();
    }

    @Override
    public void onError(Throwable t) {
      end.run();
    }
  }

  /** Whoever goes on for too long is left. */
  private record EndsInTime(Runnable end) implements AsyncListener {

    @Override
    public void onComplete(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}

    @Override
    public void onTimeout(AsyncEvent event) {
      end.run();
    }

    @Override
    public void onError(AsyncEvent event) {
      end.run();
    }
  }

  private void sendLate(Delivery delivery, long nanos) {
    AsyncContext context = delivery.request().startAsync();
    context.setTimeout(0);
    schedule(nanos, () -> {
      try {
        sendNow(delivery);
      } catch (IOException e) {
        // Whoever asked has gone.
      } finally {
        context.complete();
      }
    });
  }

  private void sendSlowly(Delivery delivery, long nanos) {
    AsyncContext context = delivery.request().startAsync();
    context.setTimeout(0);
    byte[] body = delivery.prepare();
    delivery.response().setContentLength(body.length);
    sendPiece(delivery, context, body, 0, nanos / SLOW_PIECES);
  }

  private void sendPiece(
      Delivery delivery, AsyncContext context, byte[] body, int from, long pauseNanos) {
    schedule(pauseNanos, () -> {
      int size = Math.max(1, (body.length + SLOW_PIECES - 1) / SLOW_PIECES);
      int to = Math.min(body.length, from + size);
      boolean goesOn = false;
      try {
        OutputStream out = delivery.response().getOutputStream();
        out.write(body, from, to - from);
        out.flush();
        goesOn = to < body.length;
      } catch (IOException e) {
        // Whoever asked has gone.
      }
      if (goesOn) {
        sendPiece(delivery, context, body, to, pauseNanos);
      } else {
        context.complete();
        delivery.whenDone().run();
      }
    });
  }

  private static void sendHalf(Delivery delivery) throws IOException {
    byte[] body = delivery.prepare();
    try {
      // At least one byte is promised and not sent.
      delivery.response().setContentLength(Math.max(body.length, 1));
      OutputStream out = delivery.response().getOutputStream();
      out.write(body, 0, body.length / 2);
      out.flush();
    } finally {
      cut(delivery, false);
    }
  }

  private static void cut(Delivery delivery, boolean byReset) {
    try {
      if (byReset && delivery.endPoint().getTransport() instanceof SocketChannel channel) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException e) {
      // It is closed already, which is as good.
    } finally {
      delivery.endPoint().close();
      delivery.whenDone().run();
    }
  }

  private void schedule(long nanos, Runnable task) {
    // Its tasks end the answer themselves, whatever happens; nobody waits for them.
    ScheduledFuture<?> unused = scheduler.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError("Writing to memory does not fail", e);
    }
    return compressed.toByteArray();
  }
}
