package tech.tailor.secretmanager.postgresql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Counts what a data source and its connections are asked for. */
final class CountingDataSource {

  private static final Set<String> REQUESTS =
      Set.of("prepareStatement", "createStatement", "commit", "rollback");

  private CountingDataSource() {}

  /** Counts the connections. */
  static DataSource of(DataSource real, AtomicInteger connections) {
    return of(real, connections, new AtomicInteger());
  }

  /**
   * Counts the connections, and the requests to the server: statements, and ends of transactions.
   */
  static DataSource of(DataSource real, AtomicInteger connections, AtomicInteger requests) {
    return proxy(DataSource.class, real, Set.of("getConnection"), connections, requests);
  }

  private static <T> T proxy(
      Class<T> type, T real, Set<String> counted, AtomicInteger count, AtomicInteger requests) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          if (counted.contains(method.getName())) {
            count.incrementAndGet();
          }
          try {
            Object result = method.invoke(real, arguments);
            return method.getName().equals("getConnection")
                ? proxy(Connection.class, (Connection) result, REQUESTS, requests, requests)
                : result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }
}
