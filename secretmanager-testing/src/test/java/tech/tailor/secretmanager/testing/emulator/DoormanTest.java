package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import wiremock.org.eclipse.jetty.io.ByteArrayEndPoint;
import wiremock.org.eclipse.jetty.io.Connection;
import wiremock.org.eclipse.jetty.io.EndPoint;

class DoormanTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong now = new AtomicLong();
  private final Doorman doorman = new Doorman(3, 10 * SECOND, now::get);

  @Test
  void fullHouse_showsOutTheLongestStranger() {
    EndPoint first = arrive();
    EndPoint second = arrive();
    EndPoint third = arrive();
    admit(first);

    EndPoint fourth = arrive();

    assertThat(open(first, second, third, fourth)).containsExactly(true, false, true, true);
    assertThat(doorman.connections()).isEqualTo(3);
  }

  @Test
  void houseFullOfGuests_letsNobodyElseIn() {
    EndPoint first = arrive();
    EndPoint second = arrive();
    EndPoint third = arrive();
    admit(first);
    admit(second);
    admit(third);

    EndPoint fourth = arrive();

    assertThat(open(first, second, third, fourth)).containsExactly(true, true, true, false);
  }

  @Test
  void whoIsBeingAnswered_isNotShownOut() {
    EndPoint first = arrive();
    doorman.begin(first);
    EndPoint second = arrive();
    arrive();
    arrive();

    assertThat(open(first, second)).containsExactly(true, false);
  }

  @Test
  void whoSaysNothingInTime_isShownOut() {
    EndPoint silent = arrive();
    EndPoint answered = arrive();
    EndPoint underWay = arrive();
    admit(answered);
    doorman.begin(underWay);

    now.set(1 + 10 * SECOND); // the first came at 1
    doorman.closeTheSlow();
    assertThat(open(silent, answered, underWay)).containsExactly(true, true, true);
    now.addAndGet(1);
    doorman.closeTheSlow();
    assertThat(open(silent, answered, underWay)).containsExactly(false, true, true);
  }

  @Test
  void whoLeaves_isForgotten() {
    EndPoint endPoint = arrive();
    endPoint.close();
    doorman.onClosed(endPoint.getConnection());

    assertThat(doorman.connections()).isZero();
  }

  /** The first lines of HTTP/2 put another connection on the same end point. */
  @Test
  void upgrade_isTheSameVisit() {
    EndPoint endPoint = arrive();
    doorman.onClosed(endPoint.getConnection());
    doorman.onOpened(connection(endPoint));

    assertThat(doorman.connections()).isEqualTo(1);
  }

  private EndPoint arrive() {
    now.incrementAndGet();
    EndPoint endPoint = new ByteArrayEndPoint();
    Connection connection = connection(endPoint);
    endPoint.setConnection(connection);
    doorman.onOpened(connection);
    return endPoint;
  }

  private void admit(EndPoint endPoint) {
    doorman.begin(endPoint);
    doorman.admit(endPoint);
    doorman.end(endPoint);
  }

  private static List<Boolean> open(EndPoint... endPoints) {
    List<Boolean> open = new ArrayList<>();
    for (EndPoint endPoint : endPoints) {
      open.add(endPoint.isOpen());
    }
    return open;
  }

  private static Connection connection(EndPoint endPoint) {
    return (Connection) Proxy.newProxyInstance(
        DoormanTest.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> switch (method.getName()) {
          case "getEndPoint" -> endPoint;
          case "getBytesIn" -> 0L;
          case "hashCode" -> System.identityHashCode(proxy);
          case "equals" -> proxy == arguments[0];
          default -> null;
        });
  }
}
