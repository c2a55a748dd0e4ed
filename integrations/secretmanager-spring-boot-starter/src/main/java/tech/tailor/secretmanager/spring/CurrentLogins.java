package tech.tailor.secretmanager.spring;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Logs in again where a secret changed in the course of a login: the pool, which replaces its
 * connections then, doesn't know that one yet. Thread-safe.
 */
final class CurrentLogins extends DelegatingDataSource {

  /** A secret that changes faster than the database answers has no current login. */
  private static final int ATTEMPTS = 3;

  private final AtomicInteger changes = new AtomicInteger();

  CurrentLogins(DataSource logins) {
    super(logins);
  }

  void secretChanged() {
    changes.incrementAndGet();
  }

  @Override
  public Connection getConnection() throws SQLException {
    for (int attempt = 1; ; attempt++) {
      int before = changes.get();
      Connection connection = super.getConnection();
      if (changes.get() == before || attempt == ATTEMPTS) {
        return connection;
      }
      connection.close();
    }
  }
}
