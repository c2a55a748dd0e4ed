package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.AbstractDataSource;

class CurrentLoginsTest {

  private final List<Connection> opened = new ArrayList<>();

  @Test
  void login_isRepeated_whereASecretChangedMeanwhile() throws SQLException {
    try (Connection connection = logins(attempt -> attempt == 1).getConnection()) {
      assertThat(opened).hasSize(2).last().isSameAs(connection);
      assertThat(opened.get(0).isClosed()).isTrue();
      assertThat(connection.isClosed()).isFalse();
    }
  }

  @Test
  void login_isNotRepeated_whereNothingChanged() throws SQLException {
    logins(attempt -> false).getConnection().close();
    assertThat(opened).hasSize(1);
  }

  @Test
  void login_isNotRepeatedForEver() throws SQLException {
    try (Connection connection = logins(attempt -> true).getConnection()) {
      assertThat(opened).hasSize(3).last().isSameAs(connection);
      assertThat(connection.isClosed()).isFalse();
    }
  }

  private CurrentLogins logins(IntPredicate changes) {
    CurrentLogins[] logins = new CurrentLogins[1];
    logins[0] = new CurrentLogins(new AbstractDataSource() {
      @Override
      public Connection getConnection() throws SQLException {
        opened.add(DriverManager.getConnection("jdbc:h2:mem:"));
        if (changes.test(opened.size())) {
          logins[0].secretChanged();
        }
        return opened.get(opened.size() - 1);
      }

      @Override
      public Connection getConnection(String user, String password) {
        throw new UnsupportedOperationException();
      }
    });
    return logins[0];
  }
}
