package tech.tailor.secretmanager.jdbc;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;

/**
 * Opens connections to a database with the user and password that the secret manager holds now. It
 * pools nothing: put it under the application's pool, which then needs no user and no password of
 * its own.
 *
 * <pre>{@code
 * SecretDataSource logins = SecretDataSource.builder(secretManager)
 *     .url(URL)
 *     .user("app")
 *     .password(SecretRef.parse("orders/db-password"))
 *     .build();
 * HikariConfig config = new HikariConfig();
 * config.setDataSource(logins);
 * }</pre>
 *
 * <p><b>Rotation</b> needs no restart. A login that the database rejects is repeated as soon as the
 * backend gives another user or password, for as long as the manager's {@code rejectionTimeout}, by
 * default 5 seconds; keep that shorter than the pool's own time to wait for a connection. A secret
 * that was rejected is never tried again in the same call. The user and the password of an attempt
 * are always of one answer of the backend. Connections that are open stay open.
 *
 * <p><b>Rejected</b> is a login that fails with an SQLState of the class 28 (PostgreSQL, MySQL,
 * MariaDB, DB2, H2), with Oracle's code 1017 or SQL Server's 18456, and what
 * {@link Builder#rejectedIf} adds. Any other failure is thrown at once, as it is.
 *
 * <p><b>The password</b> must become a {@code String}, since JDBC takes nothing else; none is kept.
 * It is in no {@code toString}, and an exception of the driver that quotes it (from six characters
 * on) is replaced by one that doesn't.
 *
 * <p>Thread-safe. The manager stays the caller's: close it after the pool.
 */
public final class SecretDataSource implements DataSource {

  private final SecretManager manager;
  private final Logins logins;
  private final Connector connector;
  private final Predicate<? super SQLException> alsoRejected;

  private SecretDataSource(
      SecretManager manager,
      Logins logins,
      Connector connector,
      Predicate<? super SQLException> alsoRejected) {
    this.manager = manager;
    this.logins = logins;
    this.connector = connector;
    this.alsoRejected = alsoRejected;
  }

  /** Returns a builder of a data source whose logins are read from the manager. */
  public static Builder builder(SecretManager manager) {
    return new Builder(requireNonNull(manager, "manager"));
  }

  /**
   * Logs in, and returns a new connection, which is the caller's to close.
   *
   * @throws SQLException if the login fails; also if the user or the password can't be read, with
   *     the {@link SecretManagerException} as its cause
   */
  @Override
  public Connection getConnection() throws SQLException {
    try {
      return logins.connect(manager, this::connect, this::isRejected);
    } catch (SecretManagerException | IllegalStateException e) {
      throw LoginFailures.notRead(e);
    }
  }

  private Connection connect(String user, String password) throws SQLException {
    Connection connection;
    try {
      connection = connector.connect(user, password);
    } catch (SQLException | RuntimeException e) {
      throw asSqlException(LoginFailures.withoutPassword(e, user, password));
    }
    if (connection == null) {
      throw new SQLNonTransientConnectionException(
          "The driver or connector gave no connection", "08001");
    }
    return connection;
  }

  /** A connector's own unchecked exception passes as a cause, not as one of reading the secret. */
  private static SQLException asSqlException(Exception failure) {
    return failure instanceof SQLException e
        ? e
        : new SQLNonTransientConnectionException(
            "The connector failed: " + failure.getMessage(), "08001", failure);
  }

  private boolean isRejected(Exception failure) {
    return failure instanceof SQLException e && (LoginFailures.isRejected(e) || isRejectedToo(e));
  }

  private boolean isRejectedToo(SQLException failure) {
    try {
      return alsoRejected.test(failure);
    } catch (RuntimeException e) { // the driver's exception matters more
      failure.addSuppressed(e);
      return false;
    }
  }

  /**
   * Refused: user and password are the secrets'.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "A SecretDataSource takes user and password from the secret manager;"
            + " give the pool neither a user nor a password");
  }

  /** Returns null: nothing is logged. */
  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  /**
   * Refused: nothing is logged.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public void setLogWriter(@Nullable PrintWriter writer) throws SQLException {
    throw new SQLFeatureNotSupportedException("A SecretDataSource logs nothing");
  }

  /** Returns 0, the driver's default. */
  @Override
  public int getLoginTimeout() {
    return 0;
  }

