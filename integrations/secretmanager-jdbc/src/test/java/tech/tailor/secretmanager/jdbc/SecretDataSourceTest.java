package tech.tailor.secretmanager.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.jdbc.SecretDataSource.Builder;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

class SecretDataSourceTest {

  private static final SecretRef USER = SecretRef.of("orders", "db-user");
  private static final SecretRef PASSWORD = SecretRef.of("orders", "db-password");
  private static final SecretRef LOGIN = SecretRef.of("orders", "login");
  private static final String OLD = "old-canary";
  private static final String NEW = "new-canary";

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final Database database = new Database();
  private final SecretManager manager =
      SecretManagers.builder(store).rejectionTimeout(Duration.ZERO).build();

  SecretDataSourceTest() {
    store.createVault("orders");
    store.put("orders", "db-user", "app");
    store.put("orders", "db-password", OLD);
    store.put("orders", "login", "{\"username\":\"app\",\"password\":\"" + OLD + "\"}");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void login_isThatOfTwoSecrets_ofOneJsonSecret_orOfAUserWhoIsNoSecret() throws SQLException {
    dataSource(builder -> builder.user(USER).password(PASSWORD)).getConnection().close();
    dataSource(builder -> builder.user("app").password(PASSWORD))
        .getConnection()
        .close();
    dataSource(builder -> builder.login(LOGIN)).getConnection().close();
    dataSource(builder -> builder.login(LOGIN, "password", "username"))
        .getConnection()
        .close();

    assertThat(database.logins)
        .containsExactly("app:" + OLD, "app:" + OLD, "app:" + OLD, OLD + ":app");
  }

  @Test
  void rejectedLogin_isRepeatedOnce_withTheNewPair_whateverIsCached() throws SQLException {
    for (UnaryOperator<Builder> logins : List.<UnaryOperator<Builder>>of(
        builder -> builder.user(USER).password(PASSWORD),
        builder -> builder.user("app").password(PASSWORD),
        builder -> builder.login(LOGIN))) {
      SecretDataSource dataSource = dataSource(logins);
      database.accepted = OLD;
      dataSource.getConnection().close();
      store.put("orders", "db-password", NEW);
      store.put("orders", "login", "{\"username\":\"app\",\"password\":\"" + NEW + "\"}");
      database.accepted = NEW;
      database.logins.clear();

      dataSource.getConnection().close();
      dataSource.getConnection().close();

      assertThat(database.logins).containsExactly("app:" + OLD, "app:" + NEW, "app:" + NEW);
      store.put("orders", "db-password", OLD);
      store.put("orders", "login", "{\"username\":\"app\",\"password\":\"" + OLD + "\"}");
      manager.invalidateAll();
    }
  }

  /** Another member of the JSON changes, and then the password. */
  @Test
  void rejectedPair_isNotTriedAgain_whereOnlyTheRestOfTheJsonChanged() throws SQLException {
    database.accepted = NEW;
    List<String> answers =
        new ArrayList<>(List.of(login(OLD, 1), login(OLD, 2), login(OLD, 3), login(NEW, 3)));
    SecretBackend changing = new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        if (!answers.isEmpty()) {
          store.put("orders", "login", answers.remove(0));
        }
        return store.fetch(vault, names);
      }

      @Override
      public void close() {}
    };
    try (SecretManager waiting = SecretManagers.builder(changing)
        .keepBackendOpen()
        .rejectionTimeout(Duration.ofMinutes(5))
        .build()) {
      SecretDataSource.builder(waiting)
          .connector(database)
          .login(LOGIN)
          .build()
          .getConnection()
          .close();
    }

