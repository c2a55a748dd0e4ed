package tech.tailor.secretmanager.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
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
  private final Map<String, FutureTask<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

  BoundedDns(Dns resolver, Duration bound) {
    this.resolver = resolver;
    this.bound = bound;
  }

  /** A name was not resolved in time. */
  static final class TimedOutException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    TimedOutException() {
      super("not resolved in time");
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
    FutureTask<List<InetAddress>> lookup = underWay.computeIfAbsent(name, this::begin);
    try {
      return lookup.get(waitNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new UnknownHostException(name);
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
    SecretSupport.newDaemonThread("secretmanager-http-lookup", lookup).start();
    return lookup;
  }

  private long waitNanos() {
    Deadline by = DEADLINE.get();
    return by == null ? bound.toNanos() : Math.min(bound.toNanos(), by.leftNanos());
  }
}
