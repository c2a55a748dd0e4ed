package tech.tailor.secretmanager.testing.emulator;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import wiremock.org.eclipse.jetty.io.Connection;
import wiremock.org.eclipse.jetty.io.EndPoint;
import wiremock.org.eclipse.jetty.server.HttpConnection;

/**
 * Watches the connections, so that those who hold many and say little don't keep others out. When
 * there are too many, whoever has waited longest without a request with a valid token has to leave.
 * Headers that take too long end the connection.
 */
final class Doorman implements Connection.Listener {

  private final int maxConnections;
  private final long headerNanos;
  private final LongSupplier ticker;
  private final Map<EndPoint, Visit> visits = new ConcurrentHashMap<>();

  Doorman(int maxConnections, long headerNanos, LongSupplier ticker) {
    this.maxConnections = maxConnections;
    this.headerNanos = headerNanos;
    this.ticker = ticker;
  }

  /** One connection. Guarded by itself. */
  private static final class Visit {

    private final long openedNanos;
    private boolean admitted;
    private int underWay;
    private long bytesAtRest;
    private long speakingSinceNanos;
    private boolean speaking;

    private Visit(long openedNanos) {
      this.openedNanos = openedNanos;
    }
  }

  int connections() {
    return visits.size();
  }

  @Override
  public void onOpened(Connection connection) {
    EndPoint endPoint = connection.getEndPoint();
    visits.computeIfAbsent(endPoint, key -> new Visit(ticker.getAsLong()));
    while (visits.size() > maxConnections) {
      EndPoint leaving = longestStranger().orElse(endPoint);
      visits.remove(leaving);
      leaving.close();
    }
  }

  /** The first lines of HTTP/2 replace the connection and keep its end point. */
  @Override
  public void onClosed(Connection connection) {
    EndPoint endPoint = connection.getEndPoint();
    if (!endPoint.isOpen()) {
      visits.remove(endPoint);
    }
  }

  /** A request has come, headers and all. */
  void begin(EndPoint endPoint) {
    Visit visit = visits.get(endPoint);
    if (visit != null) {
      synchronized (visit) {
        visit.underWay++;
        visit.speaking = false;
      }
    }
  }

  /** Its token was found valid. */
  void admit(EndPoint endPoint) {
    Visit visit = visits.get(endPoint);
    if (visit != null) {
      synchronized (visit) {
        visit.admitted = true;
      }
    }
  }

  /** It has been answered. */
  void end(EndPoint endPoint) {
    Visit visit = visits.get(endPoint);
    if (visit != null) {
      synchronized (visit) {
        visit.underWay--;
        visit.bytesAtRest = endPoint.getConnection().getBytesIn();
      }
    }
  }

  /** Closes the connections that have begun a request and not got through its headers in time. */
  void closeTheSlow() {
    long now = ticker.getAsLong();
    visits.forEach((endPoint, visit) -> {
      if (!endPoint.isOpen() || isTooSlow(endPoint, visit, now)) {
        visits.remove(endPoint);
        endPoint.close();
      }
    });
  }

  private boolean isTooSlow(EndPoint endPoint, Visit visit, long now) {
    synchronized (visit) {
      if (visit.underWay > 0) {
        return false;
      }
      if (!visit.admitted) {
        return now - visit.openedNanos > headerNanos;
      }
      Connection connection = endPoint.getConnection();
      // Over HTTP/2 there is traffic without requests.
      if (!(connection instanceof HttpConnection) || connection.getBytesIn() == visit.bytesAtRest) {
        visit.speaking = false;
        return false;
      }
      if (!visit.speaking) {
        visit.speaking = true;
        visit.speakingSinceNanos = now;
      }
      return now - visit.speakingSinceNanos > headerNanos;
    }
  }

  private Optional<EndPoint> longestStranger() {
    return visits.entrySet().stream()
        .filter(entry -> {
          synchronized (entry.getValue()) {
            return !entry.getValue().admitted && entry.getValue().underWay == 0;
          }
        })
        .min(Comparator.comparingLong(
            (Map.Entry<EndPoint, Visit> entry) -> entry.getValue().openedNanos))
        .map(Map.Entry::getKey);
  }
}