    assertThat(database.logins).containsExactly("app:" + OLD, "app:" + NEW);
  }

  private static String login(String password, int revision) {
    return "{\"username\":\"app\",\"password\":\"" + password + "\",\"revision\":" + revision + "}";
  }

  @Test
  void rejectedLogin_isNotRepeated_withTheSamePair() {
    SecretDataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));
    database.accepted = "another";

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(dataSource::getConnection)
        .matches(e -> e.getSQLState().equals("28P01"));
    assertThat(database.logins).containsExactly("app:" + OLD);
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, 0, true", // PostgreSQL
    "28000, 1045, true", // MySQL, MariaDB, H2
    "72000, 1017, true", // Oracle
    "S0001, 18456, true", // SQL Server
    "HY000, 1017, false", // MySQL: can't find file
    "72000, 28000, false", // Oracle: the account is locked
    "08001, 0, false",
    "53300, 0, false", // PostgreSQL: too many connections
    ", 0, false",
  })
  void failure_isARejection_byItsStateAndCode(String state, int code, boolean rejected)
      throws SQLException {
    SecretDataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));
    List<SQLException> failures = new ArrayList<>();
    for (int form = 0; form < 3; form++) {
      SQLException bare = new SQLException("refused", state, code);
      SQLException failure = bare;
      if (form == 1) {
        failure = new SQLException("wrapped", bare);
      } else if (form == 2) {
        failure = new SQLException("first of two");
        failure.setNextException(bare);
      }
      failures.add(failure);
    }
    for (SQLException failure : failures) {
      store.put("orders", "db-password", OLD);
      manager.invalidateAll();
      dataSource.getConnection().close();
      store.put("orders", "db-password", NEW);
      database.logins.clear();
      database.failure = failure;

      if (rejected) {
        dataSource.getConnection().close();
        assertThat(database.logins).containsExactly("app:" + OLD, "app:" + NEW);
      } else {
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(dataSource::getConnection)
            .isSameAs(failure);
        assertThat(database.logins).containsExactly("app:" + OLD);
      }
    }
  }

  @Test
  void circleOfExceptions_isNoRejection() {
    SQLException first = new SQLException("first");
    SQLException second = new SQLException("second", first);
    first.initCause(second);
    database.failure = first;
    SecretDataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));

    // It may quote the password further on than anybody looks.
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(dataSource::getConnection)
        .withMessageContaining("withheld");
  }

  @Test
  void otherRejections_canBeNamed() throws SQLException {
    SecretDataSource dataSource = dataSource(
        builder -> builder.user(USER).password(PASSWORD).rejectedIf(e -> e.getErrorCode() == 4711));
    dataSource.getConnection().close();
    store.put("orders", "db-password", NEW);
    database.logins.clear();
    database.failure = new SQLException("expired", "99999", 4711);

    dataSource.getConnection().close();

    assertThat(database.logins).containsExactly("app:" + OLD, "app:" + NEW);
  }

  @Test
  void exceptionThatQuotesThePassword_isReplaced_andKeepsStateAndCode() {
    SecretDataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));
    SQLException next = new SQLException("a driver's");
    next.setNextException(new SQLException("tried " + OLD));
    SQLException suppressed = new SQLException("a driver's");
    suppressed.addSuppressed(new IllegalStateException(OLD));
    for (Exception failure : List.of(
        new SQLException("no user app with " + OLD, "57P03", 7),
        new SQLException("a driver's", new IllegalArgumentException("bad " + OLD)),
        next,
        suppressed,
        new IllegalArgumentException("bad " + OLD))) {
      database.failure = failure;
      SQLException thrown = catchThrowableOfType(SQLException.class, dataSource::getConnection);

      assertThat(text(thrown)).contains(failure.getClass().getName(), "withheld");
      assertThat(text(thrown)).doesNotContain("canary");
      if (failure instanceof SQLException e && e.getSQLState() != null) {
        assertThat(thrown.getSQLState()).isEqualTo("57P03");
        assertThat(thrown.getErrorCode()).isEqualTo(7);
      }
    }
  }

  @Test
  void passwordThatIsNotQuoted_leavesTheExceptionAsItIs() {
    SecretDataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));
    RuntimeException own = new IllegalArgumentException("no such region");
    database.failure = own;
    assertThatExceptionOfType(SQLNonTransientConnectionException.class)
        .isThrownBy(dataSource::getConnection)
        .withMessage("The connector failed: no such region")
        .withCause(own);
    // In development, the password is the user's name, which every driver quotes.
    store.put("orders", "db-user", "development");
    store.put("orders", "db-password", "development");
    manager.invalidateAll();
    SQLException failure = new SQLException("no database of development");
    database.failure = failure;
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(dataSource::getConnection)
        .isSameAs(failure);
    // Its class is named java.sql.SQLException, which is no quotation.
    store.put("orders", "db-password", "java.sql");
    manager.invalidateAll();
    database.failure = failure;
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(dataSource::getConnection)
        .isSameAs(failure);
  }

  @Test
  void secretThatCantBeRead_isAnSqlException_asPoolsExpect() {
    store.deleteSecret("orders", "db-password");
    assertThatExceptionOfType(SQLNonTransientConnectionException.class)
        .isThrownBy(dataSource(builder -> builder.user(USER).password(PASSWORD))::getConnection)
        .withMessageContaining("orders/db-password")
        .withCauseInstanceOf(SecretNotFoundException.class)
        .matches(e -> e.getSQLState().equals("08001"));
    store.put("orders", "login", "{\"username\":\"canary\"}");
    SQLException noMember = catchThrowableOfType(
        SQLException.class, dataSource(builder -> builder.login(LOGIN))::getConnection);
    assertThat(noMember.getCause()).isInstanceOf(SecretEncodingException.class);
    assertThat(text(noMember)).doesNotContain("canary");

    SecretBackend down = new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        throw new SecretUnavailableException("down");
      }

      @Override
      public void close() {}
    };
    SecretManager closed = SecretManagers.open(down);
    SecretDataSource dataSource =
        SecretDataSource.builder(closed).connector(database).login(LOGIN).build();
    assertThatExceptionOfType(SQLTransientConnectionException.class)
        .isThrownBy(dataSource::getConnection)
        .withCauseInstanceOf(SecretUnavailableException.class);
    closed.close();
    assertThatExceptionOfType(SQLNonTransientConnectionException.class)
        .isThrownBy(dataSource::getConnection)
        .withMessageContaining("closed");
    assertThat(database.logins).isEmpty();
  }

  @Test
  void connectorThatGivesNothing_isAnSqlException() {
    SecretDataSource dataSource = SecretDataSource.builder(manager)
        .connector((user, password) -> none())
        .login(LOGIN)
        .build();
    assertThatExceptionOfType(SQLNonTransientConnectionException.class)
        .isThrownBy(dataSource::getConnection)
        .withMessageContaining("no connection");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db/orders?password=canary",
        "jdbc:postgresql://db/orders?ssl=true&PASSWORD = canary",
        "jdbc:postgresql://db/orders?user=app",
        "jdbc:sqlserver://db:1433;databaseName=orders;password=canary",
        "jdbc:sqlserver://db:1433;user=app",
        "jdbc:h2:mem:orders;PASSWORD=canary",
        "jdbc:mysql://app:canary@db/orders",
        "jdbc:mysql://address=(host=db)(password=canary)/orders",
        "jdbc:oracle:thin:app/canary@//db:1521/orders",
        "jdbc:db2://db:50000/orders:user=app;password=canary;"
      })
  void urlWithALogin_isRefused(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretDataSource.builder(manager).url(url))
        .withMessageContaining("take both out")
        .withMessageNotContaining("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:h2:mem:a;TRACE_LEVEL_FILE=0",
        "jdbc:h2:file:/tmp/users=x/orders;IFEXISTS=TRUE",
        "jdbc:h2:tcp://[::1]:9092/orders",
      })
  void urlWithoutALogin_isTaken(String url) {
    assertThat(SecretDataSource.builder(manager).url(url).login(LOGIN).build())
        .hasToString("SecretDataSource[login=orders/login]");
  }

  @Test
  void urlsOfOtherDrivers_areTaken() {
    for (String url : List.of(
        "jdbc:oracle:thin:@//db:1521/orders",
        "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=1522)))",
        "jdbc:postgresql://db/orders?sslpassword=x&useUnicode=true",
        "jdbc:sqlserver://db;trustStorePassword=x")) {
      Builder builder = SecretDataSource.builder(manager).url(url).login(LOGIN);
      assertThatIllegalStateException()
          .isThrownBy(builder::build)
          .withMessageStartingWith("No driver accepts the URL jdbc:")
          .withMessageNotContaining("//");
    }
  }

  @Test
  void settingsThatAreMissingOrContradict_areRefused() {
    Builder none = SecretDataSource.builder(manager).connector(database);
    assertThatIllegalStateException()
        .isThrownBy(none::build)
        .withMessage("Set user() and password(), or login()");
    assertThatIllegalStateException()
        .isThrownBy(() -> SecretDataSource.builder(manager)
            .connector(database)
            .login(LOGIN)
            .user("app")
            .build())
        .withMessageContaining("but not both");
    assertThatIllegalStateException()
        .isThrownBy(() -> SecretDataSource.builder(manager)
            .connector(database)
            .user(SecretRef.of("other", "user"))
            .password(PASSWORD)
            .build())
        .withMessageContaining("put both into one vault");
    assertThatIllegalStateException()
        .isThrownBy(() -> SecretDataSource.builder(manager).login(LOGIN).build())
        .withMessage("Set either url() or connector()");
    assertThatIllegalStateException()
        .isThrownBy(() -> dataSource(builder -> builder.login(LOGIN).property("a", "b")))
        .withMessageContaining("takes no property()");
    for (String name : List.of("user", "password")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SecretDataSource.builder(manager).property(name, "x"))
          .withMessageContaining("user() and password()");
    }
  }

  @Test
  void partsOfADataSource_thatItHasNot_sayWhy() throws SQLException {
    int timeout = DriverManager.getLoginTimeout();
    DataSource dataSource = dataSource(builder -> builder.user(USER).password(PASSWORD));
    assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
        .isThrownBy(() -> dataSource.getConnection("app", "x"))
        .withMessageContaining("give the pool neither");
    assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
        .isThrownBy(() -> dataSource.setLoginTimeout(5))
        .withMessageContaining("property()");
    assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
        .isThrownBy(() -> dataSource.setLogWriter(new PrintWriter(new StringWriter())));
    assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
        .isThrownBy(dataSource::getParentLogger);
    assertThat(dataSource.getLoginTimeout()).isZero();
    assertThat(dataSource.getLogWriter()).isNull();
    assertThat(DriverManager.getLoginTimeout()).isEqualTo(timeout);
    assertThat(dataSource.isWrapperFor(SecretDataSource.class)).isTrue();
    assertThat(dataSource.unwrap(SecretDataSource.class)).isSameAs(dataSource);
    assertThat(dataSource.isWrapperFor(String.class)).isFalse();
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> dataSource.unwrap(String.class));
    assertThat(dataSource)
        .hasToString("SecretDataSource[user=orders/db-user, password=orders/db-password]");
  }

  private SecretDataSource dataSource(UnaryOperator<Builder> logins) {
    return logins.apply(SecretDataSource.builder(manager).connector(database)).build();
  }

  private static String text(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    for (SQLException next = failure instanceof SQLException e ? e.getNextException() : null;
        next != null;
        next = next.getNextException()) {
      next.printStackTrace(new PrintWriter(text, true));
    }
    return text.toString();
  }

  private static Connection none() {
    return null;
  }

  /** Accepts one password, and can be told to fail once. */
  private static final class Database implements Connector {

    final List<String> logins = new ArrayList<>();
    String accepted;
    Exception failure;

    @Override
    public Connection connect(String user, String password) throws SQLException {
      logins.add(user + ":" + password);
      Exception once = failure;
      failure = null;
      if (once instanceof SQLException e) {
        throw e;
      } else if (once instanceof RuntimeException e) {
        throw e;
      }
      if (accepted != null && !accepted.equals(password)) {
        throw new SQLException("password authentication failed for " + user, "28P01");
      }
      return (Connection) Proxy.newProxyInstance(
          Connection.class.getClassLoader(),
          new Class<?>[] {Connection.class},
          (proxy, method, arguments) -> null);
    }
  }
}