  /**
   * Refused: JDBC has no way to pass it to one driver alone. Set the driver's own property, such as
   * {@code loginTimeout} of PostgreSQL's.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "A SecretDataSource has no login timeout; set the driver's own, in the URL or by property()");
  }

  /**
   * Refused: nothing is logged.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("A SecretDataSource logs nothing");
  }

  /**
   * Returns this object as one of its own types.
   *
   * @throws SQLException if it is not of that type
   */
  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!isWrapperFor(type)) {
      throw new SQLException("A SecretDataSource is no " + type.getName());
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return requireNonNull(type, "type").isInstance(this);
  }

  /** Returns the references of the secrets, and nothing of what they hold. */
  @Override
  public String toString() {
    return "SecretDataSource[" + logins + "]";
  }

  /**
   * Builds a {@link SecretDataSource}. It needs where to connect to ({@link #url} or
   * {@link #connector}), and where user and password come from: {@link #user} and
   * {@link #password}, or {@link #login}. Not thread-safe.
   */
  public static final class Builder {

    /** A parameter for the user or the password, but not one for the password of a key. */
    private static final Pattern LOGIN_PARAMETER =
        Pattern.compile("(?i)[?&;:,(]\\s*(?:user|username|uid|password|passwd|pwd)\\s*=");

    /** As in {@code //user:password@host} and {@code thin:user/password@host}. */
    private static final Pattern LOGIN_BEFORE_HOST =
        Pattern.compile("//[^/@?]*@|(?i)^jdbc:oracle:[^:@]*:[^@(]*/[^@(]*@");

    private final SecretManager manager;
    private final Properties properties = new Properties();
    private @Nullable String url;
    private @Nullable Connector connector;
    private @Nullable String userName;
    private @Nullable SecretRef user;
    private @Nullable SecretRef password;
    private @Nullable Logins login;
    private Predicate<? super SQLException> alsoRejected = failure -> false;

    private Builder(SecretManager manager) {
      this.manager = manager;
    }

    /**
     * Connects to a JDBC URL, with the driver for it that {@link DriverManager} sees from here, or
     * one that is a service of the context class loader of the thread that builds the data source.
     *
     * @param jdbcUrl the URL, without a user or a password: a driver might prefer them
     * @throws IllegalArgumentException if there is a user or a password in the URL
     */
    public Builder url(String jdbcUrl) {
      if (LOGIN_PARAMETER.matcher(requireNonNull(jdbcUrl, "jdbcUrl")).find()
          || LOGIN_BEFORE_HOST.matcher(jdbcUrl).find()) {
        throw new IllegalArgumentException(
            "The URL holds a user or a password; take both out, and use user() and password()");
      }
      this.url = jdbcUrl;
      return this;
    }

    /**
     * Gives the driver a property with each login, such as {@code loginTimeout}. It is kept as
     * text, and so is nothing for a secret.
     *
     * @throws IllegalArgumentException if it is {@code user} or {@code password}
     */
    public Builder property(String name, String setting) {
      requireNonNull(name, "name");
      requireNonNull(setting, "setting");
      if (name.equalsIgnoreCase("user") || name.equalsIgnoreCase("password")) {
        throw new IllegalArgumentException(
            "The property " + name + " is set with each login; use user() and password()");
      }
      properties.setProperty(name, setting);
      return this;
    }

    /** Connects by a function of the caller's, instead of a URL. */
    public Builder connector(Connector function) {
      this.connector = requireNonNull(function, "function");
      return this;
    }

    /** Logs in as this user, whose name is no secret. */
    public Builder user(String name) {
      this.userName = requireNonNull(name, "name");
      this.user = null;
      return this;
    }

    /** Logs in as the user whose name is in a secret, of the same vault as the password. */
    public Builder user(SecretRef secret) {
      this.user = requireNonNull(secret, "secret");
      this.userName = null;
      return this;
    }

    /** Logs in with the password in this secret. */
    public Builder password(SecretRef secret) {
      this.password = requireNonNull(secret, "secret");
      return this;
    }

    /**
     * Logs in with one secret that is a JSON object with the members {@code username} and
     * {@code password}, as AWS and other services write it.
     */
    public Builder login(SecretRef secret) {
      return login(secret, "username", "password");
    }

    /** Logs in with one secret that is a JSON object, and names the members to be used. */
    public Builder login(SecretRef secret, String userMember, String passwordMember) {
      this.login = new Logins.JsonSecret(
          requireNonNull(secret, "secret"),
          requireNonNull(userMember, "userMember"),
          requireNonNull(passwordMember, "passwordMember"));
      return this;
    }

    /**
     * Takes more failures for a rejected login than those that the class names.
     *
     * @param isRejected must not look at anything but the exception, which is one in its place if
     *     the driver's quotes the password
     */
    public Builder rejectedIf(Predicate<? super SQLException> isRejected) {
      this.alsoRejected = requireNonNull(isRejected, "isRejected");
      return this;
    }

    /**
     * Returns the data source. Nothing is read and no connection is opened yet.
     *
     * @throws IllegalStateException if a setting is missing or contradicts another, or if no driver
     *     accepts the URL
     */
    public SecretDataSource build() {
      return new SecretDataSource(manager, logins(), connectorOrDriver(), alsoRejected);
    }

    private Logins logins() {
      if (login != null) {
        if (user != null || userName != null || password != null) {
          throw new IllegalStateException("Set login(), or user() and password(), but not both");
        }
        return login;
      }
      if (password == null || (user == null && userName == null)) {
        throw new IllegalStateException("Set user() and password(), or login()");
      }
      if (user == null) {
        return new Logins.FixedUser(requireNonNull(userName), password);
      }
      if (!user.vault().equals(password.vault())) {
        throw new IllegalStateException("The user " + user + " and the password " + password
            + " are in different vaults, which can't be read together; put both into one vault");
      }
      return new Logins.TwoSecrets(user, password);
    }

    private Connector connectorOrDriver() {
      if ((url == null) == (connector == null)) {
        throw new IllegalStateException("Set either url() or connector()");
      }
      if (connector != null) {
        if (!properties.isEmpty()) {
          throw new IllegalStateException("A connector takes no property(); only a url() does");
        }
        return connector;
      }
      return driver(requireNonNull(url), properties);
    }

    private static Connector driver(String url, Properties properties) {
      Properties fixed = new Properties();
      fixed.putAll(properties);
      Driver driver = Drivers.of(url);
      return (user, password) -> {
        Properties login = new Properties();
        login.putAll(fixed);
        login.setProperty("user", user);
        login.setProperty("password", password);
        return driver.connect(url, login);
      };
    }
  }
}
