package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Many clients that ask a web application again and again, until this is closed. */
final class Requests implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger done = new AtomicInteger();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads;

  private Requests(int clients) {
    this.threads = Executors.newFixedThreadPool(clients);
  }

  static Requests start(int clients, URI uri) {
    Requests requests = new Requests(clients);
    for (int i = 0; i < clients; i++) {
      requests.threads.execute(() -> requests.askUntilOver(uri));
    }
    return requests;
  }

  private void askUntilOver(URI uri) {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
    while (!over.get()) {
      try {
        int status = client.send(request, BodyHandlers.ofString()).statusCode();
        if (status != 200) {
          failures.add("status " + status);
        }
      } catch (IOException e) {
        failures.add(e.toString());
      } catch (InterruptedException e) {
        return;
      }
      done.incrementAndGet();
    }
  }

  int done() {
    return done.get();
  }

  Queue<String> failures() {
    return failures;
  }

  /** Waits until this many more are answered, well or not. */
  void await(int more) throws InterruptedException {
    int enough = done.get() + more;
    while (done.get() < enough) {
      Thread.sleep(10);
    }
  }

  /** Lets each client end its request. */
  @Override
  public void close() {
    over.set(true);
    threads.shutdown();
    try {
      if (threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
    throw new IllegalStateException("A request did not end");
  }
}
