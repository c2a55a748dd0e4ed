package tech.tailor.secretmanager.postgresql;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Connections of the data source that is the right one at that moment. */
record RoutedDataSource(Supplier<DataSource> target) implements DataSource {

  @Override
  public Connection getConnection() throws SQLException {
    return target.get().getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return target.get().getConnection(user, password);
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return target.get().getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    target.get().setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    target.get().setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return target.get().getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("not in a test");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return target.get().unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return target.get().isWrapperFor(type);
  }
}
