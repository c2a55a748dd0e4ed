package tech.tailor.secretmanager.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Dns;
import tech.tailor.secretmanager.SecretSupport;

/**
 * Resolves names within a bound, which the system's resolver doesn't have: the look-up runs on a
 * thread of its own, one for each name, and goes on there when the call stops waiting.
 */
final class BoundedDns implements Dns {

  /** Of the call that this thread makes: OkHttp does not tell a resolver which call asks. */
  private static final ThreadLocal<Deadline> DEADLINE = new ThreadLocal<>();

  private final Dns resolver;
  private final Duration bound;
  private final Executor threads;
  private final Map<String, FutureTask<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

  BoundedDns(Dns resolver, Duration bound) {
    this(
        resolver,
        bound,
        lookup ->
            SecretSupport.newDaemonThread("secretmanager-http-lookup", lookup).start());
  }

  /** For tests: with threads of their own. */
  BoundedDns(Dns resolver, Duration bound, Executor threads) {
    this.resolver = resolver;
    this.bound = bound;
    this.threads = threads;
  }

  /** A name was not resolved in time. */
  static final class TimedOutException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    TimedOutException() {
      super("not resolved in time");
    }
  }

  /** The system gives no thread to resolve a name on. */
  static final class NoThreadException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    NoThreadException() {
      super("no thread");
    }
  }

  /** Sets by when this thread's look-ups have to be over, in addition to the bound. */
  static void callBegins(Deadline by) {
    DEADLINE.set(by);
  }

  static void callEnds() {
    DEADLINE.remove();
  }

  @Override
  public List<InetAddress> lookup(String name) throws UnknownHostException {
    try {
      FutureTask<List<InetAddress>> lookup = underWay.computeIfAbsent(name, this::begin);
      return lookup.get(waitNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new UnknownHostException(name);
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      throw new NoThreadException();
    } catch (TimeoutException e) {
      throw new TimedOutException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimedOutException();
    }
  }

  private FutureTask<List<InetAddress>> begin(String name) {
    FutureTask<List<InetAddress>> lookup = new FutureTask<>(() -> resolver.lookup(name)) {
      @Override
      protected void done() {
        underWay.remove(name, this);
      }
    };
    threads.execute(lookup);
    return lookup;
  }

  private long waitNanos() {
    Deadline by = DEADLINE.get();
    return by == null ? bound.toNanos() : Math.min(bound.toNanos(), by.leftNanos());
  }
}
